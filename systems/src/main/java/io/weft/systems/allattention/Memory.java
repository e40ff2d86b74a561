package io.weft.systems.allattention;

import io.weft.config.Config;
import io.weft.error.ShapeException;
import io.weft.fused.Attention;
import io.weft.initializers.RandomNormal;
import io.weft.layer.BuildContext;
import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.tensor.Variable;
import java.util.List;

/**
 * Learned pairs of keys and values, each {@code (heads, pairs, width)}, standard normal at first.
 */
final class Memory {
  private final Variable keys;
  private final Variable values;

  Memory(BuildContext b, String keyName, String valueName, Shape shape) {
    Config standard = Config.of("mean", 0.0, "stddev", 1.0);
    keys = b.addWeight(keyName, shape, new RandomNormal(standard));
    values = b.addWeight(valueName, shape, new RandomNormal(standard));
  }

  int pairs() {
    return keys.shape().dim(1);
  }

  Tensor keys(int batch) {
    return tokens(keys.value(), batch);
  }

  Tensor values(int batch) {
    return tokens(values.value(), batch);
  }

  /** (heads, pairs, width) as (batch, pairs, heads, width). */
  private static Tensor tokens(Tensor m, int batch) {
    Tensor t = Ops.expandDims(Ops.transpose(m, 1, 0, 2), 0);
    return Ops.broadcastTo(t, t.shape().withDim(0, batch));
  }

  /**
   * A mask of scores of the sequence, broadcasting to {@code (batch, heads, T, S)}, with columns
   * for the memory, which every query sees; null stays null.
   *
   * @param first whether the memory stands before the sequence
   */
  Tensor widened(Tensor mask, boolean first) {
    if (mask == null) {
      return null;
    }
    Tensor seen = Ops.ones(mask.shape().withDim(3, pairs()), DType.BOOL);
    return Ops.concatenate(first ? List.of(seen, mask) : List.of(mask, seen), 3);
  }

  /**
   * The masks of a call, joined and with an axis for the heads; null if there are none.
   *
   * @param scores true = may attend: (T, S), (batch, T, S), with heads, or null
   * @param keys (batch, S) or null
   */
  static Tensor joined(Tensor scores, Tensor keys, boolean causal, int targets, int sources) {
    Tensor mask = scores == null ? null : Ops.cast(scores, DType.BOOL);
    while (mask != null && mask.rank() < 4) {
      mask = Ops.expandDims(mask, Math.max(0, mask.rank() - 2)); // of all heads, of all samples
    }
    if (mask != null) {
      Shape all = Shape.of(mask.dim(0), mask.dim(1), targets, sources);
      Attention.requireMask(mask.shape(), all);
    }
    if (keys != null && (keys.rank() != 2 || keys.dim(1) != sources)) {
      throw new ShapeException(
          "expected a mask of keys (batch, " + sources + "). Received: " + keys.shape());
    }
    if (keys != null) {
      mask = and(mask, Ops.reshape(Ops.cast(keys, DType.BOOL), keys.dim(0), 1, 1, keys.dim(1)));
    }
    if (causal) {
      Tensor past = Ops.lessEqual(Ops.arange(sources), Ops.expandDims(Ops.arange(targets), 1));
      mask = and(mask, Ops.reshape(past, 1, 1, targets, sources));
    }
    return mask == null || mask.dim(3) == sources
        ? mask
        : Ops.broadcastTo(mask, mask.shape().withDim(3, sources));
  }

  private static Tensor and(Tensor a, Tensor b) {
    return a == null ? b : Ops.logicalAnd(a, b);
  }
}
