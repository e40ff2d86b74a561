package io.weft.samples;

import io.weft.config.Config;
import io.weft.layer.Layer;
import io.weft.losses.Losses;
import io.weft.optimizers.Adam;
import io.weft.random.Seeds;
import io.weft.schedules.Schedules;
import io.weft.systems.transformer.Generator;
import io.weft.systems.transformer.Transformer;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;
import io.weft.training.Fit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;

/**
 * Translates numbers from English to French words with the Transformer: {@code eighty one} becomes
 * {@code quatre vingt un}. Trains on some thousand numbers, translates others, and draws which
 * English words each French word was made from. Arguments: folder for the drawing, epochs.
 */
public final class Translation {
  private static final int LENGTH = 14;
  private static final int PAD = 0;
  private static final int BOS = 1;
  private static final int EOS = 2;

  private final Map<String, Integer> english = vocabulary(true);
  private final Map<String, Integer> french = vocabulary(false);
  private final List<String> frenchWords = List.copyOf(french.keySet());
  private final Transformer model;

  private Translation() {
    model =
        Layer.fromConfig(
            Transformer.TYPE,
            Config.of(
                "source_vocab",
                english.size(),
                "target_vocab",
                french.size(),
                "dim",
                64,
                "heads",
                4,
                "encoder_layers",
                2,
                "decoder_layers",
                2,
                "ff",
                128,
                "dropout",
                0.0,
                "norm_first",
                true,
                "padding",
                PAD));
  }

  private static Map<String, Integer> vocabulary(boolean source) {
    TreeSet<String> words = new TreeSet<>();
    for (int n = 0; n < 100; n++) {
      words.addAll(source ? NumberWords.english(n) : NumberWords.french(n));
    }
    words.addAll(
        source ? List.of("and", "hundred", "thousand") : List.of("cent", "cents", "mille"));
    Map<String, Integer> all = new LinkedHashMap<>();
    for (String w : List.of("<pad>", "<bos>", "<eos>")) {
      all.put(w, all.size());
    }
    words.forEach(w -> all.put(w, all.size()));
    return all;
  }

  /** What a run came to: the share of numbers translated rightly, and the drawing. */
  record Result(double correct, Path drawing) {}

  /** Runs the sample. */
  public static void main(String[] args) throws IOException {
    Path folder = Path.of(args.length > 0 ? args[0] : "target/translation");
    run(folder, args.length > 1 ? Integer.parseInt(args[1]) : 6, 6000);
  }

  /** Trains on {@code examples} numbers and tests on 500 others. */
  static Result run(Path folder, int epochs, int examples) throws IOException {
    Seeds.set(11);
    // as many short as long numbers, as far as there are so many
    Random random = new Random(11);
    TreeSet<Integer> drawn = new TreeSet<>();
    while (drawn.size() < examples + 500) {
      drawn.add(random.nextInt((int) Math.pow(10, 1 + random.nextInt(6))));
    }
    List<Integer> numbers = new ArrayList<>(drawn);
    Collections.shuffle(numbers, random);
    List<Integer> test = numbers.subList(0, 500);
    List<Integer> train = numbers.subList(500, numbers.size());
    return new Translation().learn(folder, epochs, train, test);
  }

  private Result learn(Path folder, int epochs, List<Integer> train, List<Integer> test)
      throws IOException {
    System.out.printf(
        Locale.ROOT,
        "%d English words, %d French words; training on %d numbers, testing on %d others%n",
        english.size() - 3,
        french.size() - 3,
        train.size(),
        test.size());
    int steps = epochs * ((train.size() + 63) / 64);
    model.compile(
        new Adam(
            Config.of(
                "learning_rate",
                Schedules.of("CosineDecay", "initial_learning_rate", 2e-3, "decay_steps", steps))),
        Losses.of("SparseCategoricalCrossentropy", "from_logits", true));
    List<Tensor> in = List.of(source(train), target(train, false));
    model.fit(in, target(train, true), Fit.epochs(epochs).batchSize(64).seed(11).verbose(true));

    Generator generator = new Generator(BOS, EOS, LENGTH);
    int[] greedy =
        generator.greedy(model.decoding(source(test)), test.size()).tokens().toIntArray();
    int width = greedy.length / test.size();
    int right = 0;
    List<String> wrong = new ArrayList<>();
    for (int i = 0; i < test.size(); i++) {
      String said = text(Arrays.copyOfRange(greedy, i * width + 1, (i + 1) * width));
      String expected = String.join(" ", NumberWords.french(test.get(i)));
      right += said.equals(expected) ? 1 : 0;
      if (!said.equals(expected)) {
        wrong.add(test.get(i) + ": " + said + " (" + expected + ")");
      }
    }
    double share = (double) right / test.size();
    System.out.printf(
        Locale.ROOT, "%nright, word for word: %.1f %% of numbers not trained on%n", 100 * share);
    wrong.stream().limit(5).forEach(w -> System.out.println("  wrong: " + w));
    for (int n : new int[] {81, 71, 200, 80_000, 471_592}) {
      List<List<Generator.Hypothesis>> beam =
          generator.beam(model.decoding(source(List.of(n))), 1, 4, 0.6);
      int[] best = beam.get(0).get(0).tokens();
      System.out.printf(
          Locale.ROOT,
          "  %s → %s%n",
          String.join(" ", NumberWords.english(n)),
          text(Arrays.copyOfRange(best, 1, best.length)));
    }
    Files.createDirectories(folder);
    Path drawing = folder.resolve("attention.svg");
    Files.writeString(drawing, drawing(471_592));
    System.out.println("which English word each French word looked at: " + drawing);
    return new Result(share, drawing);
  }

  private String text(int[] tokens) {
    List<String> words = new ArrayList<>();
    for (int t : tokens) {
      if (t == EOS) {
        break;
      }
      words.add(frenchWords.get(t));
    }
    return String.join(" ", words);
  }

  private Tensor source(List<Integer> numbers) {
    int[] all = new int[numbers.size() * LENGTH];
    for (int i = 0; i < numbers.size(); i++) {
      List<String> words = NumberWords.english(numbers.get(i));
      for (int j = 0; j < words.size(); j++) {
        all[i * LENGTH + j] = english.get(words.get(j));
      }
    }
    return Tensor.of(all, numbers.size(), LENGTH);
  }

  /** What the decoder is given, {@code bos} and the words, or what it is to say, words and eos. */
  private Tensor target(List<Integer> numbers, boolean said) {
    int[] all = new int[numbers.size() * LENGTH];
    for (int i = 0; i < numbers.size(); i++) {
      List<String> words = NumberWords.french(numbers.get(i));
      int at = i * LENGTH;
      if (!said) {
        all[at++] = BOS;
      }
      for (String w : words) {
        all[at++] = french.get(w);
      }
      if (said) {
        all[at] = EOS;
      }
    }
    return Tensor.of(all, numbers.size(), LENGTH);
  }

  /** The cross-attention of the last block, averaged over its heads, as a picture. */
  private String drawing(int number) {
    List<String> words = NumberWords.english(number);
    List<String> said = NumberWords.french(number);
    List<Tensor> maps = model.attention(source(List.of(number)), target(List.of(number), false));
    Tensor map = Ops.mean(maps.get(maps.size() - 1), 1);
    double[] weights = map.toDoubleArray();
    List<String> rows = new ArrayList<>(said);
    rows.add("(end)");
    return AttentionMap.svg(words, rows, (row, column) -> weights[row * LENGTH + column]);
  }
}
