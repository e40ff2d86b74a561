package io.weft.layers.rnn;

import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs a step function over axis 1 of a tensor, with Keras' rules for masked steps: states keep
 * their values, the output is the previous one (zeros before the first), or zeros.
 */
record RnnLoop(boolean backwards, boolean zeroOutput, boolean allOutputs) {

  /** One step: the output, then the new states. */
  interface Step {
    List<Tensor> run(Tensor x, List<Tensor> states);
  }

  /** What comes out; {@code outputs} is null unless all were asked for. */
  record Result(Tensor last, Tensor outputs, List<Tensor> states) {}

  /** {@code x (batch, steps, ...)}, {@code mask (batch, steps)} or {@code (batch, steps, 1)}. */
  Result run(Step step, Tensor x, Tensor mask, List<Tensor> initial, boolean unroll) {
    if (!unroll || !zeroOutput || mask == null) {
      return steps(step, x, mask, initial);
    }
    // unrolled, Keras sets outputs to zero at the end, by the mask in the order of the input
    Result r = new RnnLoop(backwards, false, allOutputs).steps(step, x, mask, initial);
    Tensor keep = Ops.cast(mask, DType.BOOL);
    Tensor end = slice(keep, backwards ? 0 : x.dim(1) - 1);
    Tensor all = r.outputs();
    return new Result(
        where(end, r.last(), Ops.zerosLike(r.last())),
        all == null ? null : where(keep, all, Ops.zerosLike(all)),
        r.states());
  }

  private Result steps(Step step, Tensor x, Tensor mask, List<Tensor> initial) {
    List<Tensor> outputs = new ArrayList<>();
    List<Tensor> states = initial;
    Tensor last = null;
    int steps = x.dim(1);
    for (int i = 0; i < steps; i++) {
      int t = backwards ? steps - 1 - i : i;
      List<Tensor> out = step.run(Ops.squeeze(slice(x, t), 1), states);
      if (mask != null) {
        out = masked(Ops.cast(slice(mask, t), DType.BOOL), out, last, states);
      }
      last = out.get(0);
      states = out.subList(1, out.size());
      if (allOutputs) {
        outputs.add(last);
      }
    }
    return new Result(last, allOutputs ? Ops.stack(outputs, 1) : null, states);
  }

  /** The step's results where the mask (batch, 1) is true, the old ones elsewhere. */
  private List<Tensor> masked(Tensor mask, List<Tensor> out, Tensor last, List<Tensor> states) {
    List<Tensor> kept = new ArrayList<>();
    Tensor old = zeroOutput || last == null ? Ops.zerosLike(out.get(0)) : last;
    kept.add(where(mask, out.get(0), old));
    for (int i = 0; i < states.size(); i++) {
      kept.add(where(mask, out.get(i + 1), states.get(i)));
    }
    return kept;
  }

  /** By a mask of one step, (batch, 1), or of all, (batch, steps); a last axis of 1 may follow. */
  private static Tensor where(Tensor mask, Tensor now, Tensor old) {
    int[] shape = new int[now.rank()];
    java.util.Arrays.fill(shape, 1);
    shape[0] = mask.dim(0);
    shape[1] = mask.dim(1);
    return Ops.where(mask.reshape(shape), now, old);
  }

  /** Step t, its axis kept. */
  static Tensor slice(Tensor x, int t) {
    int[] start = new int[x.rank()];
    start[1] = t;
    return Ops.slice(x, start, x.shape().withDim(1, 1).dims());
  }
}
