package io.weft.systems.transformer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.autodiff.GradientTape;
import io.weft.config.Config;
import io.weft.config.Registry;
import io.weft.error.ConfigException;
import io.weft.error.ShapeException;
import io.weft.layer.CallArgs;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import io.weft.random.SeedGenerator;
import io.weft.random.Seeds;
import io.weft.systems.core.KeyValueCache;
import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.RandomOps;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.testing.LayerBattery;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Caches, causality, padding, the order of norms, and the three ways to generate. */
class TransformerTest {
  private static final Config DECODER =
      Config.of("vocab", 11, "dim", 8, "heads", 2, "layers", 2, "dropout", 0.0);

  @BeforeEach
  void seed() {
    Seeds.set(5);
  }

  static Tensor random(long seed, int... shape) {
    return RandomOps.normal(Shape.of(shape), 0, 1, DType.FLOAT32, SeedGenerator.key(seed));
  }

  private static void close(Tensor a, Tensor b, double tolerance) {
    assertThat(a.shape()).isEqualTo(b.shape());
    double worst = Ops.max(Ops.abs(a.minus(b)), null, false).item();
    assertThat(worst).isLessThan(tolerance);
  }

  private static Tensor columns(Tensor x, int from, int count) {
    int[] start = new int[x.rank()];
    int[] size = x.shape().dims();
    start[1] = from;
    size[1] = count;
    return Ops.slice(x, start, size);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void stepByStepWithACacheIsTheFullPass(boolean normFirst) {
    TransformerDecoder d = new TransformerDecoder(DECODER.with("norm_first", normFirst));
    Tensor tokens = Tensor.of(new int[] {1, 5, 2, 9, 10, 3, 4, 7, 7, 1, 2, 6}, 2, 6);
    Tensor memory = random(1, 2, 4, 8);
    Tensor full = d.apply(tokens, memory);
    KeyValueCache cache = new KeyValueCache();
    List<Tensor> steps = new ArrayList<>();
    for (int[] part : new int[][] {{0, 1}, {1, 1}, {2, 3}, {5, 1}}) {
      assertThat(cache.length()).isEqualTo(part[0]);
      steps.add(
          d.apply(List.of(columns(tokens, part[0], part[1]), memory), CallArgs.of("cache", cache)));
    }
    close(Ops.concatenate(steps, 1), full, 1e-5);
  }

  @Test
  void laterTokensAndPaddedSourcesHaveNoInfluence() {
    TransformerDecoder d = new TransformerDecoder(DECODER);
    Tensor keep = Tensor.of(new boolean[] {true, true, false, true}, 1, 4);
    Tensor memory = random(2, 1, 4, 8);
    Tensor other = Ops.where(Ops.expandDims(keep, 2), memory, random(3, 1, 4, 8));
    Tensor y = d.apply(Tensor.of(new int[] {1, 5, 2, 9}, 1, 4), memory.withMask(keep));
    Tensor changed = d.apply(Tensor.of(new int[] {1, 5, 3, 4}, 1, 4), other.withMask(keep));
    assertThat(columns(changed, 0, 2).toFloatArray()).isEqualTo(columns(y, 0, 2).toFloatArray());
    assertThat(columns(changed, 2, 1).toFloatArray()).isNotEqualTo(columns(y, 2, 1).toFloatArray());
  }

  @Test
  void gradientsOfACausalBlockLookBackOnly() {
    TransformerDecoderBlock block = new TransformerDecoderBlock(8, 2, 12);
    Tensor x = random(4, 1, 5, 8);
    Tensor memory = random(5, 1, 3, 8);
    for (int t = 0; t < 5; t++) {
      try (GradientTape tape = GradientTape.open()) {
        Tensor y = block.apply(List.of(x, memory), CallArgs.of("tgt_is_causal", true));
        Tensor one = columns(y, t, 1);
        Tensor g = tape.gradients(List.of(one), List.of(random(6, 1, 1, 8)), List.of(x)).get(0);
        for (int s = 0; s < 5; s++) {
          double size = Ops.max(Ops.abs(columns(g, s, 1)), null, false).item();
          assertThat(size > 0).as("output %d, input %d", t, s).isEqualTo(s <= t);
        }
      }
    }
  }

  @Test
  void preAndPostNormAgreeWhenTheirPartsAreZero() {
    Tensor x = random(7, 2, 3, 8);
    Tensor memory = random(8, 2, 3, 8);
    Layer post = zeroed(false, x, memory);
    Layer pre = zeroed(true, x, memory);
    // three normalizations of what is normalized already, and none
    Tensor normal = post.apply(x, memory);
    close(pre.apply(x, memory), x, 1e-6);
    close(post.apply(normal, memory), normal, 1e-4);
    close(pre.apply(normal, memory), post.apply(normal, memory), 1e-4);
  }

  private static Layer zeroed(boolean normFirst, Tensor x, Tensor memory) {
    Layer block =
        new TransformerDecoderBlock(
            Config.of("d_model", 8, "nhead", 2, "dim_feedforward", 12, "norm_first", normFirst));
    block.apply(x, memory);
    block
        .weights()
        .forEach(
            w -> {
              if (!w.name().equals("gamma")) {
                w.assign(Ops.zeros(w.shape(), w.dtype()));
              }
            });
    return block;
  }

  @Test
  void wholeModelPassesTheBattery() {
    Config c =
        Config.of(
            "source_vocab",
            7,
            "target_vocab",
            5,
            "dim",
            8,
            "heads",
            2,
            "encoder_layers",
            1,
            "decoder_layers",
            1,
            "ff",
            6,
            "norm_first",
            true,
            "tied",
            false);
    Tensor source = Tensor.of(new int[] {1, 2, 6, 3, 0, 0}, 2, 3);
    Tensor target = Tensor.of(new int[] {1, 2, 3, 4}, 2, 2);
    LayerBattery.of(new Transformer(c), source, target).outputShape(2, 2, 5).run();
    LayerBattery.of(new TransformerEncoder(7, 8, 2, 1), source).outputShape(2, 3, 8).run();
    LayerBattery.of(new TransformerEncoderBlock(8, 2, 6), Shape.of(2, 3, 8)).run();
  }

  @Test
  void padsAreMaskedInTheLoss() {
    Transformer t =
        new Transformer(
            Config.of(
                "source_vocab",
                7,
                "target_vocab",
                5,
                "dim",
                8,
                "heads",
                2,
                "encoder_layers",
                1,
                "decoder_layers",
                1));
    Tensor source = Tensor.of(new int[] {1, 2, 6}, 1, 3);
    Tensor y = t.apply(source, Tensor.of(new int[] {1, 2, 0}, 1, 3));
    assertThat(y.mask().toIntArray()).containsExactly(1, 1, 0);
    List<Tensor> maps = t.attention(source, Tensor.of(new int[] {1, 2}, 1, 2));
    assertThat(maps).hasSize(1);
    assertThat(maps.get(0).shape()).isEqualTo(Shape.of(1, 2, 2, 3));
    close(Ops.sum(maps.get(0), 3), Ops.ones(Shape.of(1, 2, 2), DType.FLOAT32), 1e-5);
  }

  /** A model whose next token is one of a table by the last one. */
  private static NextToken markov(double[][] probabilities) {
    return (tokens, cache) -> {
      int[] last = tokens.toIntArray();
      int n = probabilities.length;
      double[] y = new double[last.length * n];
      for (int i = 0; i < last.length; i++) {
        for (int j = 0; j < n; j++) {
          y[i * n + j] = Math.log(probabilities[last[i]][j]);
        }
      }
      return Tensor.of(y, tokens.dim(0), tokens.dim(1), n);
    };
  }

  @Test
  void beamFindsWhatGreedyMisses() {
    // from 0 the likeliest is 1, but only 2 leads on with certainty
    double e = 1e-9;
    NextToken m =
        markov(
            new double[][] {
              {e, 0.6, 0.4, e, e},
              {e, 0.35, 0.3, 0.35, e},
              {e, e, e, 1, e},
              {e, e, e, e, 1},
              {e, e, e, e, 1}
            });
    Generator g = new Generator(0, 4, 6);
    assertThat(g.beam(m, 1, 2, 0).get(0).get(0).tokens()).containsExactly(0, 2, 3, 4);
    assertThat(Math.exp(g.beam(m, 1, 2, 0).get(0).get(0).score())).isCloseTo(0.4, within());
    assertThat(g.greedy(m, 1).tokens().toIntArray()).startsWith(0, 1);
    int[] greedy = g.greedy(m, 1).tokens().toIntArray();
    int[] narrow = g.beam(m, 1, 1, 0).get(0).get(0).tokens();
    assertThat(narrow).isEqualTo(java.util.Arrays.copyOf(greedy, narrow.length));
  }

  private static org.assertj.core.data.Offset<Double> within() {
    return org.assertj.core.data.Offset.offset(1e-6);
  }

  @Test
  void beamSearchOfAModelWithACacheScoresItsSequences() {
    TransformerDecoder d = new TransformerDecoder(DECODER.with("padding", null));
    Tensor memory =
        random(9, 2, 3, 8)
            .withMask(Tensor.of(new boolean[] {true, true, false, true, true, true}, 2, 3));
    NextToken m = (t, cache) -> d.apply(List.of(t, memory), CallArgs.of("cache", cache));
    Generator g = new Generator(1, 2, 5);
    List<List<Generator.Hypothesis>> found = g.beam(m, 2, 3, 0);
    for (int b = 0; b < 2; b++) {
      Tensor own = Ops.take(memory, Tensor.of(new int[] {b}, 1), 0);
      own = own.withMask(Ops.take(memory.mask(), Tensor.of(new int[] {b}, 1), 0));
      double before = Double.POSITIVE_INFINITY;
      assertThat(found.get(b)).hasSize(3);
      for (Generator.Hypothesis h : found.get(b)) {
        int n = h.tokens().length - 1;
        Tensor in = Tensor.of(java.util.Arrays.copyOf(h.tokens(), n), 1, n);
        Tensor p = Ops.logSoftmax(d.apply(in, own), -1);
        double sum = 0;
        for (int i = 0; i < n; i++) {
          sum += p.toDoubleArray()[i * 11 + h.tokens()[i + 1]];
        }
        assertThat(h.score()).isCloseTo(sum, org.assertj.core.data.Offset.offset(1e-4));
        assertThat(h.score()).isLessThanOrEqualTo(before);
        before = h.score();
      }
    }
  }

  @Test
  void samplesFollowTemperatureTopKAndTopP() {
    double[] logits = {Math.log(0.5), Math.log(0.3), Math.log(0.2)};
    assertThat(share(logits, new Generator.Sampling(1, 0, 1, 1), 2)).isCloseTo(0.2, near());
    assertThat(share(logits, new Generator.Sampling(1, 2, 1, 1), 1)).isCloseTo(0.375, near());
    assertThat(share(logits, new Generator.Sampling(1, 2, 1, 1), 2)).isZero();
    assertThat(share(logits, new Generator.Sampling(1, 0, 0.6, 1), 2)).isZero();
    assertThat(share(logits, new Generator.Sampling(1, 0, 0.6, 1), 1)).isCloseTo(0.375, near());
    assertThat(share(logits, new Generator.Sampling(0.5, 0, 1, 1), 0))
        .isCloseTo(0.25 / 0.38, near());
    assertThat(share(logits, new Generator.Sampling(1e-6, 0, 1, 1), 0)).isEqualTo(1);
    NextToken m = markov(new double[][] {{0.1, 0.5, 0.4}, {0.3, 0.3, 0.4}, {0.4, 0.3, 0.3}});
    Generator g = new Generator(0, 2, 20);
    Generator.Sampling how = new Generator.Sampling(1, 0, 1, 7);
    int[] one = g.sample(m, 3, how).tokens().toIntArray();
    assertThat(g.sample(m, 3, how).tokens().toIntArray()).isEqualTo(one);
    assertThat(g.sample(m, 3, new Generator.Sampling(1, 0, 1, 8)).tokens().toIntArray())
        .isNotEqualTo(one);
  }

  private static org.assertj.core.data.Offset<Double> near() {
    return org.assertj.core.data.Offset.offset(0.003);
  }

  private static double share(double[] logits, Generator.Sampling how, int token) {
    int n = 1000;
    int hits = 0;
    for (int i = 0; i < n; i++) {
      hits += Generator.draw(logits, how, (i + 0.5) / n) == token ? 1 : 0;
    }
    return (double) hits / n;
  }

  @Test
  void greedyEndsWithItsSequencesAndFillsUp() {
    NextToken m = markov(new double[][] {{0.1, 0.8, 0.1}, {0.1, 0.1, 0.8}, {0.1, 0.1, 0.8}});
    Generator.Generated g = new Generator(0, 2, 9).greedy(m, 2);
    assertThat(g.tokens().toIntArray()).containsExactly(0, 1, 2, 0, 1, 2);
    assertThat(g.logits().shape()).isEqualTo(Shape.of(2, 2, 3));
  }

  @Test
  void stateDictHasPyTorchsNames() {
    LayerType<TransformerDecoderBlock> type = TransformerDecoderBlock.TYPE;
    Layer block =
        (Layer)
            Registry.standard().restore(type.envelope(Config.of("d_model", 8, "nhead", 2)), "x");
    block.build(Shape.of(2, 3, 8), Shape.of(2, 4, 8));
    assertThat(io.weft.systems.weights.StateDict.of(block).shapes())
        .containsEntry("self_attn.in_proj_weight", Shape.of(24, 8))
        .containsEntry("multihead_attn.in_proj_bias", Shape.of(24))
        .containsEntry("linear1.weight", Shape.of(2048, 8))
        .containsKey("norm3.bias")
        .hasSize(18);
  }

  @Test
  void badInputIsRefused() {
    TransformerEncoder encoder =
        Layer.fromConfig(
            TransformerEncoder.TYPE,
            Config.of("vocab", 7, "dim", 8, "heads", 2, "layers", 1, "ff", 12));
    assertThatThrownBy(() -> encoder.apply(Tensor.of(new int[] {1, 7}, 1, 2)))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("from 0 to 6")
        .hasMessageContaining("Received: 7");
    assertThatThrownBy(() -> new TransformerDecoderBlock(8, 3, 12))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("divides qk_channels=8")
        .hasMessageContaining("heads=3");
    Layer block = new TransformerDecoderBlock(8, 2, 12);
    Tensor x = random(1, 2, 3, 8);
    assertThatThrownBy(() -> block.apply(x, random(1, 3, 4, 8)))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("one batch size. Received: 2 and 3");
    assertThatThrownBy(
            () ->
                block.apply(
                    List.of(x, x), CallArgs.of("tgt_mask", Ops.ones(Shape.of(3, 4), DType.BOOL))))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("attention_mask")
        .hasMessageContaining("(2, 2, 3, 3)");
    assertThatThrownBy(() -> block.apply(x)).isInstanceOf(ShapeException.class);
    assertThatThrownBy(() -> new TransformerDecoder(DECODER).apply(x, x))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("tokens (batch, T)");
    assertThatThrownBy(() -> new Generator(0, 1, 0)).isInstanceOf(ConfigException.class);
    assertThatThrownBy(() -> new Generator.Sampling(0, 0, 1, 1))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("temperature=0.0");
  }
}
