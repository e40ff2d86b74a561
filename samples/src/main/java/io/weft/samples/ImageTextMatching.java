package io.weft.samples;

import io.weft.config.Config;
import io.weft.layer.Layer;
import io.weft.layers.attention.MultiHeadAttention;
import io.weft.layers.core.Input;
import io.weft.layers.merging.Add;
import io.weft.layers.reshaping.Flatten;
import io.weft.losses.Losses;
import io.weft.metrics.Metrics;
import io.weft.models.Functional;
import io.weft.models.Model;
import io.weft.optimizers.Adam;
import io.weft.random.Seeds;
import io.weft.schedules.LearningRateSchedule;
import io.weft.schedules.Schedules;
import io.weft.systems.perceiver.ArrayPreprocessor;
import io.weft.systems.perceiver.PerceiverDecoder;
import io.weft.systems.perceiver.PerceiverEncoder;
import io.weft.systems.perceiver.TextPreprocessor;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;
import io.weft.training.Fit;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import javax.imageio.ImageIO;

/**
 * Tells whether a caption is right about a picture, by Perceiver IO (Jaegle et al. 2021): latents
 * read the picture, the words of the caption are the queries that read the latents, and each gives
 * evidence for or against. The same model without the picture shows what captions alone tell.
 * Arguments: folder for the drawing, epochs, seed.
 */
public final class ImageTextMatching {
  private static final int WIDTH = 32;
  private static final int BATCH = 32;
  private static final int TESTED = 2000;
  private static final int SHOWN = 8;

  private ImageTextMatching() {}

  /** The share of right answers on other pictures, of all and by what the picture shows. */
  record Result(double all, Map<CaptionedShapes.Kind, Double> kinds, double captionAlone) {}

  /**
   * Two models of the same layers: pictures (batch, 16, 16, 3) and captions (batch, 7) to the
   * evidence of each word (batch, 7), and to its sum (batch, 1), the logit of a right caption.
   */
  record Matcher(Model words, Model answer) {}

  /** A new matcher, which may be kept from seeing the picture. */
  static Matcher matcher(boolean sees) {
    Tensor picture =
        Input.of("picture", CaptionedShapes.SIZE, CaptionedShapes.SIZE, CaptionedShapes.CHANNELS);
    Tensor caption = Input.of("caption", CaptionedShapes.WORDS);
    Tensor patches =
        new ArrayPreprocessor(
                Config.of("size", List.of(CaptionedShapes.SIZE, CaptionedShapes.SIZE))
                    .plus(Config.of("patch", CaptionedShapes.CELL, "bands", 2)))
            .apply(sees ? picture : picture.times(0));
    Tensor latents =
        new PerceiverEncoder(
                Config.of("channels", patches.dim(-1), "latents", 16, "width", WIDTH)
                    .plus(Config.of("blocks", 1, "layers", 1, "crossHeads", 2, "selfHeads", 4))
                    .plus(Config.of("crossWidening", 2, "selfWidening", 2)))
            .apply(patches);
    Tensor words =
        new TextPreprocessor(CaptionedShapes.VOCABULARY.size(), CaptionedShapes.WORDS, WIDTH)
            .apply(caption);
    Tensor queries = new Add().apply(words, new MultiHeadAttention(4, 8).apply(words, words));
    Layer decoder =
        new PerceiverDecoder(
            Config.of("queryChannels", WIDTH, "latentWidth", WIDTH, "outputChannels", 1)
                .plus(Config.of("heads", 2, "widening", 2, "queryResidual", true)));
    Tensor evidence = new Flatten().apply(decoder.apply(queries, latents));
    List<Tensor> inputs = List.of(picture, caption);
    return new Matcher(
        new Functional(inputs, evidence, "evidence"),
        new Functional(inputs, Ops.sum(evidence, new int[] {-1}, true), "matching"));
  }

  /** Runs the sample. */
  public static void main(String[] args) throws IOException {
    Path folder = Path.of(args.length > 0 ? args[0] : "target/image-text");
    int epochs = args.length > 1 ? Integer.parseInt(args[1]) : 20;
    run(folder, epochs, 10_000, args.length > 2 ? Integer.parseInt(args[2]) : 7);
  }

  /** Trains on {@code count} pictures and tests on others. */
  static Result run(Path folder, int epochs, int count, int seed) throws IOException {
    CaptionedShapes train = new CaptionedShapes(count, 1);
    CaptionedShapes test = new CaptionedShapes(TESTED, 2);
    System.out.println("picture and caption");
    float[] evidence = evidence(true, epochs, seed, train, test);
    System.out.println("caption alone");
    float[] alone = evidence(false, epochs, seed, train, test);

    Map<CaptionedShapes.Kind, Double> kinds = new EnumMap<>(CaptionedShapes.Kind.class);
    System.out.printf("%nright answers on %d other pictures; guessing gives 50 %%%n", TESTED);
    for (CaptionedShapes.Kind kind : CaptionedShapes.Kind.values()) {
      kinds.put(kind, right(test, evidence, kind));
      print(kind.words, kinds.get(kind));
    }
    Result r = new Result(right(test, evidence, null), kinds, right(test, alone, null));
    print("all", r.all);
    print("all, from the caption alone", r.captionAlone);
    Files.createDirectories(folder);
    Path drawing = folder.resolve("decisions.svg");
    Files.writeString(drawing, drawing(test, evidence));
    System.out.println("some of the pictures, and the evidence of each word: " + drawing);
    return r;
  }

  private static void print(String what, double share) {
    System.out.printf(Locale.ROOT, "  %-30s %6.1f %%%n", what, 100 * share);
  }

  /** Trains a model; what it finds in the words of the test. */
  private static float[] evidence(
      boolean sees, int epochs, int seed, CaptionedShapes train, CaptionedShapes test) {
    Seeds.set(seed);
    Matcher matcher = matcher(sees);
    int steps = epochs * ((train.count() + BATCH - 1) / BATCH);
    LearningRateSchedule rate =
        Schedules.of(
            "CosineDecay",
            "initial_learning_rate",
            0.0,
            "warmup_target",
            3e-3,
            "warmup_steps",
            100,
            "decay_steps",
            steps);
    matcher.answer.compile(
        new Adam(Config.of("learning_rate", rate)),
        Losses.of("BinaryCrossentropy", "from_logits", true),
        Metrics.of("BinaryAccuracy", "threshold", 0.0));
    matcher.answer.fit(
        List.of(train.pictures(), train.captions()),
        train.answers(),
        Fit.epochs(epochs).batchSize(BATCH).seed(seed).verbose(true));
    List<Tensor> inputs = List.of(test.pictures(), test.captions());
    return matcher.words.predictAll(inputs, 250).get(0).toFloatArray();
  }

  private static double sum(float[] evidence, int i) {
    double sum = 0;
    for (int w = 0; w < CaptionedShapes.WORDS; w++) {
      sum += evidence[i * CaptionedShapes.WORDS + w];
    }
    return sum;
  }

  /** The share of right answers, of one kind or (null) of all. */
  private static double right(CaptionedShapes test, float[] evidence, CaptionedShapes.Kind kind) {
    int asked = 0;
    int right = 0;
    for (int i = 0; i < test.count(); i++) {
      if (kind == null || test.kind(i) == kind) {
        asked++;
        boolean matches = test.kind(i) == CaptionedShapes.Kind.MATCHING;
        right += sum(evidence, i) > 0 == matches ? 1 : 0;
      }
    }
    return (double) right / asked;
  }

  /** The first pictures with their captions: words that speak against them are red. */
  private static String drawing(CaptionedShapes test, float[] evidence) throws IOException {
    int row = 76;
    StringBuilder s = new StringBuilder();
    s.append(
        String.format(
            Locale.ROOT,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"460\" height=\"%d\""
                + " font-family=\"sans-serif\" font-size=\"15\">%n"
                + "<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>%n",
            SHOWN * row + 8));
    for (int i = 0; i < SHOWN; i++) {
      int top = i * row + 8;
      s.append(
          String.format(
              Locale.ROOT,
              "<image x=\"8\" y=\"%d\" width=\"64\" height=\"64\""
                  + " style=\"image-rendering:pixelated\" href=\"data:image/png;base64,%s\"/>%n"
                  + "<text x=\"88\" y=\"%d\">",
              top,
              png(test, i),
              top + 26));
      List<String> words = test.words(i);
      for (int w = 0; w < words.size(); w++) {
        double e = evidence[i * words.size() + w];
        long strength = Math.round(255 * Math.min(1, Math.abs(e) / 2));
        s.append(
            String.format(
                Locale.ROOT,
                "<tspan fill=\"#%02x00%02x\">%s</tspan> ",
                e < 0 ? strength : 0,
                e > 0 ? strength : 0,
                words.get(w)));
      }
      double p = 1 / (1 + Math.exp(-sum(evidence, i)));
      s.append(
          String.format(
              Locale.ROOT,
              "</text>%n<text x=\"88\" y=\"%d\" fill=\"#666666\">right with %.2f; truth:"
                  + " %s</text>%n",
              top + 48,
              p,
              test.kind(i).words));
    }
    return s.append("</svg>\n").toString();
  }

  private static String png(CaptionedShapes test, int i) throws IOException {
    int size = CaptionedShapes.SIZE;
    BufferedImage image = new BufferedImage(size, size, BufferedImage.TYPE_INT_RGB);
    for (int p = 0; p < size * size; p++) {
      image.setRGB(p % size, p / size, test.rgb(i, p));
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageIO.write(image, "png", out);
    return Base64.getEncoder().encodeToString(out.toByteArray());
  }
}
