package io.weft.systems.bert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.config.Config;
import io.weft.error.ConfigException;
import io.weft.error.ShapeException;
import io.weft.layer.CallArgs;
import io.weft.layer.Layer;
import io.weft.random.SeedGenerator;
import io.weft.systems.core.KeyValueCache;
import io.weft.systems.transformer.Generator;
import io.weft.systems.weights.StateDict;
import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.RandomOps;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.testing.LayerBattery;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Caches, masks, names and refusals of BERT, BART and T5. */
class BertTest {
  private static final Config BERT =
      Config.of(
          "vocab_size",
          13,
          "hidden_size",
          8,
          "num_hidden_layers",
          2,
          "num_attention_heads",
          2,
          "intermediate_size",
          12,
          "max_position_embeddings",
          6,
          "hidden_dropout_prob",
          0.0,
          "attention_probs_dropout_prob",
          0.0);
  private static final Config DECODER =
      BERT.plus(Config.of("is_decoder", true, "add_cross_attention", true));

  private static Tensor random(long seed, int... shape) {
    return RandomOps.normal(Shape.of(shape), 0, 1, DType.FLOAT32, SeedGenerator.key(seed));
  }

  private static double difference(Tensor a, Tensor b) {
    assertThat(a.shape()).isEqualTo(b.shape());
    return Ops.max(Ops.abs(a.minus(b)), null, false).item();
  }

  private static Tensor columns(Tensor x, int from, int count) {
    int[] start = new int[x.rank()];
    int[] size = x.shape().dims();
    start[1] = from;
    size[1] = count;
    return Ops.slice(x, start, size);
  }

  @Test
  void decoderStepByStepIsTheFullPass() {
    for (String positions : List.of("absolute", "relative_key", "relative_key_query")) {
      BertDecoder d = new BertDecoder(BERT.with("position_embedding_type", positions));
      Tensor ids = Tensor.of(new int[] {1, 5, 12, 3, 2, 7, 7, 4}, 2, 4);
      Tensor states = random(1, 2, 3, 8);
      Tensor mask = Tensor.of(new int[] {1, 1, 0, 1, 1, 1}, 2, 3);
      CallArgs a =
          CallArgs.of("encoder_hidden_states", states).with("encoder_attention_mask", mask);
      Tensor full = d.apply(ids, a);
      KeyValueCache cache = new KeyValueCache();
      List<Tensor> steps = new ArrayList<>();
      for (int t = 0; t < 4; t++) {
        steps.add(d.decoding(states, mask).logits(columns(ids, t, 1), cache));
      }
      assertThat(difference(Ops.concatenate(steps, 1), full)).as(positions).isLessThan(1e-5);
      Tensor other = d.apply(Tensor.of(new int[] {1, 5, 4, 4, 2, 7, 1, 1}, 2, 4), a);
      assertThat(difference(columns(other, 0, 2), columns(full, 0, 2))).isZero();
    }
  }

  @Test
  void t5AndBartStepByStepAreTheFullPass() {
    Config t5 =
        Config.of(
            "d_model",
            8,
            "d_kv",
            3,
            "d_ff",
            12,
            "num_heads",
            2,
            "dropout_rate",
            0.0,
            "relative_attention_num_buckets",
            4,
            "relative_attention_max_distance",
            5,
            "is_decoder",
            true);
    Config bart = Config.of("d_model", 8, "decoder_attention_heads", 2, "decoder_ffn_dim", 12);
    for (Layer block : List.of(new T5Block(t5), new BartDecoderLayer(bart))) {
      Tensor x = random(2, 2, 7, 8);
      Tensor states = random(3, 2, 3, 8);
      CallArgs a = CallArgs.of("encoder_hidden_states", states).with("use_causal_mask", true);
      Tensor full = block.apply(x, a);
      KeyValueCache cache = new KeyValueCache();
      List<Tensor> steps = new ArrayList<>();
      for (int[] part : new int[][] {{0, 3}, {3, 1}, {4, 2}, {6, 1}}) {
        steps.add(block.apply(columns(x, part[0], part[1]), a.with("cache", cache)));
      }
      assertThat(difference(Ops.concatenate(steps, 1), full)).isLessThan(1e-5);
    }
  }

  @Test
  void generatesWithEachMethod() {
    BertDecoder d = new BertDecoder(BERT);
    Generator g = new Generator(1, 2, 5);
    Tensor states = random(4, 2, 3, 8);
    Generator.Generated greedy = g.greedy(d.decoding(states, null), 2);
    int steps = greedy.logits().dim(1);
    Tensor again =
        d.apply(columns(greedy.tokens(), 0, steps), CallArgs.of("encoder_hidden_states", states));
    assertThat(difference(greedy.logits(), again)).isLessThan(1e-5);
    List<List<Generator.Hypothesis>> beams = g.beam(d.decoding(states, null), 2, 3, 0.6);
    assertThat(beams).hasSize(2).allSatisfy(b -> assertThat(b).hasSize(3));
    assertThat(
            g.sample(d.decoding(states, null), 2, new Generator.Sampling(1, 3, 0.9, 1))
                .tokens()
                .dim(0))
        .isEqualTo(2);
  }

  @Test
  void passTheBattery() {
    Tensor ids = Tensor.of(new int[] {1, 5, 12, 3, 2, 7}, 2, 3);
    LayerBattery.of(new BertModel(BERT.with("add_pooling_layer", true)), ids)
        .outputShapes(Shape.of(2, 3, 8), Shape.of(2, 8))
        .weights(5 + 2 * 16 + 2)
        .run();
    LayerBattery.of(new BertDecoder(BERT.with("add_cross_attention", false)), ids)
        .outputShape(2, 3, 13)
        .run();
  }

  @Test
  void weightsGoOutAndInByTheirNames() {
    BertDecoder d = new BertDecoder(BERT);
    d.build(Shape.of(1, 2));
    Map<String, Tensor> all = StateDict.of(d).export();
    assertThat(all)
        .containsKeys(
            "bert.encoder.layer.1.crossattention.self.query.weight",
            "bert.embeddings.LayerNorm.bias",
            "cls.predictions.transform.LayerNorm.weight",
            "cls.predictions.bias");
    BertDecoder other = new BertDecoder(BERT);
    other.build(Shape.of(1, 2));
    StateDict.load(other, all);
    Tensor ids = Tensor.of(new int[] {1, 5, 2}, 1, 3);
    CallArgs states = CallArgs.of("encoder_hidden_states", random(5, 1, 2, 8));
    assertThat(other.apply(ids, states).toFloatArray())
        .isEqualTo(d.apply(ids, states).toFloatArray());
  }

  @Test
  void encoderWidthMayDiffer() {
    Layer l = new BertLayer(DECODER.with("encoder_hidden_size", 5));
    Tensor y =
        l.apply(random(6, 2, 3, 8), CallArgs.of("encoder_hidden_states", random(7, 2, 4, 5)));
    assertThat(y.shape()).isEqualTo(Shape.of(2, 3, 8));
  }

  @Test
  void badInputIsRefused() {
    int vocabulary = ((Number) BERT.get("vocab_size")).intValue();
    for (int token : new int[] {-1 - vocabulary, vocabulary}) {
      assertThatThrownBy(() -> new BertModel(BERT).apply(Tensor.of(new int[] {1, token}, 1, 2)))
          .isInstanceOf(ShapeException.class)
          .hasMessageContaining("from -" + vocabulary + " to " + (vocabulary - 1))
          .hasMessageContaining("Received: " + token);
    }
    assertThatThrownBy(() -> new BertLayer(BERT.with("add_cross_attention", true)))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("is_decoder");
    assertThatThrownBy(() -> new BertLayer(BERT.with("num_attention_heads", 3)))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("heads=3");
    assertThatThrownBy(
            () -> new BertLayer(BERT.with("hidden_acts", "relu")).apply(random(1, 1, 2, 8)))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("hidden_acts");
    Layer plain = new BertLayer(BERT);
    assertThatThrownBy(
            () ->
                plain.apply(
                    random(1, 1, 2, 8), CallArgs.of("encoder_hidden_states", random(1, 1, 2, 8))))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("no cross-attention");
    BertModel model = new BertModel(BERT);
    assertThatThrownBy(() -> model.apply(Ops.ones(Shape.of(1, 7), DType.INT32)))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("at most 6 tokens. Received: 7");
    assertThatThrownBy(() -> model.apply(random(1, 1, 2, 8)))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("input_ids");
    assertThatThrownBy(
            () ->
                model.apply(
                    Tensor.of(new int[] {1, 2}, 1, 2),
                    CallArgs.of("attention_mask", Ops.ones(Shape.of(1, 3), DType.INT32))))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("attention_mask")
        .hasMessageContaining("(1, 3)");
    assertThat(model.computeOutputShape(Shape.of(-1, -1)).get(0)).isEqualTo(Shape.of(-1, -1, 8));
    assertThatThrownBy(() -> new T5Block(Config.of("relative_attention_num_buckets", 2)))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("buckets");
  }
}
