package io.weft.systems.crossvit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.weft.config.Config;
import io.weft.error.ConfigException;
import io.weft.error.ShapeException;
import io.weft.layer.CallArgs;
import io.weft.random.SeedGenerator;
import io.weft.systems.core.FullyMaskedRows;
import io.weft.systems.core.Heads;
import io.weft.systems.weights.StateDict;
import io.weft.tensor.DType;
import io.weft.tensor.Index;
import io.weft.tensor.Ops;
import io.weft.tensor.RandomOps;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.testing.LayerBattery;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What CrossViT's parts do beside the recorded cases. */
class CrossViTTest {
  private static Tensor random(long seed, int... shape) {
    return RandomOps.normal(Shape.of(shape), 0, 1, DType.FLOAT32, SeedGenerator.key(seed));
  }

  private static void assertClose(Tensor actual, Tensor expected, double tolerance) {
    assertThat(actual.shape()).isEqualTo(expected.shape());
    float[] e = expected.toFloatArray();
    float[] a = actual.toFloatArray();
    for (int i = 0; i < e.length; i++) {
      assertThat((double) a[i]).as("element %d", i).isCloseTo(e[i], within(tolerance));
    }
  }

  private static Tensor from(Tensor x, int token) {
    return x.get(Index.all(), Index.from(token));
  }

  @Test
  void classTokenAttentionIsTheFirstRowOfFullAttention() {
    ClassTokenAttention layer =
        new ClassTokenAttention(Config.of("dim", 8, "num_heads", 2, "qkv_bias", true));
    Tensor x = random(1, 2, 5, 8);
    Tensor y = layer.apply(x);
    Map<String, Tensor> w = StateDict.of(layer).export();
    Tensor q = Heads.split(linear(x, w, "wq"), 2);
    Tensor k = Heads.split(linear(x, w, "wk"), 2);
    Tensor v = Heads.split(linear(x, w, "wv"), 2);
    double scale = Heads.scale(q);
    FullyMaskedRows rows = FullyMaskedRows.ZERO;
    Tensor full = Heads.merge(Heads.attend(q, k, v, null, null, scale, false, rows));
    Tensor first = linear(full, w, "proj").get(Index.all(), Index.to(1));
    assertClose(y, first, 1e-5);
  }

  private static Tensor linear(Tensor x, Map<String, Tensor> w, String name) {
    return Ops.matmul(x, Ops.transpose(w.get(name + ".weight"), 1, 0)).plus(w.get(name + ".bias"));
  }

  private static MultiScaleBlock block(Object depth, boolean defects) {
    Config c =
        Config.of(
            "dim",
            List.of(6, 8),
            "patches",
            List.of(4, 3),
            "depth",
            depth,
            "num_heads",
            2,
            "mlp_ratio",
            List.of(2.0, 2.0, 1.0));
    return new MultiScaleBlock(defects ? c.with("defects", true) : c);
  }

  @Test
  void patchesPassTheFusionUnchanged() {
    List<Tensor> x = List.of(random(1, 2, 5, 6), random(2, 2, 4, 8));
    List<Tensor> y = block(List.of(0, 0, 0), false).applyAll(x, CallArgs.NONE);
    for (int i = 0; i < 2; i++) {
      assertClose(from(y.get(i), 1), from(x.get(i), 1), 0);
      assertThat(y.get(i).get(Index.all(), Index.at(0)).toFloatArray())
          .isNotEqualTo(x.get(i).get(Index.all(), Index.at(0)).toFloatArray());
    }
  }

  @Test
  void laterFusionsSeeThePatches() {
    MultiScaleBlock right = block(List.of(0, 0, 2), false);
    MultiScaleBlock original = block(List.of(0, 0, 2), true);
    List<Tensor> x = List.of(random(1, 2, 5, 6), random(2, 2, 4, 8));
    List<Tensor> a = right.applyAll(x, CallArgs.NONE);
    original.applyAll(x, CallArgs.NONE);
    original.setWeights(right.getWeights());
    List<Tensor> b = original.applyAll(x, CallArgs.NONE);
    assertThat(a.get(0).toFloatArray()).isNotEqualTo(b.get(0).toFloatArray());
    // with one token left the second block of the original is a matter of its value alone
    assertThat(right.getConfig().has("defects")).isFalse();
    assertThat(original.getConfig().get("defects")).isEqualTo(true);
  }

  private static Config tiny() {
    return Config.of(
        "img_size",
        12,
        "img_scale",
        List.of(1.0, 2.0 / 3),
        "patch_size",
        List.of(6, 4),
        "in_chans",
        2,
        "num_classes",
        3,
        "embed_dim",
        List.of(4, 6),
        "depth",
        List.of(List.of(1, 1, 0)),
        "num_heads",
        List.of(2, 2));
  }

  @Test
  void modelHasItsVariants() {
    Tensor x = random(1, 2, 2, 12, 12);
    assertThat(new CrossViT(tiny()).apply(x).shape()).isEqualTo(Shape.of(2, 3));
    assertThat(new CrossViT(tiny().with("num_classes", 0)).apply(x).shape())
        .isEqualTo(Shape.of(2, 10));
    assertThat(new CrossViT(tiny().with("crop_scale", true)).apply(x).shape())
        .isEqualTo(Shape.of(2, 3));
    assertThat(new CrossViT(tiny().with("global_pool", "avg")).apply(x).shape())
        .isEqualTo(Shape.of(2, 3));
    Config dagger =
        tiny()
            .with("multi_conv", true)
            .with("img_size", 48)
            .with("patch_size", List.of(12, 16))
            .with("embed_dim", List.of(8, 8));
    CrossViT convolutions = new CrossViT(dagger);
    assertThat(convolutions.apply(random(2, 1, 2, 48, 48)).shape()).isEqualTo(Shape.of(1, 3));
    assertThat(StateDict.of(convolutions).shapes())
        .containsEntry("patch_embed.0.proj.0.weight", Shape.of(2, 2, 7, 7))
        .containsEntry("patch_embed.1.proj.4.weight", Shape.of(8, 4, 3, 3))
        .containsEntry("pos_embed_0", Shape.of(1, 17, 8));
  }

  @Test
  void dropsInTrainingOnly() {
    Config c = tiny().with("attn_drop_rate", 0.3).with("proj_drop_rate", 0.3);
    CrossViT model = new CrossViT(c.with("drop_path_rate", 0.3).with("pos_drop_rate", 0.2));
    Tensor x = random(1, 2, 2, 12, 12);
    assertClose(model.apply(x), model.apply(x), 0);
    assertThat(model.apply(x, CallArgs.training(true)).toFloatArray())
        .isNotEqualTo(model.apply(x).toFloatArray());
  }

  @Test
  void refusesWhatDoesNotFit() {
    assertThatThrownBy(() -> new CrossViT(tiny()).apply(random(1, 2, 2, 11, 12)))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("12, 12")
        .hasMessageContaining("11");
    assertThatThrownBy(() -> new CrossViT(tiny().with("depth", List.of(List.of(1, 0)))))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("depth");
    assertThatThrownBy(() -> new CrossViT(tiny().with("num_heads", List.of(3, 2))))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("num_heads");
    assertThatThrownBy(() -> block(List.of(1, 1), false))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("depth");
    assertThatThrownBy(() -> block(List.of(0, 0, 0), false).apply(random(1, 2, 5, 6)))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("2 branches");
    assertThatThrownBy(() -> new ClassTokenAttention(8).apply(random(1, 2, 5, 7)))
        .isInstanceOf(ShapeException.class);
  }

  @Test
  void passTheBattery() {
    LayerBattery.of(new ClassTokenAttention(Config.of("dim", 8, "num_heads", 2)), Shape.of(2, 5, 8))
        .outputShape(2, 1, 8)
        .run();
    LayerBattery.of(new CrossViTFusion(8, 2), Shape.of(2, 5, 8)).outputShape(2, 1, 8).run();
    LayerBattery.of(new EncoderBlock(8, 2), Shape.of(2, 5, 8)).outputShape(2, 5, 8).run();
    LayerBattery.of(block(List.of(1, 0, 2), false), Shape.of(2, 3, 6), Shape.of(2, 4, 8)).run();
    LayerBattery.of(new CrossViT(tiny()), Shape.of(2, 2, 12, 12)).outputShape(2, 3).run();
  }
}
