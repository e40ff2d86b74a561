package io.weft.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The words of one command: {@code --name value}, {@code --flag}, and the rest in order. Written by
 * hand because a first prediction must answer within a quarter of a second and the commands are
 * few.
 */
final class Options {
  private final Map<String, String> values = new LinkedHashMap<>();
  private final List<String> rest = new ArrayList<>();

  /**
   * Reads words.
   *
   * @param valued options that take a value
   * @param flags options that do not
   */
  Options(String[] words, int from, Set<String> valued, Set<String> flags) {
    for (int i = from; i < words.length; i++) {
      String w = words[i];
      int eq = w.indexOf('=');
      String name = w.startsWith("--") ? w.substring(2, eq < 0 ? w.length() : eq) : null;
      if (name == null) {
        rest.add(w);
      } else if (flags.contains(name) && eq < 0) {
        values.put(name, "true");
      } else if (valued.contains(name)) {
        if (eq < 0 && ++i >= words.length) {
          throw new UsageException("--" + name + ": expected a value");
        }
        values.put(name, eq < 0 ? words[i] : w.substring(eq + 1));
      } else {
        throw new UsageException(
            "unknown option --" + name + ". Expected some of " + valued + flags);
      }
    }
  }

  /** The words that are no options; exactly {@code n} of them. */
  List<String> rest(int n, String what) {
    if (rest.size() != n) {
      throw new UsageException("expected " + what + ". Received: " + rest);
    }
    return rest;
  }

  /** The words that are no options; at least one. */
  List<String> atLeastOne(String what) {
    if (rest.isEmpty()) {
      throw new UsageException("expected " + what);
    }
    return rest;
  }

  String get(String name, String fallback) {
    return values.getOrDefault(name, fallback);
  }

  String required(String name) {
    String v = values.get(name);
    if (v == null) {
      throw new UsageException("--" + name + " is required");
    }
    return v;
  }

  boolean has(String name) {
    return values.containsKey(name);
  }

  /** A whole number from 1 on. */
  int count(String name, int fallback) {
    String v = values.get(name);
    try {
      int n = v == null ? fallback : Integer.parseInt(v);
      if (n > 0) {
        return n;
      }
    } catch (NumberFormatException e) {
      // said below, as for 0
    }
    throw new UsageException("--" + name + ": expected a whole number from 1 on. Received: " + v);
  }

  double number(String name, double fallback) {
    try {
      return values.containsKey(name) ? Double.parseDouble(values.get(name)) : fallback;
    } catch (NumberFormatException e) {
      throw new UsageException("--" + name + ": expected a number. Received: " + values.get(name));
    }
  }
}
