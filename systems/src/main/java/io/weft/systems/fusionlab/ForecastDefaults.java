package io.weft.systems.fusionlab;

import io.weft.config.Args;
import io.weft.config.Config;
import java.util.Arrays;
import java.util.List;

/**
 * What forecasting models make of the arguments that may be left to them; fusionlab's {@code
 * set_default_params}.
 *
 * @param quantiles levels, or null for a single forecast
 * @param scales strides of the time axis
 * @param returnSequences whether the LSTMs of all scales give all steps, for an aggregation
 */
public record ForecastDefaults(
    List<Double> quantiles, List<Integer> scales, boolean returnSequences) {
  /**
   * Settles the arguments.
   *
   * @param quantiles a list of numbers in (0, 1), {@code auto} for 0.1, 0.5, 0.9, or null
   * @param scales a list of positive integers, or {@code auto} or null for 1
   * @param multiScaleAgg how the scales are aggregated, null if not at all
   * @throws io.weft.error.ConfigException for a value that does not fit
   */
  public static ForecastDefaults of(Object quantiles, Object scales, String multiScaleAgg) {
    Args args = new Args("set_default_params", Config.of("quantiles", quantiles, "scales", scales));
    double[] levels = Quantiles.orNull(args, "quantiles", args.any("quantiles", null));
    List<Double> q = levels == null ? null : Arrays.stream(levels).boxed().toList();
    List<Integer> s = Arrays.stream(Parts.scales(args, "scales")).boxed().toList();
    return new ForecastDefaults(q, s, multiScaleAgg != null);
  }
}
