package io.weft.systems.retro;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.config.Config;
import io.weft.error.ShapeException;
import io.weft.layer.CallArgs;
import io.weft.layer.Layer;
import io.weft.random.SeedGenerator;
import io.weft.random.Seeds;
import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.RandomOps;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.testing.LayerBattery;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a token may see of the text and of neighbours, and the search for them. */
class RetroTest {
  private static final Config CCA =
      Config.of("chunk_size", 4, "dim", 6, "context_dim", 5, "dim_head", 4, "heads", 2);
  private static final Config MODEL =
      Config.of(
          "vocab",
          9,
          "dim",
          8,
          "chunk_size",
          3,
          "layers",
          2,
          "heads",
          2,
          "dim_head",
          4,
          "cross_layers",
          new int[] {1, 2},
          "encoder_layers",
          1);

  @BeforeEach
  void seed() {
    Seeds.set(2);
  }

  private static Tensor random(long seed, int... shape) {
    return RandomOps.normal(Shape.of(shape), 0, 1, DType.FLOAT32, SeedGenerator.key(seed));
  }

  private static float[] row(Tensor x, int position) {
    Tensor r = Ops.slice(x, new int[] {0, position, 0}, new int[] {1, 1, x.dim(2)});
    return r.toFloatArray();
  }

  @Test
  void tokensSeeNeighboursOfChunksThatEndedByThen() {
    for (int rotary : new int[] {0, 4}) {
      Layer cca = new ChunkedCrossAttention(CCA.with("rotaryDim", rotary));
      Tensor x = random(1, 1, 11, 6);
      Tensor e = random(2, 1, 2, 2, 3, 5);
      Tensor y = cca.apply(x, e);
      Tensor second =
          Ops.pad(
              random(3, 1, 1, 2, 3, 5), new int[][] {{0, 0}, {1, 0}, {0, 0}, {0, 0}, {0, 0}}, 0);
      Tensor changed = cca.apply(x, e.plus(second));
      for (int p = 0; p < 11; p++) {
        boolean same = java.util.Arrays.equals(row(y, p), row(changed, p));
        assertThat(same).as("position %d", p).isEqualTo(p < 7);
        if (p < 3) {
          assertThat(row(y, p)).containsOnly(0);
        }
      }
    }
  }

  @Test
  void orderOfNeighboursDoesNotMatterAndPaddedOnesAreAsNone() {
    Layer cca = new ChunkedCrossAttention(CCA);
    Tensor x = random(1, 1, 8, 6);
    Tensor e = random(2, 1, 2, 3, 2, 5);
    Tensor turned = Ops.take(e, Tensor.of(new int[] {2, 0, 1}, 3), 2);
    Tensor y = cca.apply(x, e);
    assertThat(Ops.max(Ops.abs(y.minus(cca.apply(x, turned))), null, false).item())
        .isLessThan(1e-5);
    CallArgs none = CallArgs.of("context_mask", Ops.zeros(Shape.of(1, 2, 3, 2), DType.BOOL));
    Tensor onlyNull = cca.apply(List.of(x, e), none);
    assertThat(cca.apply(List.of(x, random(9, 1, 2, 3, 2, 5)), none).toFloatArray())
        .isEqualTo(onlyNull.toFloatArray());
    // the null value alone: the same for every token that reads
    assertThat(row(onlyNull, 3)).isEqualTo(row(onlyNull, 7));
    assertThat(row(onlyNull, 3)).isNotEqualTo(row(onlyNull, 0));
  }

  @Test
  void modelIsCausalInTokensAndNeighbours() {
    RetroDecoder model = new RetroDecoder(MODEL);
    int[] tokens = {1, 5, 2, 7, 8, 3, 4};
    int[] found = {1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 0, 0};
    Tensor n = Tensor.of(found, 1, 2, 1, 6);
    Tensor y = model.apply(Tensor.of(tokens, 1, 7), n);
    for (int t = 1; t < 7; t++) {
      int[] other = tokens.clone();
      other[t] = other[t] % 8 + 1;
      Tensor changed = model.apply(Tensor.of(other, 1, 7), n);
      for (int p = 0; p < 7; p++) {
        assertThat(java.util.Arrays.equals(row(y, p), row(changed, p)))
            .as("token %d, output %d", t, p)
            .isEqualTo(p < t);
      }
    }
    int[] others = found.clone();
    others[7] = 3;
    Tensor changed = model.apply(Tensor.of(tokens, 1, 7), Tensor.of(others, 1, 2, 1, 6));
    for (int p = 0; p < 7; p++) {
      assertThat(java.util.Arrays.equals(row(y, p), row(changed, p))).isEqualTo(p < 5);
    }
  }

  @Test
  void passTheBattery() {
    LayerBattery.of(new ChunkedCrossAttention(CCA), Shape.of(2, 8, 6), Shape.of(2, 2, 2, 3, 5))
        .outputShape(2, 8, 6)
        .weights(7)
        .run();
    Tensor tokens = Tensor.of(new int[] {1, 5, 2, 7, 8, 3, 4, 4}, 2, 4);
    Tensor found = Tensor.of(new int[] {1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 0, 0}, 2, 1, 1, 6);
    LayerBattery.of(new RetroDecoder(MODEL), tokens, found).outputShape(2, 4, 9).run();
    RetroEncoder e = new RetroEncoder(Config.of("dim", 8, "heads", 2, "dim_head", 4));
    LayerBattery.of(e, Shape.of(2, 2, 1, 3, 8), Shape.of(2, 2, 4, 8)).run();
    assertThat(new RetroDecoder(MODEL).apply(List.of(tokens), CallArgs.NONE).shape())
        .isEqualTo(Shape.of(2, 4, 9));
  }

  @Test
  void retrieverFindsTheLongestAgreementThatIsAllowed() {
    ChunkRetriever r = new ChunkRetriever(3, 1, 0, ChunkRetriever.suffixes(1, 3));
    assertThat(r.add(new int[] {1, 2, 3, 4, 5, 6, 7})).isZero();
    assertThat(r.add(new int[] {9, 2, 3, 8, 8})).isEqualTo(1);
    assertThat(r.size()).isEqualTo(5 + 3);
    int[][] found = r.search(new int[] {1, 2, 3}, 3, (d, s) -> true);
    assertThat(found[0]).containsExactly(1, 2, 3, 4, 5, 6);
    assertThat(found[1]).containsExactly(9, 2, 3, 8, 8, 0);
    int[][] other = r.search(new int[] {1, 2, 3}, 2, (d, s) -> d == 1 && s == 0);
    assertThat(other[0]).containsExactly(9, 2, 3, 8, 8, 0);
    assertThat(other[1]).containsOnly(0);
    assertThat(r.neighbours(new int[] {1, 2, 3, 9, 2, 3, 1}, 2, (d, s) -> true).shape())
        .isEqualTo(Shape.of(1, 2, 2, 6));
  }

  @Test
  void badInputIsRefused() {
    Tensor tokens = Tensor.of(new int[] {1, 2, 8}, 1, 3);
    assertThatThrownBy(() -> new RetroDecoder(MODEL).apply(tokens.plus(1)))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("tokens: expected integers from 0 to 8")
        .hasMessageContaining("Received: 9");
    Tensor found = Tensor.of(new int[] {1, -3, 0, 0, 0, 0}, 1, 1, 1, 6);
    assertThatThrownBy(() -> new RetroDecoder(MODEL).apply(tokens, found))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("neighbours: expected integers from 0 to 8")
        .hasMessageContaining("Received: -3");
    Layer cca = new ChunkedCrossAttention(CCA);
    assertThatThrownBy(() -> cca.apply(random(1, 1, 8, 6), random(2, 1, 3, 2, 2, 5)))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("2 chunks of 4 tokens")
        .hasMessageContaining("(1, 3, 2, 2, 5)");
    assertThatThrownBy(
            () ->
                cca.apply(
                    List.of(random(1, 1, 8, 6), random(2, 1, 2, 2, 2, 5)),
                    CallArgs.of("context_mask", Ops.ones(Shape.of(1, 2, 2), DType.BOOL))))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("context_mask");
    assertThatThrownBy(
            () ->
                new RetroDecoder(MODEL)
                    .apply(
                        Ops.ones(Shape.of(1, 7), DType.INT32),
                        Ops.ones(Shape.of(1, 3, 1, 6), DType.INT32)))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("2 chunks of 3");
  }
}
