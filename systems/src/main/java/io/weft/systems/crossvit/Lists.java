package io.weft.systems.crossvit;

import io.weft.config.Args;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.DoublePredicate;

/** Arguments that have a value for each branch. */
final class Lists {
  private Lists() {}

  /** Positive integers; n of them, or with n = −1 any number. */
  static int[] positive(Args args, String key, int n, Object fallback) {
    return integers(args, key, n, fallback, v -> v > 0, "positive integers");
  }

  /** Integers that are not negative. */
  static int[] counts(Args args, String key, int n) {
    return integers(args, key, n, null, v -> v >= 0, "integers that are not negative");
  }

  private static int[] integers(
      Args args, String key, int n, Object fallback, DoublePredicate ok, String what) {
    double[] all = read(args, key, n, fallback, v -> v == Math.rint(v) && ok.test(v), what);
    return Arrays.stream(all).mapToInt(v -> (int) v).toArray();
  }

  /** Positive numbers. */
  static double[] numbers(Args args, String key, int n, double each) {
    // the original gives a ratio for the fusion too, and does not use it
    Object given = args.any(key, each);
    int size = given instanceof List<?> l ? Math.max(n, l.size()) : n;
    return read(args, key, size, each, v -> v > 0, "positive numbers");
  }

  /** Rates in [0, 1): one for all, or a list of n. */
  static double[] rates(Args args, String key, int n) {
    return read(args, key, n, 0.0, v -> v >= 0 && v < 1, "numbers in [0, 1)");
  }

  private static double[] read(
      Args args, String key, int n, Object fallback, DoublePredicate ok, String what) {
    Object v = args.any(key, fallback);
    List<?> list = v instanceof List<?> l ? l : Collections.nCopies(Math.max(1, Math.max(0, n)), v);
    boolean fits = n < 0 || !(v instanceof List<?>) || list.size() == n;
    fits &= list.stream().allMatch(e -> e instanceof Number x && ok.test(x.doubleValue()));
    if (!fits) {
      throw args.refuse(key, (n < 0 ? "a list of " : "one for all or a list of " + n + " ") + what);
    }
    return list.stream().mapToDouble(e -> ((Number) e).doubleValue()).toArray();
  }
}
