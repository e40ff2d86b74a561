package io.weft.systems.transformer;

import io.weft.error.ConfigException;
import io.weft.systems.core.KeyValueCache;
import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.tensor.TracedTensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Writes sequences with a model, token by token: from {@code bos} until each has its {@code eos} or
 * {@code maxLength} tokens were written. Behind its {@code eos} a sequence is filled with {@code
 * eos}.
 *
 * @param bos the token that all begin with
 * @param eos the token that ends a sequence
 * @param maxLength most tokens to write, the last {@code eos} among them
 */
public record Generator(int bos, int eos, int maxLength) {
  public Generator {
    if (maxLength < 1 || bos < 0 || eos < 0) {
      throw new ConfigException(
          "Generator: expected tokens of at least 0 and a length of at least 1. Received: bos="
              + bos
              + ", eos="
              + eos
              + ", maxLength="
              + maxLength);
    }
  }

  /**
   * What was written.
   *
   * @param tokens (batch, 1 + steps) of int64, {@code bos} first
   * @param logits (batch, steps, vocabulary), from which each token was taken
   */
  public record Generated(Tensor tokens, Tensor logits) {}

  /**
   * How tokens are drawn: from the softmax of {@code logits / temperature}, of its {@code topK}
   * likeliest (0: all), and of these the fewest that hold {@code topP} of the probability (1: all).
   */
  public record Sampling(double temperature, int topK, double topP, long seed) {
    public Sampling {
      if (!(temperature > 0) || topK < 0 || !(topP > 0 && topP <= 1)) {
        throw new ConfigException(
            "Sampling: expected temperature above 0, topK of at least 0, topP in (0, 1]. Received:"
                + " temperature="
                + temperature
                + ", topK="
                + topK
                + ", topP="
                + topP);
      }
    }
  }

  /**
   * What a beam search found for one sequence, best first.
   *
   * @param tokens {@code bos} and what follows, up to and with {@code eos}
   * @param score the logarithm of its probability, divided by the length penalty
   */
  public record Hypothesis(int[] tokens, double score) {}

  /**
   * The likeliest token each time. Inside a captured step, where nothing can depend on what is
   * computed, all {@code maxLength} steps are made.
   */
  public Generated greedy(NextToken model, int batch) {
    KeyValueCache cache = new KeyValueCache();
    Tensor last = Ops.full(Shape.of(batch, 1), bos, DType.INT64);
    Tensor done = Ops.zeros(Shape.of(batch, 1), DType.BOOL);
    List<Tensor> tokens = new ArrayList<>(List.of(last));
    List<Tensor> logits = new ArrayList<>();
    for (int step = 0; step < maxLength && !all(done); step++) {
      Tensor y = model.logits(last, cache);
      logits.add(y);
      Tensor best = Ops.cast(Ops.argmax(y, -1, false), DType.INT64);
      last = Ops.where(done, Ops.full(Shape.of(batch, 1), eos, DType.INT64), best);
      done = Ops.logicalOr(done, Ops.equal(last, eos));
      tokens.add(last);
    }
    return new Generated(Ops.concatenate(tokens, 1), Ops.concatenate(logits, 1));
  }

  private static boolean all(Tensor done) {
    return !(done instanceof TracedTensor)
        && Arrays.stream(done.toIntArray()).allMatch(d -> d != 0);
  }

  /** Random tokens; the same seed draws the same ones. */
  public Generated sample(NextToken model, int batch, Sampling how) {
    SplittableRandom random = new SplittableRandom(how.seed);
    KeyValueCache cache = new KeyValueCache();
    long[] last = new long[batch];
    Arrays.fill(last, bos);
    boolean[] done = new boolean[batch];
    List<Tensor> tokens = new ArrayList<>(List.of(Tensor.of(last, batch, 1)));
    List<Tensor> logits = new ArrayList<>();
    for (int step = 0; step < maxLength && !isAll(done); step++) {
      Tensor y = model.logits(tokens.get(step), cache);
      logits.add(y);
      double[] scores = y.toDoubleArray();
      int vocabulary = y.dim(2);
      long[] next = new long[batch];
      for (int b = 0; b < batch; b++) {
        double[] row = Arrays.copyOfRange(scores, b * vocabulary, (b + 1) * vocabulary);
        // drawn for finished rows too, so that a row's tokens do not depend on the others' ends
        int drawn = draw(row, how, random.nextDouble());
        next[b] = done[b] ? eos : drawn;
        done[b] |= next[b] == eos;
      }
      tokens.add(Tensor.of(next, batch, 1));
    }
    return new Generated(Ops.concatenate(tokens, 1), Ops.concatenate(logits, 1));
  }

  private static boolean isAll(boolean[] done) {
    for (boolean d : done) {
      if (!d) {
        return false;
      }
    }
    return true;
  }

  /** The token at a point in [0, 1) of the probability of those that may be drawn. */
  static int draw(double[] logits, Sampling how, double point) {
    Integer[] order = new Integer[logits.length];
    Arrays.setAll(order, i -> i);
    Arrays.sort(order, Comparator.comparingDouble(i -> -logits[i]));
    int count = how.topK == 0 ? order.length : Math.min(how.topK, order.length);
    double[] p = new double[count];
    double sum = 0;
    for (int i = 0; i < count; i++) {
      p[i] = Math.exp((logits[order[i]] - logits[order[0]]) / how.temperature);
      sum += p[i];
    }
    double kept = 0;
    int n = 0;
    while (n < count && (n == 0 || kept < how.topP * sum)) {
      kept += p[n++];
    }
    double at = point * kept;
    for (int i = 0; i < n - 1; i++) {
      at -= p[i];
      if (at < 0) {
        return order[i];
      }
    }
    return order[n - 1];
  }

  /**
   * The likeliest sequences that a beam search finds: in each step the {@code width} best
   * beginnings go on. Scores are divided by {@code ((5 + length) / 6)^penalty} (Wu et al. 2016),
   * which with 0 prefers short ones.
   *
   * @return for each of the batch at most {@code width}, best first
   */
  public List<List<Hypothesis>> beam(NextToken model, int batch, int width, double penalty) {
    if (width < 1) {
      throw new ConfigException(
          "Generator: expected a beam of at least 1. Received: width=" + width);
    }
    return new BeamSearch(this, width, penalty).run(model, batch);
  }
}
