package io.weft.samples;

import io.weft.config.Config;
import io.weft.layer.Layer;
import io.weft.losses.Losses;
import io.weft.optimizers.Adam;
import io.weft.random.Seeds;
import io.weft.schedules.Schedules;
import io.weft.systems.retro.ChunkRetriever;
import io.weft.systems.retro.RetroDecoder;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;
import io.weft.training.Fit;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/**
 * A model of letters that looks things up, after RETRO (Borgeaud et al. 2021). It reads a revised
 * edition of a book; its memory is the older edition. For every eight letters it is given the place
 * of the memory that agrees with them the furthest, and how it goes on there. It is trained on one
 * book and tested on another, against a model of the same layers that was trained as long without a
 * memory. The arguments may give the number of epochs and a seed.
 */
public final class RetrievalModel {
  private static final int CHUNK = 8;
  private static final int LENGTH = 64;
  private static final int BATCH = 8;
  private static final String LETTERS = " abcdefghijklmnopqrstuvwxyz,.;:?!'-()";

  private final int epochs;
  private final long seed;
  private final ChunkRetriever memory =
      new ChunkRetriever(CHUNK, 1, 0, ChunkRetriever.suffixes(3, CHUNK));

  private RetrievalModel(int epochs, long seed) {
    this.epochs = epochs;
    this.seed = seed;
  }

  /** Bits for a letter: with the memory, with other places of it, trained without a memory. */
  record Result(double with, double others, double without) {}

  /** A text in rows: letters, the neighbours of their chunks, and the letters that follow. */
  private record Rows(Tensor letters, Tensor neighbours, Tensor next) {
    private int count() {
      return letters.dim(0) * LENGTH;
    }
  }

  /** Runs the sample. */
  public static void main(String[] args) throws IOException {
    int epochs = args.length > 0 ? Integer.parseInt(args[0]) : 3;
    run(epochs, args.length > 1 ? Long.parseLong(args[1]) : 17, Integer.MAX_VALUE);
  }

  /** Trains on at most {@code most} letters, and tests on as many. */
  static Result run(int epochs, long seed, int most) throws IOException {
    return new RetrievalModel(epochs, seed).compare(most);
  }

  private Result compare(int most) throws IOException {
    memory.add(tokens(text("luke-1769")));
    memory.add(tokens(text("mark-1769")));
    Rows train = rows(text("luke-1833"), most);
    Rows test = rows(text("mark-1833"), most);
    System.out.printf(
        Locale.ROOT,
        "memory of %,d places; training on %,d letters of Luke, testing on %,d of Mark%n",
        memory.size(),
        train.count(),
        test.count());
    RetroDecoder reading = trained(List.of(train.letters, train.neighbours), train.next);
    RetroDecoder plain = trained(List.of(train.letters), train.next);

    double[] with = bits(reading, List.of(test.letters, test.neighbours), test.next);
    Tensor others = shuffled(test.neighbours);
    double[] withOthers = bits(reading, List.of(test.letters, others), test.next);
    double[] without = bits(plain, List.of(test.letters), test.next);
    Result r = new Result(mean(with), mean(withOthers), mean(without));
    System.out.printf(
        Locale.ROOT,
        "%nbits for a letter of Mark%n"
            + "  with the memory                    %.3f%n"
            + "  with other places of the memory    %.3f%n"
            + "  model trained without a memory     %.3f%n",
        r.with,
        r.others,
        r.without);
    print(test, with, without);
    return r;
  }

  private static String text(String name) throws IOException {
    try (InputStream in = RetrievalModel.class.getResourceAsStream(name + ".txt")) {
      String all = new String(in.readAllBytes(), StandardCharsets.US_ASCII);
      return all.toLowerCase(Locale.ROOT).replaceAll("\\s+", " ").trim();
    }
  }

  /** Letters as tokens; 0 is none. */
  private static int[] tokens(String text) {
    return text.chars().map(c -> LETTERS.indexOf(c) + 1).toArray();
  }

  private static String text(int[] tokens, int from, int to) {
    StringBuilder s = new StringBuilder();
    for (int i = from; i < to; i++) {
      s.append(tokens[i] == 0 ? '_' : LETTERS.charAt(tokens[i] - 1));
    }
    return s.toString();
  }

  private Rows rows(String text, int most) {
    int[] tokens = tokens(text);
    int n = Math.min(most, tokens.length - 1) / LENGTH;
    List<Tensor> found = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      int[] row = Arrays.copyOfRange(tokens, i * LENGTH, (i + 1) * LENGTH);
      found.add(memory.neighbours(row, 1, (document, start) -> true));
    }
    return new Rows(
        Tensor.of(Arrays.copyOf(tokens, n * LENGTH), n, LENGTH),
        Ops.concatenate(found, 0),
        Tensor.of(Arrays.copyOfRange(tokens, 1, n * LENGTH + 1), n, LENGTH));
  }

  /** The neighbours of other rows. */
  private Tensor shuffled(Tensor neighbours) {
    List<Integer> rows = new ArrayList<>();
    for (int i = 0; i < neighbours.dim(0); i++) {
      rows.add(i);
    }
    Collections.shuffle(rows, new Random(seed));
    int[] order = rows.stream().mapToInt(Integer::intValue).toArray();
    return Ops.take(neighbours, Tensor.of(order, order.length), 0);
  }

  private RetroDecoder trained(List<Tensor> inputs, Tensor next) {
    System.out.println(inputs.size() == 1 ? "without a memory" : "with the memory");
    Seeds.set((int) seed);
    RetroDecoder model =
        Layer.fromConfig(
            RetroDecoder.TYPE,
            Config.of("vocab", LETTERS.length() + 1, "dim", 64, "chunk_size", CHUNK)
                .plus(Config.of("layers", 2, "heads", 2, "dim_head", 32, "ff_mult", 2))
                .plus(Config.of("cross_layers", List.of(1, 2), "encoder_layers", 1)));
    int steps = epochs * ((next.dim(0) + BATCH - 1) / BATCH);
    model.compile(
        new Adam(
            Config.of(
                "learning_rate",
                Schedules.of("CosineDecay", "initial_learning_rate", 3e-3, "decay_steps", steps))),
        Losses.of("SparseCategoricalCrossentropy", "from_logits", true));
    model.fit(inputs, next, Fit.epochs(epochs).batchSize(BATCH).seed(seed).verbose(true));
    return model;
  }

  /** The bits of each letter that follows, row by row. */
  private static double[] bits(RetroDecoder model, List<Tensor> inputs, Tensor next) {
    Tensor logits = model.predictAll(inputs, 64).get(0);
    Tensor said = Ops.oneHot(next, LETTERS.length() + 1, -1, logits.dtype());
    Tensor chosen = Ops.sum(Ops.logSoftmax(logits, -1).times(said), -1);
    return chosen.times(-1 / Math.log(2)).toDoubleArray();
  }

  private static double mean(double[] x) {
    return Arrays.stream(x).average().orElse(Double.NaN);
  }

  /** Shows how Mark begins: chunks, what the memory has for them, and how the text goes on. */
  private static void print(Rows test, double[] with, double[] without) {
    int[] letters = test.letters.toIntArray();
    int[] found = test.neighbours.toIntArray();
    System.out.printf(
        "%nMark begins; bits of the eight letters that follow, with and without the memory%n");
    for (int c = 0; c + 1 < LENGTH / CHUNK; c++) {
      int at = c * CHUNK;
      int place = c * 2 * CHUNK;
      int from = at + CHUNK - 1; // where the first of the letters that follow is foretold
      System.out.printf(
          Locale.ROOT,
          "  [%s] memory: [%s|%s] text: [%s] %5.1f %5.1f%n",
          text(letters, at, at + CHUNK),
          text(found, place, place + CHUNK),
          text(found, place + CHUNK, place + 2 * CHUNK),
          text(letters, at + CHUNK, at + 2 * CHUNK),
          Arrays.stream(with, from, from + CHUNK).sum(),
          Arrays.stream(without, from, from + CHUNK).sum());
    }
  }
}
