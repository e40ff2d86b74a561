package io.weft.serialization.state;

import io.weft.format.Saveable;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiConsumer;

/**
 * Visits a saveable object and everything in it once, in Keras' order and with Keras' paths:
 * attributes in ASCII order with private ones last, elements of lists by their class's word with a
 * counter.
 */
public final class StateWalk {
  private final BiConsumer<String, Saveable> visit;
  private final Set<Object> visited = Collections.newSetFromMap(new IdentityHashMap<>());

  private StateWalk(BiConsumer<String, Saveable> visit) {
    this.visit = visit;
  }

  /** Visits {@code root} at the path "" and all inner objects at theirs. */
  public static void walk(Saveable root, BiConsumer<String, Saveable> visit) {
    new StateWalk(visit).object("", root);
  }

  private void object(String path, Saveable s) {
    if (!visited.add(s)) {
      return;
    }
    visit.accept(path, s);
    TreeMap<String, Object> sorted = new TreeMap<>(s.savedChildren());
    members(path, sorted, false);
    members(path, sorted, true); // names that begin with an underscore come last
  }

  private void members(String path, Map<String, Object> members, boolean hidden) {
    for (Map.Entry<String, Object> e : members.entrySet()) {
      String attribute = e.getKey();
      if (attribute.startsWith("_") != hidden) {
        continue;
      }
      if (e.getValue() instanceof Saveable child) {
        object(join(path, attribute), child);
      } else if (e.getValue() instanceof List<?> list) {
        list(join(path, attribute), list);
      }
    }
  }

  private void list(String path, List<?> list) {
    if (!visited.add(list)) {
      return;
    }
    Map<String, Integer> used = new HashMap<>();
    for (Object item : list) {
      // the number is used up even if the item was visited before, as in Keras 3
      if (item instanceof Saveable s) {
        object(join(path, numbered(used, s.autoName())), s);
      } else if (item instanceof List<?> inner) {
        list(join(path, numbered(used, "container")), inner);
      }
    }
  }

  static String numbered(Map<String, Integer> used, String word) {
    int n = used.getOrDefault(word, 0);
    used.put(word, n + 1);
    return n == 0 ? word : word + "_" + n;
  }

  public static String join(String path, String name) {
    return path.isEmpty() ? name : path + "/" + name;
  }
}
