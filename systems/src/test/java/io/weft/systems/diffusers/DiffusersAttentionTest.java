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
import io.weft.random.Seeds;
import io.weft.systems.weights.StateDict;
import io.weft.tensor.DType;
import io.weft.tensor.Index;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.testing.LayerBattery;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DiffusersAttentionTest {
  private static final Config CROSS =
      Config.of("query_dim", 6, "cross_attention_dim", 5, "heads", 2, "dim_head", 4);

  private static DiffusersAttention attention(Config config) {
    Seeds.set(3);
    DiffusersAttention a = Layer.fromConfig(DiffusersAttention.TYPE, config);
    a.build(Shape.of(-1, -1, 6));
    Seeds.set(4);
    List<Tensor> w = a.getWeights().stream().map(t -> random(t.shape(), t.rank())).toList();
    a.setWeights(w);
    return a;
  }

  private static Tensor call(DiffusersAttention a, Tensor x, Tensor context, Tensor mask) {
    return a.apply(Arrays.asList(x, context, mask), CallArgs.NONE);
  }

  private static Tensor reordered(Tensor x, int... order) {
    return Ops.take(x, Tensor.of(order, order.length), 1);
  }

  @Test
  void passesTheChecksOfEveryLayer() {
    List<Config> all =
        List.of(
            CROSS,
            CROSS.with("bias", true).with("scale_qk", false).with("out_bias", false),
            CROSS.with("qk_norm", "rms_norm").with("cross_attention_norm", "layer_norm"),
            CROSS.with("qk_norm", "layer_norm_across_heads").with("kv_heads", 1),
            CROSS.with("qk_norm", "l2").with("out_dim", 12).with("is_causal", true),
            CROSS
                .with("norm_num_groups", 3)
                .with("residual_connection", true)
                .with("rescale_output_factor", 2.0),
            CROSS.with("processor", "sliced:3").with("lora_rank", 2));
    for (Config c : all) {
      DiffusersAttention a = Layer.fromConfig(DiffusersAttention.TYPE, c);
      LayerBattery.of(a, Shape.of(2, 4, 6), Shape.of(2, 3, 5)).run();
    }
    Config image =
        Config.of("query_dim", 6, "heads", 2, "dim_head", 4)
            .with("norm_num_groups", 3)
            .with("residual_connection", true);
    LayerBattery.of(Layer.fromConfig(DiffusersAttention.TYPE, image), Shape.of(2, 6, 2, 3))
        .outputShape(2, 6, 2, 3)
        .run();
    for (boolean only : new boolean[] {false, true}) {
      Config added =
          image.with("added_kv_proj_dim", 5).with("only_cross_attention", only).with("bias", true);
      LayerBattery.of(
              Layer.fromConfig(DiffusersAttention.TYPE, added),
              Shape.of(2, 6, 2, 2),
              Shape.of(2, 3, 5))
          .outputShape(2, 6, 2, 2)
          .run();
    }
  }

  @Test
  void equalsTheFormula() {
    DiffusersAttention a = attention(CROSS.with("bias", true));
    Tensor x = random(Shape.of(2, 4, 6), 1);
    Tensor c = random(Shape.of(2, 3, 5), 2);
    Map<String, Tensor> w = StateDict.of(a).export();
    Tensor q = linear(w, "to_q", x);
    Tensor k = linear(w, "to_k", c);
    Tensor v = linear(w, "to_v", c);
    Tensor p = a.attentionScores(q, k, null);
    assertClose(Ops.sum(p, -1), Ops.ones(Shape.of(2, 2, 4), DType.FLOAT32), 1e-5);
    Tensor y = Ops.einsum("bhts,bshd->bthd", p, v.reshape(2, 3, 2, 4)).reshape(2, 4, 8);
    assertClose(call(a, x, c, null), linear(w, "to_out.0", y), 1e-5);
  }

  private static Tensor linear(Map<String, Tensor> w, String name, Tensor x) {
    return Ops.matmul(x, w.get(name + ".weight").transpose(1, 0)).plus(w.get(name + ".bias"));
  }

  @Test
  void queriesKeepTheirPlacesAndKeysHaveNone() {
    DiffusersAttention a = attention(CROSS);
    Tensor x = random(Shape.of(2, 4, 6), 1);
    Tensor c = random(Shape.of(2, 3, 5), 2);
    Tensor y = call(a, x, c, null);
    assertClose(call(a, reordered(x, 2, 0, 3, 1), c, null), reordered(y, 2, 0, 3, 1), 1e-5);
    assertClose(call(a, x, reordered(c, 2, 0, 1), null), y, 1e-5);
  }

  @Test
  void samplesDoNotKnowEachOther() {
    DiffusersAttention a = attention(CROSS);
    Tensor x = random(Shape.of(3, 4, 6), 1);
    Tensor c = random(Shape.of(3, 2, 5), 2);
    Tensor whole = call(a, x, c, null);
    for (int i = 0; i < 3; i++) {
      Index one = Index.range(i, i + 1, null);
      assertClose(call(a, x.get(one), c.get(one), null), whole.get(one), 1e-5);
    }
  }

  @Test
  void hiddenKeysHaveNoInfluenceAtAll() {
    DiffusersAttention a = attention(CROSS);
    Tensor x = random(Shape.of(1, 4, 6), 1);
    Tensor c = random(Shape.of(1, 3, 5), 2);
    Tensor mask = Tensor.of(new boolean[] {true, false, true}, 1, 3);
    Tensor y = call(a, x, c, mask);
    Tensor other =
        Ops.concatenate(List.of(head(c, 1), random(Shape.of(1, 1, 5), 9), tail(c, 2)), 1);
    assertThat(call(a, x, other, mask).toFloatArray()).isEqualTo(y.toFloatArray());
    assertClose(y, call(a, x, reordered(c, 0, 2), null), 1e-5);
    Tensor added = Ops.where(mask, 0.0, -1e4).reshape(1, 1, 3);
    assertClose(call(a, x, c, Ops.cast(added, DType.FLOAT32)), y, 1e-5);
    assertClose(call(a, x, c.withMask(mask), null), y, 1e-5);
    Tensor all = Ops.ones(Shape.of(1, 3), DType.BOOL);
    assertClose(call(a, x, c, all), call(a, x, c, null), 1e-5);
  }

  private static Tensor head(Tensor x, int n) {
    return x.get(Index.all(), Index.to(n));
  }

  private static Tensor tail(Tensor x, int from) {
    return x.get(Index.all(), Index.from(from));
  }

  @Test
  void aQueryWithoutAnyKeyGetsTheMeanOfTheValues() {
    DiffusersAttention a = attention(CROSS);
    Tensor x = random(Shape.of(1, 2, 6), 1);
    Tensor c = random(Shape.of(1, 3, 5), 2);
    Tensor none = Ops.zeros(Shape.of(1, 3), DType.BOOL);
    Tensor mean = Ops.mean(c, new int[] {1}, true);
    assertClose(call(a, x, c, none), call(a, x, mean, null), 1e-5);
    Tensor same = Ops.repeat(mean, 3, 1);
    assertClose(call(a, x, same, null), call(a, x, mean, null), 1e-5);
  }

  @Test
  void processorsAndFusedProjectionsChangeNothing() {
    Tensor x = random(Shape.of(2, 5, 6), 1);
    Tensor c = random(Shape.of(2, 3, 5), 2);
    Tensor mask = Tensor.of(new boolean[] {true, false, true, true, true, false}, 2, 3);
    for (Tensor m : new Tensor[] {null, mask}) {
      DiffusersAttention a =
          attention(CROSS.with("bias", true).with("heads", 4).with("kv_heads", 2));
      Tensor y = call(a, x, c, m);
      for (int n = 1; n <= 4; n++) {
        a.setAttentionSlice(n);
        assertClose(call(a, x, c, m), y, 1e-5);
      }
      a.setAttentionSlice(null);
      a.fuseProjections(true);
      assertClose(call(a, x, c, m), y, 1e-5);
    }
    DiffusersAttention self = attention(CROSS.without("cross_attention_dim"));
    Tensor y = call(self, x, null, null);
    assertClose(call(self, x, x, null), y, 1e-5);
    self.fuseProjections(true);
    assertClose(call(self, x, null, null), y, 1e-5);
    assertThatThrownBy(() -> self.setAttentionSlice(5)).isInstanceOf(ConfigException.class);
    assertThatThrownBy(() -> self.setProcessor("flash"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("flash");
  }

  @Test
  void fusedProjectionsGiveTheSameGradients() {
    DiffusersAttention a = attention(CROSS.without("cross_attention_dim").with("bias", true));
    Tensor x = random(Shape.of(2, 5, 6), 1);
    List<List<Tensor>> both = new java.util.ArrayList<>();
    for (boolean on : new boolean[] {false, true}) {
      a.fuseProjections(on);
      try (GradientTape tape = GradientTape.open()) {
        Tensor loss = Ops.sum(Ops.square(call(a, x, null, null)));
        List<Tensor> w = a.getWeights();
        both.add(tape.gradients(List.of(loss), null, w));
      }
    }
    for (int i = 0; i < both.get(0).size(); i++) {
      assertClose(both.get(1).get(i), both.get(0).get(i), 1e-3);
    }
  }

  @Test
  void filesOfFusedModelsAreRead() {
    DiffusersAttention a = attention(CROSS.without("cross_attention_dim"));
    Map<String, Tensor> given = new LinkedHashMap<>(StateDict.of(a).export());
    Tensor joint =
        Ops.concatenate(
            List.of(
                given.remove("to_q.weight"),
                given.remove("to_k.weight"),
                given.remove("to_v.weight")),
            0);
    given.put("to_qkv.weight", joint);
    DiffusersAttention b = attention(CROSS.without("cross_attention_dim"));
    b.setWeights(b.getWeights().stream().map(Ops::zerosLike).toList());
    assertThat(StateDict.load(b, given).isComplete()).isTrue();
    Tensor x = random(Shape.of(2, 5, 6), 1);
    assertClose(call(b, x, null, null), call(a, x, null, null), 0);
  }

  @Test
  void aShortMaskIsFilledUpAndALongOneRefused() {
    DiffusersAttention a = attention(CROSS);
    Tensor x = random(Shape.of(2, 4, 6), 1);
    Tensor c = random(Shape.of(2, 3, 5), 2);
    Tensor two = Tensor.of(new float[] {0, -1e4f, 0, 0}, 2, 1, 2);
    Tensor three = Tensor.of(new float[] {0, -1e4f, 0, 0, 0, 0}, 2, 1, 3);
    assertClose(call(a, x, c, two), call(a, x, c, three), 0);
    assertThatThrownBy(() -> call(a, x, c, Ops.zeros(Shape.of(2, 1, 4), DType.FLOAT32)))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("3 keys")
        .hasMessageContaining("(2, 1, 4)");
    Tensor perHead = random(Shape.of(4, 4, 3), 5);
    assertClose(call(a, x, c, perHead), call(a, x, c, perHead.reshape(2, 2, 4, 3)), 0);
  }

  @Test
  void rescalingHalvesAndLoraStartsWithoutAChange() {
    Tensor x = random(Shape.of(2, 4, 6), 1);
    Tensor c = random(Shape.of(2, 3, 5), 2);
    DiffusersAttention one = attention(CROSS);
    DiffusersAttention two = attention(CROSS.with("rescale_output_factor", 2.0));
    Tensor y = call(one, x, c, null);
    assertClose(call(two, x, c, null).times(2), y, 1e-5);
    DiffusersAttention lora = Layer.fromConfig(DiffusersAttention.TYPE, CROSS.with("lora_rank", 2));
    lora.build(Shape.of(-1, -1, 6));
    StateDict.load(
        lora, StateDict.of(one).export(), io.weft.systems.weights.StateDictOptions.LENIENT);
    assertClose(call(lora, x, c, null), y, 0);
    assertThat(StateDict.of(lora).shapes())
        .containsEntry("processor.to_k_lora.down.weight", Shape.of(2, 5))
        .containsEntry("processor.to_out_lora.up.weight", Shape.of(6, 2));
  }

  @Test
  void singleAndMissingTokensGiveTokens() {
    DiffusersAttention a = attention(CROSS);
    Tensor c = random(Shape.of(1, 3, 5), 2);
    assertThat(call(a, random(Shape.of(1, 0, 6), 1), c, null).shape()).isEqualTo(Shape.of(1, 0, 6));
    Tensor single = head(c, 1);
    Tensor y = call(a, random(Shape.of(1, 4, 6), 1), single, null);
    assertClose(reordered(y, 1, 2, 3, 0), y, 1e-5); // one key: every query gets the same
  }

  @Test
  void badInputIsRefusedByName() {
    assertThatThrownBy(() -> new DiffusersAttention(CROSS.with("dim_head", 0)))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("dim_head");
    assertThatThrownBy(() -> new DiffusersAttention(CROSS.with("only_cross_attention", true)))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("added_kv_proj_dim");
    assertThatThrownBy(() -> new DiffusersAttention(CROSS.with("qk_norm", "batch")))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("batch");
    assertThatThrownBy(() -> new DiffusersAttention(CROSS.with("norm_num_groups", 4)))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("norm_num_groups");
    DiffusersAttention a = attention(CROSS);
    assertThatThrownBy(() -> a.apply(random(Shape.of(2, 4, 7), 1)))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("(2, 4, 7)");
    assertThatThrownBy(
            () -> call(a, random(Shape.of(2, 4, 6), 1), random(Shape.of(2, 3, 6), 1), null))
        .isInstanceOf(ShapeException.class);
  }
}
