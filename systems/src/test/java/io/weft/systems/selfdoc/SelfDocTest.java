package io.weft.systems.selfdoc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.config.Config;
import io.weft.error.ShapeException;
import io.weft.layer.Layer;
import io.weft.random.SeedGenerator;
import io.weft.systems.core.MultiHead;
import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.RandomOps;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.testing.LayerBattery;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Own values with foreign keys, and the layer of both modalities. */
class SelfDocTest {
  private static final Config OWN = Config.of("dim", 8, "heads", 2, "sources", new int[] {0, 1, 0});

  private static Tensor random(long seed, int... shape) {
    return RandomOps.normal(Shape.of(shape), 0, 1, DType.FLOAT32, SeedGenerator.key(seed));
  }

  private static double difference(Tensor a, Tensor b) {
    return Ops.max(Ops.abs(a.minus(b)), null, false).item();
  }

  @Test
  void ofOneSourceItIsSelfAttention() {
    Tensor x = random(1, 2, 4, 8);
    Layer own = new MixedSourceAttention(OWN);
    Tensor y = own.apply(x, x);
    Layer self = new MultiHead(8, 2);
    self.apply(x);
    self.setWeights(own.getWeights());
    assertThat(difference(y, self.apply(x))).isLessThan(1e-6);
  }

  @Test
  void ownValuesAreMixedByWeightsThatAddUpToOne() {
    Layer own = new MixedSourceAttention(OWN);
    Tensor a = random(2, 1, 5, 8);
    own.apply(a, random(3, 1, 5, 8));
    // the output map as identity: what is left are the weighted values
    List<io.weft.tensor.Variable> w = own.weights();
    float[] eye = new float[64];
    for (int i = 0; i < 8; i++) {
      eye[9 * i] = 1;
    }
    w.get(6).assign(Tensor.of(eye, 8, 8));
    w.get(7).assign(Ops.zeros(Shape.of(8), DType.FLOAT32));
    Tensor v = Ops.matmul(a, w.get(4).value()).plus(w.get(5).value());
    Tensor low = Ops.min(v, new int[] {1}, true);
    Tensor high = Ops.max(v, new int[] {1}, true);
    for (long seed = 4; seed < 8; seed++) {
      Tensor y = own.apply(a, random(seed, 1, 5, 8).times(3));
      Tensor inside =
          Ops.logicalAnd(Ops.greaterEqual(y.plus(1e-5), low), Ops.lessEqual(y.minus(1e-5), high));
      assertThat(inside.toIntArray()).containsOnly(1);
    }
  }

  @Test
  void passTheBattery() {
    Shape x = Shape.of(2, 4, 8);
    LayerBattery.of(new MixedSourceAttention(OWN), x, x).outputShape(2, 4, 8).weights(8).run();
    LayerBattery.of(new MixedSourceAttention(8, 2), x, Shape.of(2, 5, 8), Shape.of(2, 5, 8)).run();
    LayerBattery.of(new CrossModalityEncoderLayer(8, 2, 12), x, x)
        .outputShapes(x, x)
        .weights(52)
        .run();
    LayerBattery.of(
            new CrossModalityEncoderLayer(
                Config.of("dim", 8, "heads", 2, "order", "foreign_value_first")),
            x,
            x)
        .run();
    LayerBattery.of(new ModalityFusion(), x, x).outputShape(2, 4, 8).weights(2).run();
  }

  @Test
  void badInputIsRefused() {
    assertThatThrownBy(
            () -> new MixedSourceAttention(OWN).apply(random(1, 2, 4, 8), random(2, 2, 5, 8)))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("key and value of one batch size and length")
        .hasMessageContaining("(2, 5, 8)");
    assertThatThrownBy(
            () ->
                new CrossModalityEncoderLayer(8, 2, 12)
                    .applyAll(
                        List.of(random(1, 2, 4, 8), random(2, 2, 5, 8)),
                        io.weft.layer.CallArgs.NONE))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("same blocks");
  }
}
