package io.weft.engine.kernel;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Connectionist temporal classification of one sequence, in logarithms and double precision. */
public final class CtcKernels {
  private static final double NONE = Double.NEGATIVE_INFINITY;

  /**
   * What TensorFlow gives to an alignment that ends elsewhere: it counts where no other one does.
   */
  private static final double UNLIKELY = Math.log(1e-307);

  private CtcKernels() {}

  private static double add(double a, double b) {
    double high = Math.max(a, b);
    return high == NONE ? NONE : high + Math.log1p(Math.exp(Math.min(a, b) - high));
  }

  /** Logits (frames, classes) to logarithms of probabilities, in place. */
  public static void logSoftmax(double[] x, int frames, int classes) {
    for (int t = 0; t < frames; t++) {
      int o = t * classes;
      double max = NONE;
      for (int c = 0; c < classes; c++) {
        max = Math.max(max, x[o + c]);
      }
      double sum = 0;
      for (int c = 0; c < classes; c++) {
        sum += Math.exp(x[o + c] - max);
      }
      double shift = max + Math.log(sum);
      for (int c = 0; c < classes; c++) {
        x[o + c] -= shift;
      }
    }
  }

  /**
   * −ln of the probability of a label sequence.
   *
   * @param log logarithms of probabilities (frames, classes)
   * @param labels the sequence with what pads it
   * @param length how many of the labels belong to the sequence
   * @param gradient is filled with the derivative by the logits, zeros beyond the frames
   */
  public static double loss(
      double[] log,
      int frames,
      int classes,
      int[] labels,
      int length,
      int blank,
      double[] gradient) {
    Arrays.fill(gradient, 0);
    int states = 2 * labels.length + 1;
    int[] symbol = new int[states];
    for (int s = 0; s < states; s++) {
      symbol[s] = s % 2 == 0 ? blank : labels[s / 2];
    }
    double[][] forward = new double[frames][states];
    double[][] backward = new double[frames][states];
    for (int t = 0; t < frames; t++) {
      for (int s = 0; s < states; s++) {
        forward[t][s] = into(forward, t, s, symbol) + log[t * classes + symbol[s]];
      }
    }
    for (int t = frames - 1; t >= 0; t--) {
      for (int s = 0; s < states; s++) {
        backward[t][s] =
            t == frames - 1 ? end(s, length) : outOf(backward, log, classes, t, s, symbol);
      }
    }
    if (frames == 0) {
      return length == 0 ? 0 : -UNLIKELY;
    }
    double total = NONE;
    for (int s = 0; s < states; s++) {
      total = add(total, forward[frames - 1][s] + end(s, length));
    }
    for (int t = 0; t < frames; t++) {
      for (int c = 0; c < classes; c++) {
        gradient[t * classes + c] = Math.exp(log[t * classes + c]);
      }
      for (int s = 0; s < states; s++) {
        gradient[t * classes + symbol[s]] -= Math.exp(forward[t][s] + backward[t][s] - total);
      }
    }
    return -total;
  }

  private static boolean skips(int s, int[] symbol) {
    return s % 2 == 1 && s >= 2 && symbol[s] != symbol[s - 2];
  }

  private static double into(double[][] forward, int t, int s, int[] symbol) {
    if (t == 0) {
      return s <= 1 ? 0 : NONE;
    }
    double p = forward[t - 1][s];
    p = s >= 1 ? add(p, forward[t - 1][s - 1]) : p;
    return skips(s, symbol) ? add(p, forward[t - 1][s - 2]) : p;
  }

  /** The last label and the blank after it are where a sequence ends. */
  private static double end(int s, int length) {
    return s == 2 * length || s == 2 * length - 1 ? 0 : UNLIKELY;
  }

  private static double outOf(
      double[][] backward, double[] log, int classes, int t, int s, int[] symbol) {
    int states = symbol.length;
    double p = NONE;
    for (int to = s; to < Math.min(s + 3, states); to++) {
      if (to < s + 2 || skips(to, symbol)) {
        p = add(p, backward[t + 1][to] + log[(t + 1) * classes + symbol[to]]);
      }
    }
    return p;
  }

  /** The best class of each frame, blanks left out; returns −Σ of the best inputs. */
  public static double greedy(
      double[] x, int frames, int classes, boolean merge, int blank, List<Integer> path) {
    double score = 0;
    int before = -1;
    for (int t = 0; t < frames; t++) {
      int best = 0;
      for (int c = 1; c < classes; c++) {
        best = x[t * classes + c] > x[t * classes + best] ? c : best;
      }
      score -= x[t * classes + best];
      if (best != blank && !(merge && best == before)) {
        path.add(best);
      }
      before = best;
    }
    return score;
  }

  /** A label sequence with the probabilities that its last frame was blank or its last label. */
  private static final class Prefix {
    final List<Integer> labels;
    double blank = NONE;
    double label = NONE;

    Prefix(List<Integer> labels) {
      this.labels = labels;
    }

    int last() {
      return labels.isEmpty() ? -1 : labels.get(labels.size() - 1);
    }

    double total() {
      return add(blank, label);
    }
  }

  /** The likeliest label sequences with the logarithms of their probabilities, best first. */
  public static Map<List<Integer>, Double> beam(
      double[] log, int frames, int classes, int width, int blank) {
    List<Prefix> beam = new ArrayList<>();
    Prefix root = new Prefix(List.of());
    root.blank = 0;
    beam.add(root);
    for (int t = 0; t < frames; t++) {
      Map<List<Integer>, Prefix> next = new HashMap<>();
      for (Prefix p : beam) {
        extend(p, next, log, t * classes, classes, blank);
      }
      beam = new ArrayList<>(next.values());
      beam.sort((a, b) -> Double.compare(b.total(), a.total()));
      beam = beam.subList(0, Math.min(width, beam.size()));
    }
    Map<List<Integer>, Double> result = new java.util.LinkedHashMap<>();
    beam.forEach(p -> result.put(p.labels, p.total()));
    return result;
  }

  private static void extend(
      Prefix p, Map<List<Integer>, Prefix> next, double[] log, int o, int classes, int blank) {
    Prefix same = next.computeIfAbsent(p.labels, Prefix::new);
    same.blank = add(same.blank, p.total() + log[o + blank]);
    if (p.last() >= 0) {
      same.label = add(same.label, p.label + log[o + p.last()]);
    }
    for (int c = 0; c < classes; c++) {
      double from = c == p.last() ? p.blank : p.total();
      if (c == blank || from == NONE) {
        continue;
      }
      List<Integer> longer = new ArrayList<>(p.labels);
      longer.add(c);
      Prefix q = next.computeIfAbsent(longer, Prefix::new);
      q.label = add(q.label, from + log[o + c]);
    }
  }
}
