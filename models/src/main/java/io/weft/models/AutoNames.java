package io.weft.models;

import io.weft.layer.Operation;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Gives automatic names to the unnamed operations of a model. An operation that another model has
 * named keeps its name, unless that is taken here: the other model's files are written by it.
 */
final class AutoNames {
  private AutoNames() {}

  /**
   * Names operations.
   *
   * @param operations in the order in which they were made; their given names differ
   */
  static void assign(Collection<? extends Operation> operations) {
    Set<String> taken = new HashSet<>();
    for (Operation o : operations) {
      if (o.hasGivenName()) {
        taken.add(o.name());
      }
    }
    List<Operation> unnamed = new ArrayList<>();
    for (Operation o : operations) {
      if (!o.hasGivenName() && !(o.hasName() && taken.add(o.name()))) {
        unnamed.add(o);
      }
    }
    Map<String, Integer> count = new HashMap<>();
    for (Operation o : unnamed) {
      String base = o.autoName();
      String name;
      do {
        int i = count.merge(base, 1, Integer::sum) - 1;
        name = i == 0 ? base : base + "_" + i;
      } while (!taken.add(name));
      o.setAutoName(name);
    }
  }
}
