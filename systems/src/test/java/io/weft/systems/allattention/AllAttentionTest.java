package io.weft.systems.allattention;

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

/** The memory is part of one softmax, and a feed-forward layer is attention to a memory. */
class AllAttentionTest {
  private static final Config SMALL = Config.of("dim", 8, "heads", 2, "memory", 3);

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

  /**
   * {@code FF(x) = relu(x·V)·U} is attention over the columns of V as keys and the rows of U as
   * values, with relu in the place of softmax: the same two products around another function of the
   * scores.
   */
  @Test
  void feedForwardIsAttentionToAMemory() {
    int hidden = 12;
    Tensor x = random(1, 2, 5, 8);
    Tensor v = random(2, 8, hidden);
    Tensor u = random(3, hidden, 8);
    Tensor feedForward = Ops.matmul(Ops.relu(Ops.matmul(x, v)), u);

    Tensor query = Heads.split(x, 1);
    Tensor keys = memory(Ops.transpose(v, 1, 0));
    Tensor values = memory(u);
    Tensor scores = Ops.einsum("bthd,bshd->bhts", query, keys);
    assertClose(Heads.merge(Heads.mix(Ops.relu(scores), values)), feedForward, 1e-4);

    // and the softmax of the same scores, which is what AllAttention computes without a context
    Tensor softmax = Ops.matmul(Ops.softmax(Ops.matmul(x, v), -1), u);
    FullyMaskedRows rows = FullyMaskedRows.ZERO;
    Tensor attended = Heads.attend(query, keys, values, null, null, 1, false, rows);
    assertClose(Heads.merge(attended), softmax, 1e-4);
  }

  private static Tensor memory(Tensor rows) {
    Tensor m = Ops.reshape(rows, 1, rows.dim(0), 1, rows.dim(1));
    return Ops.broadcastTo(m, m.shape().withDim(0, 2));
  }

  @Test
  void withoutContextOnlyTheMemorySpeaks() {
    AllAttention layer = new AllAttention(SMALL.with("causal", false));
    Tensor x = random(1, 1, 4, 8);
    CallArgs hidden = CallArgs.of("attention_mask", Ops.zeros(Shape.of(4, 4), DType.BOOL));
    Tensor y = layer.apply(x, hidden);
    Map<String, Tensor> w = StateDict.of(layer).export();
    Tensor q = Heads.split(Ops.matmul(x, Ops.transpose(w.get("q.weight"), 1, 0)), 2);
    Tensor k = Ops.expandDims(Ops.transpose(w.get("memory_key"), 1, 0, 2), 0);
    Tensor v = Ops.expandDims(Ops.transpose(w.get("memory_value"), 1, 0, 2), 0);
    FullyMaskedRows rows = FullyMaskedRows.ZERO;
    Tensor only = Heads.merge(Heads.attend(q, k, v, null, null, 0.5, false, rows));
    Tensor sum = x.plus(Ops.matmul(only, Ops.transpose(w.get("o.weight"), 1, 0)));
    assertClose(y, normalized(sum), 1e-4);
    // a token alone then gives what it gives among others
    Tensor one = x.get(Index.all(), Index.to(1));
    CallArgs alone = CallArgs.of("attention_mask", Ops.zeros(Shape.of(1, 1), DType.BOOL));
    assertClose(layer.apply(one, alone), y.get(Index.all(), Index.to(1)), 1e-5);
  }

  private static Tensor normalized(Tensor x) {
    int[] last = {-1};
    Tensor centered = x.minus(Ops.mean(x, last, true));
    return centered.divide(Ops.sqrt(Ops.var(x, last, true).plus(1e-5)));
  }

  @Test
  void probabilitiesAreOneDistribution() {
    AllAttention layer = new AllAttention(SMALL.with("returnProbabilities", true));
    List<Tensor> out = layer.applyAll(List.of(random(1, 2, 5, 8)), CallArgs.NONE);
    Tensor p = out.get(1);
    assertThat(p.shape()).isEqualTo(Shape.of(2, 2, 5, 8));
    assertClose(Ops.sum(p, -1), Ops.ones(Shape.of(2, 2, 5), DType.FLOAT32), 1e-5);
    float[] all = p.toFloatArray();
    for (int row = 0; row < 20; row++) {
      int t = row % 5;
      for (int j = 0; j < 8; j++) {
        boolean seen = j <= t || j >= 5; // the causal mask stops at the memory
        assertThat(all[row * 8 + j] > 0).as("query %d, key %d", t, j).isEqualTo(seen);
      }
    }
  }

  @Test
  void laterStepsDoNotMatter() {
    for (Config c : List.of(SMALL, SMALL.with("positions", 6))) {
      AllAttention layer = new AllAttention(c);
      Tensor x = random(1, 2, 5, 8);
      Tensor y = layer.apply(x);
      Tensor first = layer.apply(x.get(Index.all(), Index.to(3)));
      assertClose(first, y.get(Index.all(), Index.to(3)), 1e-5);
    }
  }

  @Test
  void memoryPairsMayStandInAnyOrder() {
    MemoryKeyValueAttention layer =
        new MemoryKeyValueAttention(
            Config.of("dim", 8, "heads", 2, "dim_head", 4, "num_mem_kv", 3));
    Tensor x = random(1, 2, 5, 8);
    Tensor y = layer.apply(x);
    for (int i = 0; i < 2; i++) {
      var w = layer.weights().get(i);
      w.assign(Ops.flip(w.concrete(), 1));
    }
    assertClose(layer.apply(x), y, 1e-5);
  }

  @Test
  void masksNeverHideTheMemory() {
    MemoryKeyValueAttention layer =
        new MemoryKeyValueAttention(
            Config.of("dim", 8, "heads", 2, "dim_head", 4, "num_mem_kv", 3));
    Tensor x = random(1, 2, 4, 8);
    Tensor context = random(2, 2, 5, 6);
    Tensor none = Ops.zeros(Shape.of(2, 5), DType.BOOL);
    Tensor y = layer.apply(List.of(x, context), CallArgs.of("context_mask", none));
    Tensor other = layer.apply(List.of(x, context.times(7)), CallArgs.of("context_mask", none));
    assertClose(other, y, 0);
    assertThat(y.toFloatArray()).doesNotContain(Float.NaN);
    assertThat(layer.apply(List.of(x, context), CallArgs.NONE).toFloatArray())
        .isNotEqualTo(y.toFloatArray());
  }

  @Test
  void dropsInTrainingOnly() {
    AllAttention layer = new AllAttention(SMALL.with("dropout", 0.5));
    Tensor x = random(1, 2, 5, 8);
    assertClose(layer.apply(x), layer.apply(x), 0);
    assertThat(layer.apply(x, CallArgs.training(true)).toFloatArray())
        .isNotEqualTo(layer.apply(x).toFloatArray());
  }

  @Test
  void refusesWhatDoesNotFit() {
    assertThatThrownBy(() -> new AllAttention(8, 3, 1)).isInstanceOf(ConfigException.class);
    assertThatThrownBy(() -> new AllAttention(8, 2, -1)).isInstanceOf(ConfigException.class);
    assertThatThrownBy(() -> new AllAttention(SMALL.with("positions", 4)).apply(random(1, 2, 5, 8)))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("at most 4 steps")
        .hasMessageContaining("5");
    assertThatThrownBy(() -> new AllAttention(SMALL).apply(random(1, 2, 5, 7)))
        .isInstanceOf(ShapeException.class);
    assertThatThrownBy(() -> new MemoryKeyValueAttention(8, -1))
        .isInstanceOf(ConfigException.class);
  }

  @Test
  void passTheBattery() {
    LayerBattery.of(new AllAttention(SMALL), Shape.of(2, 5, 8)).outputShape(2, 5, 8).run();
    LayerBattery.of(new AllAttention(SMALL.with("positions", 6)), Shape.of(2, 5, 8)).run();
    LayerBattery.of(new AllAttention(SMALL.with("memory", 0)), Shape.of(2, 5, 8)).run();
    Config c = Config.of("dim", 8, "heads", 2, "dim_head", 4, "num_mem_kv", 2);
    LayerBattery.of(new MemoryKeyValueAttention(c), Shape.of(2, 5, 8)).run();
    LayerBattery.of(
            new MemoryKeyValueAttention(c.with("causal", true)),
            Shape.of(2, 4, 8),
            Shape.of(2, 5, 6))
        .run();
  }
}
