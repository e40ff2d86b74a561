package io.weft.samples;

import io.weft.optimizers.Adam;
import io.weft.random.Seeds;
import io.weft.samples.BikeRentals.Windows;
import io.weft.systems.fusionlab.TFT;
import io.weft.tensor.Index;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;
import io.weft.training.EarlyStopping;
import io.weft.training.Fit;
import java.util.List;
import java.util.Locale;

/**
 * Forecasts a day of bicycle rentals with its uncertainty: a temporal fusion transformer (Lim et
 * al. 2021) gives the 10 %, 50 % and 90 % quantiles of each hour from the day's season, the
 * observed past and the known calendar. Compared with naive forecasts on data not used for
 * training.
 */
public final class QuantileForecasting {
  private static final double[] LEVELS = {0.1, 0.5, 0.9};
  private static final int SEASON = 4;

  private QuantileForecasting() {}

  static TFT model() {
    return TFT.builder(BikeRentals.PAST_FEATURES, SEASON, BikeRentals.FUTURE_FEATURES)
        .hiddenUnits(16)
        .numHeads(2)
        .forecastHorizon(BikeRentals.HORIZON)
        .quantiles(LEVELS)
        .dropoutRate(0.1)
        .build();
  }

  public static void main(String[] args) {
    run(8, 6);
  }

  /** What a run came to. */
  record Result(double median, double weekly, double inside, double pinball, double naivePinball) {}

  /** The whole job with a number of epochs and a distance of training windows in hours. */
  static Result run(int epochs, int stride) {
    Seeds.set(7);
    BikeRentals data = new BikeRentals(0.8);
    int test = (int) (data.size() * 0.8);
    Windows train = data.windows(0, test, stride);
    Windows held = data.windows(test, data.size(), 6);
    TFT model = model();
    model.compile(new Adam(3e-3));
    model.fit(
        inputs(train),
        train.target(),
        Fit.epochs(epochs)
            .batchSize(32)
            .validationSplit(0.1)
            .seed(7)
            .verbose(true)
            .callbacks(new EarlyStopping("val_loss", 4, true)));
    Tensor forecast = model.predictAll(inputs(held), 128).get(0); // (moments, 24, 3)
    Result r = judge(data, held, forecast);
    System.out.println();
    System.out.println("the last 20 % of the year, rentals an hour");
    System.out.printf(Locale.ROOT, "  mean absolute error of the median     %6.1f%n", r.median());
    System.out.printf(Locale.ROOT, "  of the same hour a week ago (naive)   %6.1f%n", r.weekly());
    System.out.printf(
        Locale.ROOT, "  of the same hour a day ago (naive)    %6.1f%n", data.naiveError(held, 24));
    System.out.printf(Locale.ROOT, "  pinball loss of the three quantiles   %6.1f%n", r.pinball());
    System.out.printf(
        Locale.ROOT, "  of the week's hour as all quantiles   %6.1f%n", r.naivePinball());
    System.out.printf(
        Locale.ROOT, "  hours between the outer quantiles     %5.1f %%%n", 100 * r.inside());
    return r;
  }

  private static List<Tensor> inputs(Windows w) {
    Tensor season = w.future().get(Index.all(), Index.at(0), Index.range(2, 2 + SEASON, 1));
    return List.of(season, w.past(), w.future());
  }

  private static Result judge(BikeRentals data, Windows held, Tensor forecast) {
    float[] q = forecast.toFloatArray();
    float[] y = held.target().toFloatArray();
    float[] weekAgo = Ops.take(held.future(), Tensor.scalar(8), 2).toFloatArray();
    double inside = 0;
    double own = 0;
    double naive = 0;
    for (int i = 0; i < y.length; i++) {
      inside += y[i] >= q[3 * i] && y[i] <= q[3 * i + 2] ? 1 : 0;
      for (int k = 0; k < LEVELS.length; k++) {
        own += pinball(LEVELS[k], y[i] - q[3 * i + k]);
        naive += pinball(LEVELS[k], y[i] - weekAgo[i]);
      }
    }
    double scale = data.scale() / ((double) y.length * LEVELS.length);
    Tensor median = forecast.get(Index.all(), Index.all(), Index.at(1));
    return new Result(
        data.error(held, median),
        data.naiveError(held, 168),
        inside / y.length,
        own * scale,
        naive * scale);
  }

  /** What a forecast of a quantile costs for an error of this size. */
  private static double pinball(double level, double error) {
    return Math.max(level * error, (level - 1) * error);
  }
}
