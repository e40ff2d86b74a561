package io.weft.systems.transformer;

import io.weft.systems.core.KeyValueCache;
import io.weft.systems.transformer.Generator.Hypothesis;
import io.weft.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/** One beam search: for each sequence its open beginnings and what has ended. */
final class BeamSearch {
  private final Generator rules;
  private final int width;
  private final double penalty;

  /** A beginning that may go on, with the row of the last step that holds its past. */
  private record Open(int[] tokens, double logProbability, int row) {}

  BeamSearch(Generator rules, int width, double penalty) {
    this.rules = rules;
    this.width = width;
    this.penalty = penalty;
  }

  List<List<Hypothesis>> run(NextToken model, int batch) {
    KeyValueCache cache = new KeyValueCache();
    List<List<Open>> open = new ArrayList<>();
    List<List<Hypothesis>> ended = new ArrayList<>();
    for (int b = 0; b < batch; b++) {
      open.add(List.of(new Open(new int[] {rules.bos()}, 0, b)));
      ended.add(new ArrayList<>());
    }
    for (int step = 0; step < rules.maxLength(); step++) {
      List<Open> rows = open.stream().flatMap(List::stream).toList();
      if (rows.isEmpty()) {
        break;
      }
      if (step > 0) {
        cache.select(rows.stream().mapToInt(Open::row).toArray());
      }
      long[] last = rows.stream().mapToLong(o -> o.tokens[o.tokens.length - 1]).toArray();
      Tensor y = model.logits(Tensor.of(last, last.length, 1), cache);
      int vocabulary = y.dim(2);
      double[] logits = y.toDoubleArray();
      int row = 0;
      for (int b = 0; b < batch; b++) {
        List<Open> next = new ArrayList<>();
        for (Open o : open.get(b)) {
          double[] scores = Arrays.copyOfRange(logits, row * vocabulary, (row + 1) * vocabulary);
          extend(o, row++, scores, next);
        }
        open.set(b, settle(next, ended.get(b)));
      }
    }
    List<List<Hypothesis>> found = new ArrayList<>();
    for (int b = 0; b < batch; b++) {
      for (Open o : open.get(b)) {
        ended.get(b).add(hypothesis(o));
      }
      found.add(best(ended.get(b)));
    }
    return found;
  }

  /** The best ways to go on; of one beginning no more than {@code width} + 1 can matter. */
  private void extend(Open o, int row, double[] logits, List<Open> next) {
    double max = Arrays.stream(logits).max().orElse(0);
    double sum = Arrays.stream(logits).map(l -> Math.exp(l - max)).sum();
    Integer[] order = new Integer[logits.length];
    Arrays.setAll(order, i -> i);
    Arrays.sort(order, Comparator.comparingDouble(i -> -logits[i]));
    for (int i = 0; i < Math.min(width + 1, order.length); i++) {
      int[] tokens = Arrays.copyOf(o.tokens, o.tokens.length + 1);
      tokens[tokens.length - 1] = order[i];
      double p = o.logProbability + logits[order[i]] - max - Math.log(sum);
      next.add(new Open(tokens, p, row));
    }
  }

  /** The best that go on; those that ended are put aside. None go on that cannot win any more. */
  private List<Open> settle(List<Open> next, List<Hypothesis> ended) {
    next.sort(Comparator.comparingDouble(o -> -o.logProbability));
    List<Open> kept = new ArrayList<>();
    for (int i = 0; i < next.size() && kept.size() < width; i++) {
      Open o = next.get(i);
      if (o.tokens[o.tokens.length - 1] == rules.eos()) {
        ended.add(hypothesis(o));
      } else {
        kept.add(o);
      }
    }
    List<Hypothesis> best = best(ended);
    if (best.size() < width) {
      return kept;
    }
    double worst = best.get(width - 1).score();
    // probabilities only fall; the penalty is kindest at the end it favours
    kept.removeIf(
        o ->
            Math.max(
                    o.logProbability / penalty(o.tokens.length),
                    o.logProbability / penalty(rules.maxLength()))
                <= worst);
    return kept;
  }

  private List<Hypothesis> best(List<Hypothesis> all) {
    return all.stream().sorted(Comparator.comparingDouble(h -> -h.score())).limit(width).toList();
  }

  private Hypothesis hypothesis(Open o) {
    return new Hypothesis(o.tokens, o.logProbability / penalty(o.tokens.length - 1));
  }

  private double penalty(int length) {
    return Math.pow((5.0 + length) / 6, penalty);
  }
}
