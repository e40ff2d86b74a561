package io.weft.systems.diffusers;

import static io.weft.systems.diffusers.DiffusersData.assertClose;
import static io.weft.systems.diffusers.DiffusersData.random;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.config.Config;
import io.weft.config.Registry;
import io.weft.error.ConfigException;
import io.weft.error.ShapeException;
import io.weft.error.UnsupportedFeatureException;
import io.weft.layer.CallArgs;
import io.weft.layer.Layer;
import io.weft.models.Models;
import io.weft.optimizers.Adam;
import io.weft.random.Seeds;
import io.weft.systems.weights.Renaming;
import io.weft.systems.weights.StateDict;
import io.weft.systems.weights.StateDictOptions;
import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.tensor.Variable;
import io.weft.testing.GradientCheck;
import io.weft.training.Fit;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UNetTest {
  @TempDir Path folder;

  /** Two levels of 4 and 8 channels. */
  static Config tiny() {
    return Config.of("in_channels", 2, "out_channels", 2, "layers_per_block", 1)
        .with("block_out_channels", List.of(4, 8))
        .with("norm_num_groups", 2)
        .with("cross_attention_dim", 3)
        .with("attention_head_dim", 2)
        .with("down_block_types", List.of("CrossAttnDownBlock2D", "DownBlock2D"))
        .with("up_block_types", List.of("UpBlock2D", "CrossAttnUpBlock2D"));
  }

  static UNet2DConditionModel model(Config c) {
    Seeds.set(5);
    UNet2DConditionModel m = Layer.fromConfig(UNet2DConditionModel.TYPE, c);
    m.build(Shape.of(-1, 2, 8, 8));
    return m;
  }

  private static final Tensor X = random(Shape.of(2, 2, 8, 8), 1);
  private static final Tensor T = Tensor.of(new long[] {3, 800}, 2);
  private static final Tensor C = random(Shape.of(2, 4, 3), 2);

  @Test
  void stableDiffusionHasItsTensorsAndMakesNone() {
    UNet2DConditionModel m =
        Layer.fromConfig(
            UNet2DConditionModel.TYPE, Config.of("sample_size", 64, "cross_attention_dim", 768));
    m.build(Shape.of(-1, 4, 64, 64));
    Map<String, Shape> shapes = StateDict.of(m).shapes();
    assertThat(shapes).hasSize(686);
    assertThat(shapes.values().stream().mapToLong(Shape::size).sum()).isEqualTo(859_520_964L);
    assertThat(m.countParams()).isEqualTo(859_520_964L);
    assertThat(m.weights()).noneMatch(Variable::isInitialized);
    assertThat(shapes)
        .containsEntry("down_blocks.0.attentions.0.proj_in.weight", Shape.of(320, 320, 1, 1))
        .containsEntry(
            "down_blocks.0.attentions.0.transformer_blocks.0.attn2.to_k.weight", Shape.of(320, 768))
        .containsEntry(
            "up_blocks.3.attentions.2.transformer_blocks.0.ff.net.0.proj.weight",
            Shape.of(2560, 320))
        .containsEntry("up_blocks.0.resnets.2.conv1.weight", Shape.of(1280, 2560, 3, 3))
        .containsEntry("mid_block.resnets.1.time_emb_proj.bias", Shape.of(1280));
    Renaming names = m.compVisNames("model.diffusion_model.");
    String[][] pairs = {
      {"input_blocks.0.0.weight", "conv_in.weight"},
      {"input_blocks.3.0.op.bias", "down_blocks.0.downsamplers.0.conv.bias"},
      {"input_blocks.5.0.emb_layers.1.weight", "down_blocks.1.resnets.1.time_emb_proj.weight"},
      {
        "input_blocks.8.1.transformer_blocks.0.norm1.weight",
        "down_blocks.2.attentions.1.transformer_blocks.0.norm1.weight"
      },
      {"middle_block.2.out_layers.3.weight", "mid_block.resnets.1.conv2.weight"},
      {"output_blocks.2.1.conv.weight", "up_blocks.0.upsamplers.0.conv.weight"},
      {"output_blocks.8.2.conv.weight", "up_blocks.2.upsamplers.0.conv.weight"},
      {"output_blocks.11.0.skip_connection.bias", "up_blocks.3.resnets.2.conv_shortcut.bias"},
      {"time_embed.2.weight", "time_embedding.linear_2.weight"},
      {"out.0.weight", "conv_norm_out.weight"}
    };
    for (String[] p : pairs) {
      assertThat(names.toOurs("model.diffusion_model." + p[0])).isEqualTo(p[1]);
      assertThat(names.toForeign(p[1])).isEqualTo("model.diffusion_model." + p[0]);
    }
    for (String ours : shapes.keySet()) {
      String theirs = names.toForeign(ours);
      assertThat(theirs).startsWith("model.diffusion_model.");
      assertThat(names.toOurs(theirs)).isEqualTo(ours);
    }
  }

  @Test
  void outputsHaveTheShapeOfTheSampleAlsoForOddSizes() {
    UNet2DConditionModel m = model(tiny());
    for (int[] size : new int[][] {{8, 8}, {7, 5}, {1, 2}, {3, 9}}) {
      Tensor x = random(Shape.of(2, 2, size[0], size[1]), 1);
      assertThat(m.apply(x, T, C).shape()).isEqualTo(x.shape());
    }
    assertThat(m.computeOutputShape(Shape.of(-1, 2, 8, 8), Shape.of(-1), Shape.of(-1, 4, 3)))
        .containsExactly(Shape.of(-1, 2, 8, 8));
  }

  @Test
  void timeContextAndMasksCount() {
    UNet2DConditionModel m = model(tiny());
    Tensor y = m.apply(X, T, C);
    assertThat(m.apply(X, T, C.times(2)).toFloatArray()).isNotEqualTo(y.toFloatArray());
    assertThat(m.apply(X, Tensor.of(new long[] {4, 800}, 2), C).toFloatArray())
        .isNotEqualTo(y.toFloatArray());
    Tensor scalar = m.apply(X, Tensor.scalar(3L), C);
    assertClose(m.apply(X, Tensor.of(new float[] {3, 3}, 2), C), scalar, 1e-6);
    Tensor keep = Tensor.of(new long[] {1, 1, 1, 0, 1, 1, 1, 0}, 2, 4);
    Tensor three = Ops.slice(C, new int[] {0, 0, 0}, new int[] {2, 3, 3});
    List<Tensor> masked = Arrays.asList(X, T, C, null, null, null, keep);
    assertClose(m.apply(masked, CallArgs.NONE), m.apply(X, T, three), 1e-5);
  }

  @Test
  void predictingIsApplyingAndTrainingLearns() {
    UNet2DConditionModel m = model(tiny());
    assertClose(m.predict(X, T, C), m.apply(X, T, C), 1e-5);
    m.compile(new Adam(1e-2), "mse");
    double[] loss = m.fit(List.of(X, T, C), X, Fit.epochs(15).batchSize(2)).get("loss");
    assertThat(loss[14]).isLessThan(loss[0] / 2);
  }

  @Test
  void filesOfBothKindsGiveTheModelBack() {
    UNet2DConditionModel m = model(tiny().with("num_class_embeds", 3));
    Tensor labels = Tensor.of(new int[] {2, 0}, 2);
    Tensor y = m.apply(X, T, C, labels);
    Path keras = folder.resolve("unet.keras");
    m.save(keras);
    assertClose(Models.load(keras, Registry.standard(), true).apply(X, T, C, labels), y, 0);
    Path torch = folder.resolve("unet.safetensors");
    Renaming names = m.compVisNames("model.diffusion_model.");
    for (Renaming r : List.of(Renaming.NONE, names)) {
      StateDict.saveSafetensors(m, torch, r);
      Seeds.set(77);
      UNet2DConditionModel again = Layer.fromConfig(UNet2DConditionModel.TYPE, m.getConfig());
      again.build(Shape.of(-1, 2, 8, 8));
      StateDict.loadSafetensors(again, torch, StateDictOptions.STRICT.withRenaming(r));
      assertClose(again.apply(X, T, C, labels), y, 0);
    }
  }

  @Test
  void gradientsAreThoseOfTheFunction() {
    UNet2DConditionModel m =
        model(tiny().with("dtype", "float64").with("resnet_time_scale_shift", "scale_shift"));
    Tensor x = Ops.cast(random(Shape.of(1, 2, 3, 4), 3), DType.FLOAT64);
    Tensor c = Ops.cast(random(Shape.of(1, 2, 3), 4), DType.FLOAT64);
    Tensor t = Tensor.of(new long[] {100}, 1);
    GradientCheck.of(in -> Ops.sum(Ops.square(m.apply(in.get(0), t, in.get(1)))), List.of(x, c))
        .run();
  }

  @Test
  void controlResidualsAreAdded() {
    UNet2DConditionModel m = model(tiny());
    Tensor y = m.apply(X, T, C);
    List<Tensor> down =
        List.of(
            Ops.zeros(Shape.of(2, 4, 8, 8), DType.FLOAT32),
            Ops.zeros(Shape.of(2, 4, 8, 8), DType.FLOAT32),
            Ops.zeros(Shape.of(2, 4, 4, 4), DType.FLOAT32),
            Ops.zeros(Shape.of(2, 8, 4, 4), DType.FLOAT32));
    CallArgs none =
        CallArgs.of("down_block_additional_residuals", down)
            .with("mid_block_additional_residual", Ops.zeros(Shape.of(2, 8, 4, 4), DType.FLOAT32));
    assertClose(m.apply(List.of(X, T, C), none), y, 0);
    CallArgs some =
        none.with("mid_block_additional_residual", Ops.ones(Shape.of(2, 8, 4, 4), DType.FLOAT32));
    assertThat(m.apply(List.of(X, T, C), some).toFloatArray()).isNotEqualTo(y.toFloatArray());
    CallArgs few = CallArgs.of("down_block_additional_residuals", down.subList(0, 2));
    assertThatThrownBy(() -> m.apply(List.of(X, T, C), few))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("4 down_block_additional_residuals");
  }

  @Test
  void levelsMayDiffer() {
    Config c =
        tiny()
            .with("attention_head_dim", List.of(2, 4))
            .with("layers_per_block", List.of(2, 1))
            .with("cross_attention_dim", 3)
            .with("transformer_layers_per_block", List.of(2, 1))
            .with("only_cross_attention", List.of(true, false))
            .with("use_linear_projection", true)
            .with("mid_block_type", "UNetMidBlock2D")
            .with("center_input_sample", true)
            .with("time_cond_proj_dim", 5)
            .with("timestep_post_act", "silu")
            .with("time_embedding_act_fn", "mish")
            .with("class_embed_type", "projection")
            .with("projection_class_embeddings_input_dim", 6)
            .with("class_embeddings_concat", true)
            .with("encoder_hid_dim", 4);
    UNet2DConditionModel m = model(c);
    Tensor labels = random(Shape.of(2, 6), 6);
    Tensor condition = random(Shape.of(2, 5), 7);
    Tensor context = random(Shape.of(2, 4, 4), 8);
    List<Tensor> in = List.of(X, T, context, labels, condition);
    assertThat(m.apply(in, CallArgs.NONE).shape()).isEqualTo(X.shape());
    Map<String, Shape> shapes = StateDict.of(m).shapes();
    assertThat(shapes)
        .containsKeys(
            "down_blocks.0.attentions.1.transformer_blocks.1.attn1.to_k.weight",
            "encoder_hid_proj.weight",
            "time_embedding.cond_proj.weight",
            "class_embedding.linear_1.weight")
        .doesNotContainKey("mid_block.attentions.0.norm.weight");
    assertThat(shapes)
        .containsEntry(
            "down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_k.weight", Shape.of(4, 3));
    assertThat(m.getConfig()).isEqualTo(model(m.getConfig()).getConfig());
  }

  @Test
  void badArgumentsAndInputsAreRefusedByName() {
    for (Config bad :
        List.of(
            tiny().with("block_out_channels", List.of(4, 8, 8)),
            tiny().with("up_block_types", List.of("UpBlock2D")),
            tiny().with("attention_head_dim", 0),
            tiny().with("layers_per_block", List.of(1, "x")),
            tiny().with("norm_num_groups", 3),
            tiny().with("act_fn", "tanh"),
            tiny().with("class_embed_type", "text"),
            tiny().with("conv_in_kernel", 2),
            tiny().with("nonsense", 1))) {
      assertThatThrownBy(() -> Layer.fromConfig(UNet2DConditionModel.TYPE, bad))
          .isInstanceOf(ConfigException.class);
    }
    assertThatThrownBy(() -> model(tiny().with("dual_cross_attention", true)))
        .isInstanceOf(UnsupportedFeatureException.class)
        .hasMessageContaining("dual_cross_attention");
    UNet2DConditionModel m = model(tiny());
    assertThatThrownBy(() -> m.apply(random(Shape.of(2, 3, 8, 8), 1), T, C))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("(2, 3, 8, 8)");
    assertThatThrownBy(() -> m.apply(X)).isInstanceOf(ShapeException.class);
    assertThatThrownBy(() -> m.apply(X, Tensor.of(new long[] {1, 2, 3}, 3), C))
        .isInstanceOf(ShapeException.class);
    UNet2DConditionModel classes = model(tiny().with("num_class_embeds", 3));
    assertThatThrownBy(() -> classes.apply(X, T, C))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("class_labels");
  }
}
