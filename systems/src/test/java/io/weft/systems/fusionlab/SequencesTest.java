package io.weft.systems.fusionlab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.config.Config;
import io.weft.error.ConfigException;
import io.weft.error.ShapeException;
import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Masks, lengths, ranks, and the arguments of architectures. */
class SequencesTest {
  private static final Tensor FOUR = Ops.ones(Shape.of(2, 4, 3), DType.FLOAT32);
  private static final Tensor SIX = Ops.ones(Shape.of(2, 6, 5), DType.FLOAT32);

  @Test
  void causalMasksAreLowerTriangles() {
    boolean[] lower = {true, false, false, true, true, false, true, true, true};
    assertThat(bools(Masks.causal(3))).isEqualTo(lower);
    assertThat(Masks.causal(3).shape()).isEqualTo(Shape.of(1, 1, 3, 3));
    assertThat(Masks.inverted(2).toDoubleArray()).containsExactly(0, 1, 0, 0);
    assertThatThrownBy(() -> Masks.causal(0)).isInstanceOf(ConfigException.class);
  }

  @Test
  void masksComeFromLengths() {
    Tensor lengths = Tensor.of(new int[] {0, 2, 5}, 3);
    boolean[] four = {false, false, false, false, true, true, false, false, true, true, true, true};
    assertThat(bools(Masks.fromLengths(lengths, 4, false))).isEqualTo(four);
    assertThat(Masks.fromLengths(lengths, null, true).shape()).isEqualTo(Shape.of(3, 5));
    assertThat(bools(Masks.fromLengths(lengths, 1, true))).containsExactly(true, false, false);
    assertThatThrownBy(() -> Masks.fromLengths(FOUR, 2, false)).isInstanceOf(ShapeException.class);
    Tensor two = Tensor.of(new int[] {1, 4}, 2);
    Tensor mask = Masks.ofSequences(FOUR, two, null, false);
    assertThat(mask.shape()).isEqualTo(Shape.of(2, 4, 1));
    assertThat(bools(mask)).containsExactly(true, false, false, false, true, true, true, true);
    assertThatThrownBy(() -> Masks.ofSequences(FOUR, null, null, false))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("lengths");
    assertThatThrownBy(() -> Masks.ofSequences(SIX, null, Masks.fromLengths(two, 4, false), false))
        .isInstanceOf(ShapeException.class);
  }

  @Test
  void masksCombine() {
    Tensor a = Tensor.of(new boolean[] {true, true, false, false}, 4);
    Tensor b = Tensor.of(new boolean[] {true, false, true, false}, 4);
    assertThat(bools(Masks.combine(a, b, "and", false))).containsExactly(true, false, false, false);
    assertThat(bools(Masks.combine(a, b, "or", false))).containsExactly(true, true, true, false);
    assertThat(bools(Masks.combine(a, b, "xor", true))).containsExactly(true, false, false, true);
    assertThat(bools(Masks.combine(null, b, "and", true)))
        .containsExactly(false, true, false, true);
    assertThat(bools(Masks.combine(a, null, "and", true))).isEqualTo(bools(a));
    assertThat(Masks.combine(null, null, "or", false)).isNull();
    assertThatThrownBy(() -> Masks.combine(a, b, "nor", false)).isInstanceOf(ConfigException.class);
  }

  @Test
  void lengthsAreAligned() {
    Sequences.Aligned cut = Sequences.align(FOUR, SIX, "slice_to_ref");
    assertThat(cut.aligned().shape()).isEqualTo(Shape.of(2, 4, 5));
    assertThat(bools(cut.mask())).containsExactly(true, true, true, true);
    Sequences.Aligned filled = Sequences.align(SIX, FOUR, "auto");
    assertThat(filled.aligned().shape()).isEqualTo(Shape.of(2, 6, 3));
    assertThat(bools(filled.mask())).containsExactly(true, true, true, true, false, false);
    assertThat(Ops.sum(filled.aligned()).item()).isEqualTo(24);
    Sequences.Aligned shorter = Sequences.align(SIX, FOUR, "truncate_ref_if_shorter");
    assertThat(shorter.reference().shape()).isEqualTo(Shape.of(2, 4, 5));
    assertThat(shorter.aligned()).isSameAs(FOUR);
    Sequences.Aligned both = Sequences.align(FOUR, SIX, "truncate_both_to_min");
    assertThat(both.aligned().dim(1)).isEqualTo(both.reference().dim(1)).isEqualTo(4);
    assertThatThrownBy(() -> Sequences.align(SIX, FOUR, "slice_to_ref"))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("6");
    assertThatThrownBy(() -> Sequences.align(SIX, FOUR, "stretch"))
        .isInstanceOf(ConfigException.class);
    assertThat(Sequences.combine(FOUR, SIX).shape()).isEqualTo(Shape.of(2, 4, 8));
    assertThatThrownBy(() -> Sequences.combine(SIX, FOUR)).isInstanceOf(ShapeException.class);
  }

  @Test
  void ranksAreRaised() {
    Tensor row = Ops.ones(Shape.of(2, 3), DType.FLOAT32);
    assertThat(Sequences.maybeExpandTime(row, FOUR, 1).shape()).isEqualTo(Shape.of(2, 1, 3));
    assertThat(Sequences.maybeExpandTime(FOUR, FOUR, 1)).isSameAs(FOUR);
    assertThat(Sequences.broadcastLike(row, FOUR).shape()).isEqualTo(FOUR.shape());
    assertThatThrownBy(() -> Sequences.broadcastLike(row, SIX)).isInstanceOf(ShapeException.class);
    assertThat(Sequences.ensureRankAtLeast(row, 4, -1).shape()).isEqualTo(Shape.of(2, 3, 1, 1));
  }

  @Test
  void architecturesAreSettled() {
    Architecture all = Architecture.of(null, true, null, null);
    assertThat(all.config())
        .isEqualTo(
            Config.of(
                "encoder_type",
                "hybrid",
                "decoder_attention_stack",
                List.of("cross", "hierarchical", "memory"),
                "feature_processing",
                "vsn"));
    Architecture other =
        Architecture.of(
            "transformer",
            false,
            List.of("hier", 3, "1"),
            Config.of("feature_processing", "vsn", "objective", "hybrid"));
    assertThat(other)
        .isEqualTo(new Architecture("hybrid", List.of("hierarchical", "memory", "cross"), "dense"));
    assertThat(Architecture.attentions("*")).hasSize(3);
    assertThat(Architecture.mode("TFT-like", "x", "tft_like", "pihal_like")).isEqualTo("tft_like");
    assertThat(Architecture.mode("pihal", "x", "tft_like", "pihal_like")).isEqualTo("pihal_like");
    assertThat(Architecture.mode(null, "tft_like", "tft_like")).isEqualTo("tft_like");
    assertThatThrownBy(() -> Architecture.mode("lstm", null, "tft_like"))
        .isInstanceOf(ConfigException.class);
    assertThatThrownBy(() -> Architecture.attentions(4)).isInstanceOf(ConfigException.class);
    assertThatThrownBy(() -> Architecture.of(null, true, null, Config.of("layers", 3)))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("layers");
  }

  @Test
  void defaultsAreSettled() {
    ForecastDefaults d = ForecastDefaults.of("auto", null, "last");
    assertThat(d.quantiles()).containsExactly(0.1, 0.5, 0.9);
    assertThat(d.scales()).containsExactly(1);
    assertThat(d.returnSequences()).isTrue();
    assertThat(ForecastDefaults.of(null, List.of(1, 3), null).scales()).containsExactly(1, 3);
    assertThatThrownBy(() -> ForecastDefaults.of(List.of(0.5, 1.0), null, null))
        .isInstanceOf(ConfigException.class);
    assertThatThrownBy(() -> ForecastDefaults.of(null, List.of(0), null))
        .isInstanceOf(ConfigException.class);
  }

  private static boolean[] bools(Tensor t) {
    double[] d = t.toDoubleArray();
    boolean[] out = new boolean[d.length];
    for (int i = 0; i < d.length; i++) {
      out[i] = d[i] != 0;
    }
    return out;
  }
}
