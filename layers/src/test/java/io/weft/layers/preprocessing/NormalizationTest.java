package io.weft.layers.preprocessing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.weft.config.Config;
import io.weft.error.ConfigException;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

class NormalizationTest {
  private static final Tensor DATA =
      Tensor.of(new float[] {1, 10, 2, 30, 4, 20, 9, 80, 5, 5}, 5, 2);

  @Test
  void batchesOfDifferentSizesGiveTheStatisticsOfAllDataTogether() {
    Normalization whole = new Normalization();
    Normalization parts = new Normalization();
    whole.adapt(DATA);
    parts.adapt(
        List.of(
            Ops.slice(DATA, new int[] {0, 0}, new int[] {1, 2}),
            Ops.slice(DATA, new int[] {1, 0}, new int[] {4, 2})));
    for (int i = 0; i < 2; i++) {
      float[] a = whole.getWeights().get(i).toFloatArray();
      float[] b = parts.getWeights().get(i).toFloatArray();
      assertThat(b).containsExactly(a, within(1e-3f));
    }
  }

  @Test
  void invertIsTheWayBack() {
    Normalization there = new Normalization();
    there.adapt(DATA);
    float[] mean = there.getWeights().get(0).toFloatArray();
    float[] variance = there.getWeights().get(1).toFloatArray();
    Config back =
        Config.of(
            "mean", List.of(mean[0], mean[1]),
            "variance", List.of(variance[0], variance[1]),
            "invert", true);
    Tensor y = new Normalization(back).apply(there.apply(DATA));
    assertThat(y.toFloatArray()).containsExactly(DATA.toFloatArray(), within(1e-4f));
  }

  @Test
  void givenStatisticsAreNotLearned() {
    Normalization given = new Normalization(Config.of("mean", 0.0, "variance", 1.0));
    assertThatThrownBy(() -> given.adapt(DATA)).isInstanceOf(ConfigException.class);
    assertThat(given.weights()).isEmpty();
  }
}
