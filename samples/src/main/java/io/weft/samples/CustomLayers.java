package io.weft.samples;

import io.weft.config.Registry;
import io.weft.layers.core.Dense;
import io.weft.layers.core.Input;
import io.weft.models.Functional;
import io.weft.models.Model;
import io.weft.models.Models;
import io.weft.optimizers.Sgd;
import io.weft.tensor.Tensor;
import io.weft.training.Fit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A layer of one's own in a model: trained, saved and opened again. */
public final class CustomLayers {
  private CustomLayers() {}

  /** Runs the sample; returns the loss of the last epoch. */
  static double run(Path folder) throws IOException {
    Files.createDirectories(folder);
    Tensor in = Input.of("features", 3);
    Tensor scaled = new Scale().apply(in);
    Model model = new Functional(in, new Dense(1).apply(scaled));
    model.compile(new Sgd(0.05), "mse");
    Tensor x = Tensor.of(new float[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 0, 1}, 4, 3).divide(10);
    Tensor y = Tensor.of(new float[] {1, 2, 3, 0}, 4, 1);
    double loss = model.fit(x, y, Fit.epochs(200).seed(1)).get("loss")[199];

    Path file = folder.resolve("scale.keras");
    model.save(file);
    Model again = Models.load(file, Registry.standard().with(Scale.TYPE), true);
    if (again.predict(x).toFloatArray()[0] != model.predict(x).toFloatArray()[0]) {
      throw new IllegalStateException("the reopened model differs");
    }
    return loss;
  }

  /** Prints the loss; an argument names the folder for the file. */
  public static void main(String[] args) throws IOException {
    System.out.println("loss " + run(Path.of(args.length > 0 ? args[0] : "target/custom-layers")));
  }
}
