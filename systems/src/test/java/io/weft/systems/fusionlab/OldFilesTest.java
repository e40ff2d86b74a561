package io.weft.systems.fusionlab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.weft.layer.CallArgs;
import io.weft.layer.Layer;
import io.weft.models.Model;
import io.weft.models.Models;
import io.weft.tensor.Tensor;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Files that the original wrote with Keras 2, made by keras2_attentions.py beside them. */
class OldFilesTest {
  private static final double[] EXPECTED = {
    0.99775243,
    0.67881811,
    -0.01469958,
    0.72240281,
    0.99774927,
    0.67881477,
    -0.01470780,
    0.72240388,
    0.99774605,
    0.67881137,
    -0.01471627,
    0.72240508
  };

  private static Tensor steps(double first, double last, int... shape) {
    int n = shape[0] * shape[1] * shape[2];
    float[] x = new float[n];
    for (int i = 0; i < n; i++) {
      x[i] = (float) (first + (last - first) * i / (n - 1));
    }
    return Tensor.of(x, shape);
  }

  @Test
  void headsThatTheConfigDoesNotTellAreThoseOfTheWeights() throws URISyntaxException {
    Path file = Path.of(OldFilesTest.class.getResource("keras2-attentions.h5").toURI());
    Model model = Models.load(file);
    Layer cross = model.getLayer("cross_attention");
    assertThat(cross.getConfig().get("num_heads")).isEqualTo(3L);
    assertThat(model.getLayer("hierarchical_attention").getConfig().get("num_heads")).isEqualTo(2L);
    Layer recalls = ((Model) model.getLayer("inner")).getLayer("memory_augmented_attention");
    assertThat(recalls.getConfig().get("num_heads")).isEqualTo(5L);
    double[] y =
        model
            .applyAll(List.of(steps(-1, 1, 1, 3, 3), steps(-2, 2, 1, 4, 2)), CallArgs.NONE)
            .get(0)
            .toDoubleArray();
    assertThat(y).containsExactly(EXPECTED, within(2e-6));
  }
}
