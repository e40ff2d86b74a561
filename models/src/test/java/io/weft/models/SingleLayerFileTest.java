package io.weft.models;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.config.Registry;
import io.weft.layer.Layer;
import io.weft.layers.attention.CrossAttention;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SingleLayerFileTest {
  @Test
  void aLayerComesBackWithItsWeights(@TempDir Path folder) {
    Layer layer = new CrossAttention(8, 2).build(Shape.of(2, 3, 5), Shape.of(2, 4, 6));
    Tensor a = Tensor.of(new float[30], 2, 3, 5).plus(0.3);
    Tensor b = Tensor.of(new float[48], 2, 4, 6).plus(-0.2);
    layer.save(folder.resolve("fuse.keras"));
    layer.save(folder.resolve("fuse.weights.h5"));
    Layer whole = Layer.load(folder.resolve("fuse.keras"), Registry.standard());
    Layer weights = new CrossAttention(8, 2).build(Shape.of(2, 3, 5), Shape.of(2, 4, 6));
    weights.loadWeights(folder.resolve("fuse.weights.h5"));
    float[] expected = layer.apply(a, b).toFloatArray();
    for (Layer again : List.of(whole, weights)) {
      assertThat(again.apply(a, b).toFloatArray()).isEqualTo(expected);
    }
  }
}
