package io.weft.serialization.state;

import io.weft.error.ModelFormatException;
import io.weft.serialization.hdf5.Hdf5Dataset;
import io.weft.serialization.hdf5.Hdf5Group;
import io.weft.serialization.hdf5.Hdf5Node;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The {@code vars} groups of one or several weight files by the path of their owner. Besides the
 * exact path, the spellings of other writers are found: private attribute names, Keras 2's name of
 * the list of layers, backslashes from Windows.
 */
public final class WeightStore {
  /** The variables of one object; several groups where shards split them. */
  static final class Vars {
    private final String path;
    private final List<Hdf5Group> groups = new ArrayList<>();

    Vars(String path) {
      this.path = path;
    }

    String path() {
      return path;
    }

    /** The name that Keras 3.6 and later note; null in other files. */
    String name() {
      for (Hdf5Group g : groups) {
        if (g.hasAttribute("name")) {
          return g.text("name");
        }
      }
      return null;
    }

    Set<String> keys() {
      Set<String> keys = new LinkedHashSet<>();
      for (Hdf5Group g : groups) {
        keys.addAll(g.names());
      }
      return keys;
    }

    /** The dataset of a key, or null. */
    Hdf5Dataset dataset(String key) {
      for (Hdf5Group g : groups) {
        Hdf5Dataset d = g.dataset(key);
        if (d != null) {
          return d;
        }
      }
      return null;
    }
  }

  private static final String OLD_LAYERS = "_layer_checkpoint_dependencies";
  private static final Pattern NUMBERED = Pattern.compile("(.+)_([0-9]{1,8})");

  private final Map<String, Vars> exact = new LinkedHashMap<>();
  private final Map<String, Vars> tolerant = new LinkedHashMap<>();

  /** Adds all of a file. */
  public void add(Hdf5Group root) {
    collect("", root);
  }

  private void collect(String path, Hdf5Group g) {
    boolean listed = path.equals(OLD_LAYERS) || path.endsWith("/" + OLD_LAYERS);
    Map<String, String> numbered = listed ? numbered(g.names()) : Map.of();
    for (String name : g.names()) {
      Hdf5Node n;
      try {
        n = g.node(name);
      } catch (ModelFormatException e) {
        continue; // a link that is not followed: whoever needs what it hides will miss it
      }
      if (n instanceof Hdf5Group child) {
        String plain = numbered.getOrDefault(name, name).replace('\\', '/');
        if (plain.equals("vars") || plain.endsWith("/vars")) {
          String owner = plain.equals("vars") ? "" : plain.substring(0, plain.length() - 5);
          add(StateWalk.join(path, owner), child);
        } else {
          collect(StateWalk.join(path, plain), child);
        }
      }
    }
  }

  /**
   * Keras 2.12 counts every layer with weights twice ({@code dense}, {@code dense_2}, {@code
   * dense_4}): the names are numbered anew, in the same order.
   */
  private static Map<String, String> numbered(Set<String> names) {
    Map<String, TreeMap<Integer, String>> words = new LinkedHashMap<>();
    for (String name : names) {
      Matcher m = NUMBERED.matcher(name);
      String word = m.matches() ? m.group(1) : name;
      int number = m.matches() ? Integer.parseInt(m.group(2)) : 0;
      words.computeIfAbsent(word, w -> new TreeMap<>()).put(number, name);
    }
    Map<String, String> renamed = new LinkedHashMap<>();
    words.forEach(
        (word, byNumber) -> {
          int rank = 0;
          for (String name : byNumber.values()) {
            renamed.put(name, rank == 0 ? word : word + "_" + rank);
            rank++;
          }
        });
    return renamed;
  }

  private void add(String owner, Hdf5Group vars) {
    String path = owner.endsWith("/") ? owner.substring(0, owner.length() - 1) : owner;
    Vars v = exact.get(path);
    if (v == null) {
      v = new Vars(path);
      exact.put(path, v);
    }
    v.groups.add(vars);
    tolerant.putIfAbsent(normal(path), v);
  }

  /** The variables at a path, or null. */
  Vars find(String path) {
    Vars v = exact.get(path);
    return v != null ? v : tolerant.get(normal(path));
  }

  Iterable<Vars> all() {
    return exact.values();
  }

  boolean isEmpty() {
    return exact.isEmpty();
  }

  private static String normal(String path) {
    StringBuilder s = new StringBuilder();
    for (String part : path.replace(OLD_LAYERS, "layers").split("/")) {
      s.append('/').append(part.startsWith("_") ? part.substring(1) : part);
    }
    return s.toString();
  }
}
