package io.weft.systems.diffusers;

import static io.weft.systems.diffusers.DiffusersData.assertClose;
import static io.weft.systems.diffusers.DiffusersData.random;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.autodiff.GradientTape;
import io.weft.config.Config;
import io.weft.error.ConfigException;
import io.weft.error.ShapeException;
import io.weft.layer.CallArgs;
import io.weft.layer.Layer;
import io.weft.systems.weights.StateDict;
import io.weft.systems.weights.StateDictOptions;
import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.testing.LayerBattery;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What fine-tuning puts beside an attention, joint attention, and the spatial norm. */
class AttentionAdaptersTest {
  private static final Config PLAIN =
      Config.of("query_dim", 6, "cross_attention_dim", 5, "heads", 2, "dim_head", 4);
  private static final Config JOINT =
      Config.of("query_dim", 6, "heads", 2, "dim_head", 4, "added_kv_proj_dim", 5);
  private static final Shape X = Shape.of(2, 4, 6);

  private static DiffusersAttention of(Config c) {
    return Layer.fromConfig(DiffusersAttention.TYPE, c);
  }

  /** An attention whose common weights are those of another. */
  private static DiffusersAttention like(DiffusersAttention other, Config c) {
    DiffusersAttention a = of(c);
    a.build(X);
    StateDict.load(a, StateDict.of(other).export(), StateDictOptions.LENIENT);
    return a;
  }

  @Test
  void passTheChecksOfEveryLayer() {
    Shape context = Shape.of(2, 3, 5);
    for (String kind : List.of("kv", "q_out", "kv_q_out")) {
      // no gradient of the first token: the battery's numeric gradients are those of the others
      Config c = PLAIN.without("cross_attention_dim").with("custom_diffusion", kind);
      LayerBattery.of(of(c), X).run();
    }
    Config images = PLAIN.with("ip_adapter_tokens", new int[] {1, 2});
    LayerBattery.of(of(images.with("ip_adapter_scale", List.of(0.5, 2.0))), X, Shape.of(2, 5, 5))
        .outputShape(2, 4, 6)
        .weights(9)
        .run();
    LayerBattery.of(
            of(JOINT.with("context_pre_only", false).with("qk_norm", "rms_norm")), X, context)
        .outputShapes(X, Shape.of(2, 3, 6))
        .weights(17)
        .run();
    LayerBattery.of(of(JOINT.with("context_pre_only", true).with("out_context_dim", 5)), X, context)
        .outputShapes(X, Shape.of(2, 3, 8))
        .run();
    LayerBattery.of(of(PLAIN.with("pre_only", true)), X, context).outputShape(2, 4, 8).run();
    Config norm = Config.of("f_channels", 32, "zq_channels", 3);
    LayerBattery.of(
            Layer.fromConfig(SpatialNorm.TYPE, norm), Shape.of(2, 32, 3, 4), Shape.of(2, 3, 2, 2))
        .outputShape(2, 32, 3, 4)
        .weights(6)
        .run();
  }

  @Test
  void imagesWithoutWeightAreAsNone() {
    DiffusersAttention plain = of(PLAIN);
    Tensor x = random(X, 1);
    Tensor text = random(Shape.of(2, 3, 5), 2);
    Tensor y = plain.apply(x, text);
    Config c = PLAIN.with("ip_adapter_tokens", new int[] {2});
    Tensor image = random(Shape.of(2, 2, 5), 3);
    Tensor whole = Ops.concatenate(List.of(text, image), 1);
    assertClose(like(plain, c.with("ip_adapter_scale", 0.0)).apply(x, whole), y, 0);
    DiffusersAttention adapted = like(plain, c);
    Tensor z = adapted.apply(x, whole);
    assertThat(z.toFloatArray()).isNotEqualTo(y.toFloatArray());
    // a mask is of the text alone
    Tensor mask = Tensor.of(new boolean[] {true, true, true, true, true, true}, 2, 3);
    assertClose(adapted.apply(Arrays.asList(x, whole, mask), CallArgs.NONE), z, 0);
    assertThat(StateDict.of(adapted).shapes())
        .containsEntry("processor.to_k_ip.0.weight", Shape.of(8, 5));
    assertThatThrownBy(() -> adapted.apply(x, random(Shape.of(2, 1, 5), 4)))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("the 2 tokens")
        .hasMessageContaining("(2, 1, 5)");
  }

  @Test
  void theStartOfATextGetsNoGradientFromANewConcept() {
    DiffusersAttention a = of(PLAIN.with("custom_diffusion", "kv"));
    Tensor x = random(X, 1);
    Tensor text = random(Shape.of(2, 3, 5), 2);
    a.apply(x, text);
    try (GradientTape tape = GradientTape.open()) {
      Tensor y = a.apply(x, text);
      float[] g = tape.gradients(List.of(y), null, List.of(text)).get(0).toFloatArray();
      for (int i = 0; i < g.length; i++) {
        assertThat(g[i] == 0).as("element %d", i).isEqualTo(i % 15 < 5);
      }
    }
  }

  @Test
  void joinedSequencesAreOneSelfAttentionIfTheirProjectionsAreEqual() {
    Config c = JOINT.with("added_kv_proj_dim", 6).with("added_proj_bias", false);
    DiffusersAttention joint = of(c.with("context_pre_only", false));
    joint.build(X);
    var own = new java.util.LinkedHashMap<>(StateDict.of(joint).export());
    for (String p : List.of("q", "k", "v")) {
      own.put("add_" + p + "_proj.weight", own.get("to_" + p + ".weight"));
    }
    own.put("to_add_out.weight", own.get("to_out.0.weight"));
    StateDict.load(joint, own);
    DiffusersAttention self = like(joint, PLAIN.without("cross_attention_dim"));
    Tensor x = random(X, 1);
    Tensor context = random(Shape.of(2, 3, 6), 2);
    List<Tensor> two = joint.applyAll(List.of(x, context), CallArgs.NONE);
    Tensor one = self.apply(Ops.concatenate(List.of(x, context), 1));
    assertClose(Ops.concatenate(two, 1), one, 1e-6);
    assertClose(joint.apply(x), self.apply(x), 1e-6);
  }

  @Test
  void aUNetHandsAdaptersOnToItsAttentions() {
    UNet2DConditionModel plain = UNetTest.model(UNetTest.tiny());
    Tensor x = random(Shape.of(2, 2, 8, 8), 1);
    Tensor t = Tensor.of(new long[] {3, 800}, 2);
    Tensor text = random(Shape.of(2, 4, 3), 2);
    Tensor y = plain.apply(x, t, text);
    UNet2DConditionModel lora = adapted(plain, Config.of("lora_rank", 2));
    assertClose(lora.apply(x, t, text), y, 0);
    String block = "down_blocks.0.attentions.0.transformer_blocks.0.";
    assertThat(StateDict.of(lora).shapes())
        .containsEntry(block + "attn1.processor.to_q_lora.down.weight", Shape.of(2, 4))
        .containsEntry(block + "attn2.processor.to_k_lora.down.weight", Shape.of(2, 3));
    Config images = Config.of("ip_adapter_tokens", new int[] {2}, "ip_adapter_scale", 0.0);
    UNet2DConditionModel ip = adapted(plain, images);
    Tensor whole = Ops.concatenate(List.of(text, random(Shape.of(2, 2, 3), 3)), 1);
    assertClose(ip.apply(x, t, whole), y, 0);
    assertThat(StateDict.of(ip).shapes().keySet())
        .contains(block + "attn2.processor.to_v_ip.0.weight")
        .doesNotContain(block + "attn1.processor.to_v_ip.0.weight");
    assertThat(plain.getConfig().has("attention_adapter")).isFalse();
    assertThatThrownBy(
            () -> UNetTest.model(UNetTest.tiny().with("attention_adapter", Config.of("heads", 1))))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("attention_adapter");
    assertThat(Layer.fromConfig(UNet2DConditionModel.TYPE, ip.getConfig()).getConfig())
        .isEqualTo(ip.getConfig());
  }

  private static UNet2DConditionModel adapted(UNet2DConditionModel plain, Config adapter) {
    UNet2DConditionModel m = UNetTest.model(UNetTest.tiny().with("attention_adapter", adapter));
    StateDict.load(m, StateDict.of(plain).export(), StateDictOptions.LENIENT);
    return m;
  }

  @Test
  void masksOfAContextAreOfItsTextAlone() {
    DiffusersAttention a = of(PLAIN.with("ip_adapter_tokens", new int[] {2}));
    Tensor x = random(X, 1);
    Tensor whole = random(Shape.of(2, 5, 5), 2);
    Tensor y = a.apply(x, whole);
    Tensor all = Tensor.of(new boolean[] {true, true, true, true, true}, 1, 5);
    Tensor mask = Ops.broadcastTo(all, Shape.of(2, 5));
    assertClose(a.apply(x, whole.withMask(mask)), y, 0);
  }

  @Test
  void imagesCountWhereTheirMasksSay() {
    Config c = PLAIN.with("ip_adapter_tokens", new int[] {4});
    DiffusersAttention plain = of(PLAIN);
    Tensor x = random(X, 1);
    Tensor whole = random(Shape.of(2, 7, 5), 2);
    Tensor text = Ops.slice(whole, new int[3], new int[] {2, 3, 5});
    plain.apply(x, text);
    DiffusersAttention a = like(plain, c);
    Tensor y = a.apply(x, whole);
    assertClose(masked(a, x, whole, Ops.ones(Shape.of(1, 1, 6, 6), DType.FLOAT32)), y, 1e-5);
    Tensor nowhere = Ops.zeros(Shape.of(2, 2, 4, 4), DType.FLOAT32);
    assertClose(masked(a, x, whole, nowhere), plain.apply(x, text), 1e-6);
    // four queries in two rows: the upper half is the text's alone
    float[] half = {0, 0, 1, 1};
    Tensor lower = masked(a, x, whole, Tensor.of(half, 1, 1, 2, 2));
    for (int row = 0; row < 4; row++) {
      Tensor expected = row < 2 ? plain.apply(x, text) : y;
      assertClose(row(lower, row), row(expected, row), 1e-5);
    }
    assertThat(plain.apply(x, text).toFloatArray()).isNotEqualTo(y.toFloatArray());
    // other attentions pass the argument over, as the original's do
    assertClose(masked(plain, x, text, nowhere), plain.apply(x, text), 0);
  }

  private static Tensor masked(DiffusersAttention a, Tensor x, Tensor context, Tensor mask) {
    return a.apply(List.of(x, context), CallArgs.of("ip_adapter_masks", Arrays.asList(mask)));
  }

  private static Tensor row(Tensor x, int i) {
    return Ops.slice(x, new int[] {0, i, 0}, new int[] {x.dim(0), 1, x.dim(2)});
  }

  @Test
  void masksReachTheAttentionsOfAUNet() {
    UNet2DConditionModel plain = UNetTest.model(UNetTest.tiny());
    Tensor x = random(Shape.of(2, 2, 8, 8), 1);
    Tensor t = Tensor.of(new long[] {3, 800}, 2);
    Tensor text = random(Shape.of(2, 4, 3), 2);
    plain.apply(x, t, text);
    UNet2DConditionModel ip = adapted(plain, Config.of("ip_adapter_tokens", new int[] {2}));
    Tensor whole = Ops.concatenate(List.of(text, random(Shape.of(2, 2, 3), 3)), 1);
    Tensor none = Ops.zeros(Shape.of(1, 1, 8, 8), DType.FLOAT32);
    CallArgs call = CallArgs.of("ip_adapter_masks", none);
    assertClose(ip.apply(List.of(x, t, whole), call), plain.apply(x, t, text), 1e-5);
  }

  @Test
  void masksThatDoNotFitAreNamed() {
    DiffusersAttention a = of(PLAIN.with("ip_adapter_tokens", new int[] {4}));
    Tensor x = random(X, 1);
    Tensor whole = random(Shape.of(2, 7, 5), 2);
    String[] expected = {
      "divide its 4 tokens", "(1 or 2, images", "one for each of the 1 adapters"
    };
    Object[] masks = {
      List.of(random(Shape.of(1, 3, 2, 2), 1)),
      List.of(random(Shape.of(3, 1, 2, 2), 1)),
      random(Shape.of(2, 1, 2, 2), 1)
    };
    for (int i = 0; i < masks.length; i++) {
      CallArgs call = CallArgs.of("ip_adapter_masks", masks[i]);
      assertThatThrownBy(() -> a.apply(List.of(x, whole), call))
          .isInstanceOf(ShapeException.class)
          .hasMessageContaining("ip_adapter_masks")
          .hasMessageContaining(expected[i]);
    }
    CallArgs wide = CallArgs.of("ip_adapter_masks", List.of(random(Shape.of(1, 1, 1, 9), 1)));
    assertThatThrownBy(() -> a.apply(List.of(x, whole), wide))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("aspect of an image of 4 pixels");
    CallArgs wrong = CallArgs.of("ip_adapter_masks", 3);
    assertThatThrownBy(() -> a.apply(List.of(x, whole), wrong)).isInstanceOf(ShapeException.class);
    List<?> perImage = List.of(List.of(0.5, 1.0));
    DiffusersAttention each =
        of(PLAIN.with("ip_adapter_tokens", new int[] {4}).with("ip_adapter_scale", perImage));
    assertThatThrownBy(() -> each.apply(x, whole))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("a mask of its 2 images");
    CallArgs one = CallArgs.of("ip_adapter_masks", List.of(random(Shape.of(1, 1, 2, 2), 1)));
    assertThatThrownBy(() -> each.apply(List.of(x, whole), one))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("one for each scale");
  }

  @Test
  void whatDoesNotGoTogetherIsRefused() {
    refused(PLAIN.with("context_pre_only", false), "context_pre_only");
    refused(JOINT.with("context_pre_only", true).with("norm_num_groups", 2), "context_pre_only");
    refused(JOINT.with("context_pre_only", true).with("qk_norm", "l2"), "qk_norm");
    refused(PLAIN.with("custom_diffusion", "all"), "custom_diffusion");
    refused(PLAIN.with("ip_adapter_tokens", new int[] {0}), "ip_adapter_tokens");
    refused(PLAIN.with("ip_adapter_scale", List.of(1.0)), "ip_adapter_scale");
    refused(PLAIN.with("lora_rank", 2).with("custom_diffusion", "kv"), "lora_rank");
    refused(JOINT.with("norm_num_groups", 2).with("custom_diffusion", "kv"), "added_kv_proj_dim");
    DiffusersAttention spatial =
        of(Config.of("query_dim", 32, "heads", 2, "dim_head", 4, "spatial_norm_dim", 3));
    assertThatThrownBy(() -> spatial.apply(random(Shape.of(1, 32, 2, 2), 1)))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("temb");
  }

  private static void refused(Config c, String key) {
    assertThatThrownBy(() -> of(c)).isInstanceOf(ConfigException.class).hasMessageContaining(key);
  }
}
