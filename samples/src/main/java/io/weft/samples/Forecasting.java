package io.weft.samples;

import io.weft.config.Registry;
import io.weft.layers.attention.CrossAttention;
import io.weft.layers.core.Dense;
import io.weft.layers.core.Input;
import io.weft.layers.merging.Add;
import io.weft.layers.normalization.LayerNormalization;
import io.weft.layers.rnn.LSTM;
import io.weft.models.Functional;
import io.weft.models.GraphSvg;
import io.weft.models.Model;
import io.weft.models.Models;
import io.weft.optimizers.Adam;
import io.weft.random.Seeds;
import io.weft.samples.BikeRentals.Windows;
import io.weft.tensor.Tensor;
import io.weft.training.EarlyStopping;
import io.weft.training.Fit;
import io.weft.training.History;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Forecasts a day of bicycle rentals from two sources: what was observed (encoded by an LSTM) and
 * what is known of the day to come (its calendar). The future attends to the past. Trains, compares
 * with naive forecasts on data not used for training, saves in four formats and reads each back.
 */
public final class Forecasting {
  private static final int UNITS = 32;

  private Forecasting() {}

  /** The model: past (batch, 72, 7) and future (batch, 24, 10) to rentals (batch, 24, 1). */
  static Model model() {
    Tensor past = Input.of("past", BikeRentals.PAST, BikeRentals.PAST_FEATURES);
    Tensor future = Input.of("future", BikeRentals.HORIZON, BikeRentals.FUTURE_FEATURES);
    Tensor memory = LSTM.builder(UNITS).returnSequences(true).name("memory").build().apply(past);
    Tensor query = new Dense(UNITS, "relu").apply(future);
    Tensor attended = new CrossAttention(UNITS, 4).apply(query, memory);
    Tensor fused = new LayerNormalization().apply(new Add().apply(query, attended));
    Tensor hidden = new Dense(UNITS, "relu").apply(fused);
    Tensor rentals = Dense.builder(1).name("rentals").build().apply(hidden);
    return new Functional(List.of(past, future), rentals, "bike_rentals");
  }

  /** Runs the sample; an argument names the folder for its files (default target/forecasting). */
  public static void main(String[] args) throws IOException {
    Path folder = Path.of(args.length > 0 ? args[0] : "target/forecasting");
    run(folder, 30, 3);
  }

  /** The whole job with a number of epochs and a distance of training windows in hours. */
  static Result run(Path folder, int epochs, int stride) throws IOException {
    Files.createDirectories(folder);
    Seeds.set(7);
    BikeRentals data = new BikeRentals(0.8);
    int test = (int) (data.size() * 0.8);
    Windows train = data.windows(0, test, stride);
    Windows held = data.windows(test, data.size(), 1);

    Model model = model();
    model.compile(new Adam(2e-3), "mae");
    System.out.println(model.summary());
    System.out.printf(
        Locale.ROOT,
        "training on %d windows of %d hours before hour %d, testing on %d windows after it%n",
        train.starts().length,
        BikeRentals.PAST,
        test,
        held.starts().length);
    History history =
        model.fit(
            List.of(train.past(), train.future()),
            train.target(),
            Fit.epochs(epochs)
                .batchSize(64)
                .validationSplit(0.1)
                .seed(7)
                .verbose(true)
                .callbacks(new EarlyStopping("val_loss", 6, true)));

    List<Tensor> inputs = List.of(held.past(), held.future());
    Tensor forecast = model.predictAll(inputs, 256).get(0);
    double own = data.error(held, forecast);
    double weekly = data.naiveError(held, 168);
    double daily = data.naiveError(held, 24);
    System.out.println();
    System.out.println("mean absolute error on the last 20 % of the year, rentals an hour");
    System.out.printf(Locale.ROOT, "  this model                          %6.1f%n", own);
    System.out.printf(Locale.ROOT, "  the same hour a week ago (naive)    %6.1f%n", weekly);
    System.out.printf(Locale.ROOT, "  the same hour a day ago (naive)     %6.1f%n", daily);
    System.out.println();
    saveAndReopen(model, folder, inputs, forecast);
    Path svg = folder.resolve("model.svg");
    Files.writeString(svg, GraphSvg.of(model));
    System.out.println("drawing of the graph: " + svg);
    return new Result(own, weekly, history.epochs().size());
  }

  /** What a run came to: errors of the model and of the weekly naive forecast, epochs. */
  record Result(double error, double naive, int epochs) {}

  private static void saveAndReopen(
      Model model, Path folder, List<Tensor> inputs, Tensor forecast) {
    for (String name : List.of("model.keras", "model.h5", "model.weights.h5", "model.json")) {
      model.save(folder.resolve(name));
    }
    Model fromArchive = Models.load(folder.resolve("model.keras"));
    Model fromHdf5 = Models.load(folder.resolve("model.h5"));
    Model fromParts = Models.build(folder.resolve("model.json"), Registry.standard());
    fromParts.loadWeights(folder.resolve("model.weights.h5"));
    float[] expected = forecast.toFloatArray();
    for (Model again : List.of(fromArchive, fromHdf5, fromParts)) {
      float[] got = again.predictAll(inputs, 256).get(0).toFloatArray();
      if (!Arrays.equals(expected, got)) {
        throw new IllegalStateException("a reopened model gives other predictions");
      }
    }
    System.out.println(
        "saved to "
            + folder
            + " as model.keras, model.h5, model.weights.h5 and model.json;"
            + " each, read back, gives the same predictions");
  }
}
