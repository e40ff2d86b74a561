package io.weft.systems.diffusers;

import static io.weft.systems.diffusers.DiffusersData.assertClose;
import static io.weft.systems.diffusers.DiffusersData.random;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.config.Config;
import io.weft.error.ConfigException;
import io.weft.error.ShapeException;
import io.weft.layer.CallArgs;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import io.weft.systems.weights.StateDict;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.testing.LayerBattery;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BlocksTest {
  private static <L extends Layer> L of(LayerType<L> type, Object... namesAndValues) {
    return Layer.fromConfig(type, Config.of(namesAndValues));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"geglu", "gelu", "gelu-approximate", "geglu-approximate", "swiglu", "linear-silu"})
  void feedForwardsPassTheChecksOfEveryLayer(String kind) {
    LayerBattery.of(
            of(FeedForward.TYPE, "dim", 4, "activation_fn", kind, "mult", 2, "dim_out", 3),
            Shape.of(2, 5, 4))
        .outputShape(2, 5, 3)
        .weights(4)
        .run();
  }

  @Test
  void transformersPassTheChecksOfEveryLayer() {
    Config block = Config.of("dim", 4, "num_attention_heads", 2, "attention_head_dim", 2);
    Shape x = Shape.of(2, 3, 4);
    LayerBattery.of(Layer.fromConfig(BasicTransformerBlock.TYPE, block), x).run();
    Config cross = block.with("cross_attention_dim", 3);
    LayerBattery.of(Layer.fromConfig(BasicTransformerBlock.TYPE, cross), x, Shape.of(2, 2, 3))
        .outputShape(2, 3, 4)
        .run();
    Config image =
        Config.of("num_attention_heads", 2, "attention_head_dim", 2, "in_channels", 6)
            .with("norm_num_groups", 3)
            .with("cross_attention_dim", 3);
    for (boolean linear : new boolean[] {false, true}) {
      LayerBattery.of(
              Layer.fromConfig(
                  Transformer2DModel.TYPE, image.with("use_linear_projection", linear)),
              Shape.of(1, 6, 2, 3),
              Shape.of(1, 2, 3))
          .outputShape(1, 6, 2, 3)
          .run();
    }
  }

  @Test
  void positionsOfABlockAreABufferThatFilesMayLack() {
    Object[] given = {
      "dim",
      4,
      "num_attention_heads",
      2,
      "attention_head_dim",
      2,
      "positional_embeddings",
      "sinusoidal",
      "num_positional_embeddings",
      3
    };
    Shape x = Shape.of(2, 3, 4);
    LayerBattery.of(of(BasicTransformerBlock.TYPE, given), x).run();
    BasicTransformerBlock a = of(BasicTransformerBlock.TYPE, given);
    Tensor y = a.apply(random(x, 1));
    var tensors = new java.util.LinkedHashMap<>(StateDict.of(a).export());
    assertThat(tensors.keySet()).startsWith("pos_embed.pe", "norm1.weight");
    assertThat(a.trainableWeights()).noneMatch(v -> v.name().equals("pe"));
    tensors.remove("pos_embed.pe");
    BasicTransformerBlock b = of(BasicTransformerBlock.TYPE, given);
    b.build(x);
    assertThat(StateDict.load(b, tensors).isComplete()).isTrue();
    assertClose(b.apply(random(x, 1)), y, 0);
    assertThatThrownBy(() -> a.apply(random(Shape.of(2, 4, 4), 1)))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("at most 3")
        .hasMessageContaining("Received: 4");
    given[7] = "learned";
    assertThatThrownBy(() -> of(BasicTransformerBlock.TYPE, given))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("positional_embeddings");
    given[7] = "sinusoidal";
    given[9] = null;
    assertThatThrownBy(() -> of(BasicTransformerBlock.TYPE, given))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("num_positional_embeddings");
  }

  @Test
  void residualBlocksPassTheChecksOfEveryLayer() {
    Config c = Config.of("in_channels", 4, "temb_channels", 3, "groups", 2, "eps", 1e-5);
    Shape x = Shape.of(2, 4, 4, 2);
    Shape t = Shape.of(2, 3);
    LayerBattery.of(Layer.fromConfig(ResnetBlock2D.TYPE, c.with("out_channels", 6)), x, t)
        .outputShape(2, 6, 4, 2)
        .run();
    LayerBattery.of(
            Layer.fromConfig(
                ResnetBlock2D.TYPE, c.with("time_embedding_norm", "scale_shift").with("up", true)),
            x,
            t)
        .outputShape(2, 4, 8, 4)
        .run();
    LayerBattery.of(
            Layer.fromConfig(ResnetBlock2D.TYPE, c.with("temb_channels", null).with("down", true)),
            x)
        .outputShape(2, 4, 2, 1)
        .run();
  }

  @Test
  void resamplingPassesTheChecksOfEveryLayer() {
    Shape x = Shape.of(2, 4, 5, 6);
    LayerBattery.of(of(Downsample2D.TYPE, "channels", 4), x).outputShape(2, 4, 2, 3).run();
    LayerBattery.of(of(Downsample2D.TYPE, "channels", 4, "use_conv", true, "padding", 0), x)
        .outputShape(2, 4, 2, 3)
        .run();
    Object[] normed = {"channels", 4, "use_conv", true, "norm_type", "rms_norm"};
    LayerBattery.of(of(Downsample2D.TYPE, normed), x).outputShape(2, 4, 3, 3).weights(2).run();
    Object[] scaled = java.util.Arrays.copyOf(normed, normed.length + 2);
    scaled[normed.length] = "elementwise_affine";
    scaled[normed.length + 1] = true;
    LayerBattery.of(of(Downsample2D.TYPE, scaled), x).outputShape(2, 4, 3, 3).weights(3).run();
    LayerBattery.of(of(Upsample2D.TYPE, "channels", 4), x).outputShape(2, 4, 10, 12).run();
    LayerBattery.of(
            of(Upsample2D.TYPE, "channels", 4, "use_conv_transpose", true, "out_channels", 3), x)
        .outputShape(2, 3, 10, 12)
        .run();
  }

  @Test
  void timePassesTheChecksOfEveryLayer() {
    LayerBattery.of(
            of(TimestepEmbedding.TYPE, "in_channels", 4, "time_embed_dim", 6), Shape.of(2, 4))
        .outputShape(2, 6)
        .weights(4)
        .run();
    Tensor t = Tensor.of(new int[] {0, 7}, 2);
    Tensor y = of(Timesteps.TYPE, "num_channels", 5, "downscale_freq_shift", 0).apply(t);
    double f = Math.pow(10000, -0.5);
    assertClose(
        y,
        Tensor.of(
            new float[] {
              0,
              0,
              1,
              1,
              0,
              (float) Math.sin(7),
              (float) Math.sin(7 * f),
              (float) Math.cos(7),
              (float) Math.cos(7 * f),
              0
            },
            2,
            5),
        1e-6);
  }

  @Test
  void enlargingRepeatsPixelsAndHalvingUndoesIt() {
    Tensor x = random(Shape.of(1, 2, 3, 2), 1);
    Upsample2D up = of(Upsample2D.TYPE, "channels", 2);
    Downsample2D down = of(Downsample2D.TYPE, "channels", 2);
    assertClose(down.apply(up.apply(x)), x, 1e-6);
    Tensor same = up.apply(x, CallArgs.of("output_size", List.of(3, 2)));
    assertClose(same, x, 0);
    Tensor odd = up.apply(x, CallArgs.of("output_size", List.of(5, 3)));
    // rows 0 0 1 1 2, columns 0 0 1: the floor of i · old / new
    Tensor rows = Ops.take(x, Tensor.of(new int[] {0, 0, 1, 1, 2}, 5), 2);
    assertClose(odd, Ops.take(rows, Tensor.of(new int[] {0, 0, 1}, 3), 3), 0);
    assertThatThrownBy(() -> up.apply(x, CallArgs.of("output_size", 5)))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("output_size");
  }

  @Test
  void channelsLastGivesTheSameNumbers() {
    Config c = Config.of("in_channels", 4, "out_channels", 6, "temb_channels", 3, "groups", 2);
    Layer first = Layer.fromConfig(ResnetBlock2D.TYPE, c);
    Layer last = Layer.fromConfig(ResnetBlock2D.TYPE, c.with("data_format", "channels_last"));
    Tensor x = random(Shape.of(2, 4, 3, 5), 1);
    Tensor t = random(Shape.of(2, 3), 2);
    Tensor y = first.apply(x, t);
    last.build(Shape.of(2, 3, 5, 4), Shape.of(2, 3));
    StateDict.load(last, StateDict.of(first).export());
    Tensor z = last.apply(x.transpose(0, 2, 3, 1), t);
    assertClose(z.transpose(0, 3, 1, 2), y, 1e-5);
  }

  @Test
  void oldNamesOfConvolutionsAreRead() {
    Downsample2D a = of(Downsample2D.TYPE, "channels", 2, "use_conv", true);
    Tensor x = random(Shape.of(1, 2, 4, 4), 1);
    Tensor y = a.apply(x);
    Downsample2D b = of(Downsample2D.TYPE, "channels", 2, "use_conv", true);
    b.build(Shape.of(1, 2, 4, 4));
    var given = new java.util.LinkedHashMap<String, Tensor>();
    StateDict.of(a).export().forEach((n, v) -> given.put(n.replace("conv", "Conv2d_0"), v));
    assertThat(given).containsOnlyKeys("Conv2d_0.weight", "Conv2d_0.bias");
    StateDict.load(b, given);
    assertClose(b.apply(x), y, 0);
  }

  @Test
  void badInputIsRefusedByName() {
    ResnetBlock2D r = of(ResnetBlock2D.TYPE, "in_channels", 4, "temb_channels", 3, "groups", 2);
    assertThatThrownBy(() -> r.apply(random(Shape.of(2, 3, 4, 4), 1), random(Shape.of(2, 3), 1)))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("(2, 3, 4, 4)");
    assertThatThrownBy(() -> r.apply(random(Shape.of(2, 4, 4, 4), 1)))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("temb");
    assertThatThrownBy(() -> of(ResnetBlock2D.TYPE, "in_channels", 4, "groups", 3))
        .isInstanceOf(ConfigException.class);
    assertThatThrownBy(() -> of(FeedForward.TYPE, "dim", 4, "activation_fn", "tanh"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("activation_fn");
    assertThatThrownBy(() -> of(Downsample2D.TYPE, "channels", 4, "out_channels", 6))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("out_channels");
    assertThatThrownBy(() -> of(Timesteps.TYPE, "num_channels", 1))
        .isInstanceOf(ConfigException.class);
    assertThatThrownBy(() -> of(Timesteps.TYPE, "num_channels", 4).apply(random(Shape.of(2, 2), 1)))
        .isInstanceOf(ShapeException.class);
  }
}
