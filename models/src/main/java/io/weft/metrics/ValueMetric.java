package io.weft.metrics;

import io.weft.config.Config;
import io.weft.config.Entry;
import io.weft.tensor.Tensor;
import java.util.List;

/**
 * Keras' {@code Mean} and {@code Sum}: of values that are given directly, in the place of targets.
 */
public final class ValueMetric extends Mean {
  public static final Entry<ValueMetric> MEAN =
      new Entry<>(
          Metric.class, "keras.metrics", "Mean", null, c -> new ValueMetric(mean(), c, true));
  public static final Entry<ValueMetric> SUM =
      new Entry<>(
          Metric.class, "keras.metrics", "Sum", null, c -> new ValueMetric(sum(), c, false));

  private static Entry<ValueMetric> mean() {
    return MEAN;
  }

  private static Entry<ValueMetric> sum() {
    return SUM;
  }

  private ValueMetric(Entry<?> type, Config config, boolean mean) {
    super(type, config, null, mean);
  }

  /** A mean of a name. */
  public static ValueMetric mean(String name) {
    return MEAN.create(Config.of("name", name));
  }

  static List<Entry<ValueMetric>> entries() {
    return List.of(MEAN, SUM);
  }

  /** Takes values in, with weights or null. */
  public void update(Tensor values, Tensor sampleWeight) {
    addValues(values, sampleWeight);
  }

  @Override
  public void update(Tensor values, Tensor ignored, Tensor sampleWeight) {
    addValues(values, sampleWeight);
  }
}
