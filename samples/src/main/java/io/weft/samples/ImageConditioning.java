package io.weft.samples;

import io.weft.layers.convolutional.Conv2D;
import io.weft.layers.core.Dense;
import io.weft.layers.core.Input;
import io.weft.layers.merging.Concatenate;
import io.weft.layers.pooling.GlobalMaxPooling2D;
import io.weft.models.Functional;
import io.weft.models.Model;
import io.weft.optimizers.Adam;
import io.weft.random.Seeds;
import io.weft.systems.film.FiLMResidualBlock;
import io.weft.tensor.Tensor;
import io.weft.training.Fit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Answers questions about pictures. A question scales and shifts the features of a convolutional
 * network on their way (FiLM, Perez et al. 2017), so that the network looks for what was asked. It
 * is compared with two networks of the same layers: one that gets the question only beside the
 * finished features of the picture, and one that gets no question.
 */
public final class ImageConditioning {
  private static final int CHANNELS = 24;

  /** How the question enters. */
  enum Conditioning {
    FILM("FiLM in both blocks"),
    LATE("beside the features"),
    NONE("not at all");

    private final String words;

    Conditioning(String words) {
      this.words = words;
    }
  }

  private ImageConditioning() {}

  /** The model: pictures (batch, 16, 16, 3) and questions (batch, 7) to answers (batch, 1). */
  static Model model(Conditioning conditioning) {
    Tensor picture =
        Input.of("picture", ShapeQuestions.SIZE, ShapeQuestions.SIZE, ShapeQuestions.CHANNELS);
    Tensor question = Input.of("question", ShapeQuestions.QUESTION);
    Tensor asked = new Dense(32, "relu").apply(question);
    Tensor nothing = question.times(0);
    Tensor condition = conditioning == Conditioning.FILM ? asked : nothing;
    Tensor x =
        Conv2D.builder(CHANNELS, 3)
            .strides(2)
            .padding("same")
            .activation("relu")
            .build()
            .apply(picture);
    x = new FiLMResidualBlock(CHANNELS).apply(x, condition);
    x = new FiLMResidualBlock(CHANNELS).apply(x, condition);
    Tensor features = new GlobalMaxPooling2D().apply(x);
    if (conditioning == Conditioning.LATE) {
      features = new Concatenate().apply(features, asked);
    }
    Tensor hidden = new Dense(64, "relu").apply(features);
    Tensor answer = Dense.builder(1).activation("sigmoid").name("answer").build().apply(hidden);
    return new Functional(List.of(picture, question), answer, "questions");
  }

  /** Runs the sample. */
  public static void main(String[] args) {
    run(4000, 10, true);
  }

  /** Shares of right answers, by kind of question and over all, of one way of conditioning. */
  record Result(Conditioning conditioning, double[] kinds, double all) {}

  /** Trains and tests the three networks on pictures of their own. */
  static List<Result> run(int count, int epochs, boolean print) {
    ShapeQuestions train = new ShapeQuestions(count, 1);
    ShapeQuestions test = new ShapeQuestions(2000, 2);
    List<Result> results = new ArrayList<>();
    Tensor shown = null;
    for (Conditioning c : Conditioning.values()) {
      Seeds.set(7);
      Model model = model(c);
      model.compile(new Adam(3e-3), "binary_crossentropy", "accuracy");
      model.fit(
          List.of(train.pictures(), train.questions()),
          train.answers(),
          Fit.epochs(epochs).batchSize(64).seed(7).verbose(print));
      Tensor answers = model.predictAll(List.of(test.pictures(), test.questions()), 256).get(0);
      shown = shown == null ? answers : shown;
      results.add(result(c, test, answers));
    }
    if (print) {
      print(test, shown, results);
    }
    return results;
  }

  private static Result result(Conditioning c, ShapeQuestions test, Tensor answers) {
    float[] p = answers.toFloatArray();
    int kinds = ShapeQuestions.KINDS.length;
    double[] right = new double[kinds];
    int[] asked = new int[kinds];
    int all = 0;
    for (int i = 0; i < p.length; i++) {
      boolean ok = p[i] > 0.5f == test.yes(i);
      asked[test.kind(i)]++;
      right[test.kind(i)] += ok ? 1 : 0;
      all += ok ? 1 : 0;
    }
    for (int k = 0; k < kinds; k++) {
      right[k] /= asked[k];
    }
    return new Result(c, right, (double) all / p.length);
  }

  private static void print(ShapeQuestions test, Tensor answers, List<Result> results) {
    System.out.println();
    System.out.println("a picture of the test and what the network with FiLM says");
    System.out.println(test.text(0));
    System.out.printf(
        Locale.ROOT,
        "  %s %s (says yes with %.2f)%n%n",
        test.words(0),
        test.yes(0) ? "yes" : "no",
        answers.toFloatArray()[0]);
    System.out.println("right answers on 2000 other pictures; guessing gives 50 %");
    System.out.printf(
        Locale.ROOT,
        "  %-22s %8s %8s %8s %8s%n",
        "the question enters",
        "shape",
        "left",
        "upper",
        "all");
    for (Result r : results) {
      System.out.printf(
          Locale.ROOT,
          "  %-22s %6.1f %% %6.1f %% %6.1f %% %6.1f %%%n",
          r.conditioning().words,
          100 * r.kinds()[0],
          100 * r.kinds()[1],
          100 * r.kinds()[2],
          100 * r.all());
    }
  }
}
