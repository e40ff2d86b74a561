package io.weft.serialization.legacy;

import io.weft.tensor.Variable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The order of the weights inside one layer. It is that of the file, unless the names say
 * otherwise: layers made of layers are written with the trainable weights first, so freezing a part
 * after saving moves its weights.
 */
final class WeightNames {
  private WeightNames() {}

  /** The arrays in the order of the variables. */
  static List<StoredArray> order(List<Variable> variables, List<StoredArray> arrays) {
    boolean same = true;
    for (int i = 0; i < variables.size(); i++) {
      same &= last(variables.get(i).path()).equals(last(arrays.get(i).name()));
    }
    if (same) {
      return arrays;
    }
    // the last two words, layer and weight, must name each array once
    Map<String, StoredArray> byName = new HashMap<>();
    for (StoredArray a : arrays) {
      if (byName.put(lastTwo(a.name()), a) != null) {
        return arrays;
      }
    }
    List<StoredArray> out = new ArrayList<>();
    for (Variable v : variables) {
      StoredArray a = byName.remove(lastTwo(v.path()));
      if (a == null || !a.shape().equals(v.shape())) {
        return arrays;
      }
      out.add(a);
    }
    return out;
  }

  private static String plain(String name) {
    int colon = name.lastIndexOf(':');
    return colon > 0 ? name.substring(0, colon) : name;
  }

  private static String last(String name) {
    String p = plain(name);
    return p.substring(p.lastIndexOf('/') + 1);
  }

  private static String lastTwo(String name) {
    String p = plain(name);
    int slash = p.lastIndexOf('/');
    int before = slash < 0 ? -1 : p.lastIndexOf('/', slash - 1);
    return p.substring(before + 1);
  }
}
