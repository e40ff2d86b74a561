package io.weft.samples;

import io.weft.autodiff.GradientTape;
import io.weft.layers.core.Dense;
import io.weft.layers.core.Input;
import io.weft.layers.core.InputLayer;
import io.weft.layers.regularization.Dropout;
import io.weft.models.Functional;
import io.weft.models.Model;
import io.weft.models.Models;
import io.weft.models.Sequential;
import io.weft.optimizers.Adam;
import io.weft.random.Seeds;
import io.weft.tensor.Index;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;
import io.weft.training.EarlyStopping;
import io.weft.training.Fit;
import io.weft.training.History;
import io.weft.training.Logs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;

/** The code of the getting-started page. */
public final class GettingStarted {
  private GettingStarted() {}

  static Tensor tensors() {
    Tensor a = Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3);
    Tensor b = a.times(2).plus(1); // NumPy's broadcasting and Keras' dtype promotion
    Tensor c = b.matmul(a.transpose()); // (2, 3) · (3, 2)
    float[] numbers = c.toFloatArray(); // always a copy
    return Ops.softmax(c, -1).plus(numbers[0]);
  }

  static float[] gradient() {
    Tensor x = Tensor.of(new float[] {1, 2, 3});
    try (GradientTape tape = GradientTape.open()) {
      Tensor y = Ops.sum(Ops.square(x));
      Tensor dx = tape.gradients(List.of(y), null, List.of(x)).get(0);
      return dx.toFloatArray(); // 2, 4, 6
    }
  }

  static Model classifier() {
    return new Sequential(
        InputLayer.of("pixels", 64),
        new Dense(32, "relu"),
        new Dropout(0.1),
        new Dense(3, "softmax"));
  }

  static Model twoInputs() {
    Tensor left = Input.of("left", 4);
    Tensor right = Input.of("right", 4);
    Dense shared = new Dense(8, "tanh");
    Tensor difference = shared.apply(left).minus(shared.apply(right));
    Tensor score = new Dense(1, "sigmoid").apply(difference);
    return new Functional(List.of(left, right), score);
  }

  /** Trains, evaluates, saves and reopens; returns the accuracy. */
  static double run(Path folder) throws IOException {
    Files.createDirectories(folder);
    Seeds.set(42);
    Tensor x = pixels(300);
    Tensor y = Ops.argmax(x.get(Index.all(), Index.to(3)), 1, false); // the largest of three pixels

    Model model = classifier();
    model.compile(new Adam(0.01), "sparse_categorical_crossentropy", "accuracy");
    History history =
        model.fit(
            x,
            y,
            Fit.epochs(30)
                .batchSize(32)
                .validationSplit(0.2)
                .seed(42)
                .callbacks(new EarlyStopping("val_loss", 5, true)));
    Logs logs = model.evaluate(x, y);
    System.out.println(model.summary());
    System.out.println(history.epochs().size() + " epochs, " + logs);

    model.save(folder.resolve("classifier.keras"));
    Model again = Models.load(folder.resolve("classifier.keras"));
    Tensor probabilities = again.predict(x);
    return probabilities.dim(0) == 300 ? logs.get("accuracy") : Double.NaN;
  }

  private static Tensor pixels(int n) {
    SplittableRandom random = new SplittableRandom(3);
    float[] v = new float[n * 64];
    for (int i = 0; i < v.length; i++) {
      v[i] = (float) random.nextGaussian();
    }
    return Tensor.of(v, n, 64);
  }

  /** Prints what the page shows. */
  public static void main(String[] args) throws IOException {
    System.out.println("accuracy " + run(Path.of("target/getting-started")));
  }
}
