package io.weft.systems.weights;

import io.weft.error.ConfigException;
import java.util.HashMap;
import java.util.Map;

/**
 * A table of names that a family of checkpoints has otherwise than ours, whole words between dots:
 * each row replaces the beginning of a name (or all of it); of several rows that match, the longest
 * counts. It works in both directions. Immutable.
 */
public final class Renaming {
  /** Names are the same. */
  public static final Renaming NONE = new Renaming(Map.of(), Map.of());

  private final Map<String, String> toOurs;
  private final Map<String, String> toForeign;

  private Renaming(Map<String, String> toOurs, Map<String, String> toForeign) {
    this.toOurs = toOurs;
    this.toForeign = toForeign;
  }

  /**
   * A table with one row more.
   *
   * @param foreign the beginning of names in the file, empty for every name
   * @param ours what stands in its place here, empty for nothing
   */
  public Renaming with(String foreign, String ours) {
    Map<String, String> a = new HashMap<>(toOurs);
    Map<String, String> b = new HashMap<>(toForeign);
    if (a.put(foreign, ours) != null || b.put(ours, foreign) != null) {
      throw new ConfigException(
          "Renaming: expected each name once. Received: '" + foreign + "' ↔ '" + ours + "' again");
    }
    return new Renaming(a, b);
  }

  /** Our name of a tensor in a file. */
  public String toOurs(String foreign) {
    return rename(toOurs, foreign);
  }

  /** The name in files of a tensor of ours. */
  public String toForeign(String ours) {
    return rename(toForeign, ours);
  }

  private static String rename(Map<String, String> rows, String name) {
    for (int end = name.length(); end >= 0; end = end == 0 ? -1 : Math.max(0, dot(name, end))) {
      String with = rows.get(name.substring(0, end));
      if (with != null) {
        String rest = name.substring(end);
        if (rest.startsWith(".")) {
          rest = rest.substring(1);
        }
        return with.isEmpty() || rest.isEmpty() ? with + rest : with + "." + rest;
      }
    }
    return name;
  }

  private static int dot(String name, int before) {
    return name.lastIndexOf('.', before - 1);
  }
}
