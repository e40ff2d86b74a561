package io.weft.layers.rnn;

import io.weft.control.Control;
import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Runs a step function over axis 1 of a tensor, with Keras' rules for masked steps: states keep
 * their values, the output is the previous one (zeros before the first), or zeros. Inside a capture
 * it is one scan, unless it is to be unrolled.
 */
record RnnLoop(boolean backwards, boolean zeroOutput, boolean allOutputs, boolean unroll) {

  /** One step: the output, then the new states. */
  interface Step {
    List<Tensor> run(Tensor x, List<Tensor> states);
  }

  /**
   * What comes out.
   *
   * @param output the last output, or all of them (batch, steps, ...) in the order of the steps
   */
  record Result(Tensor output, List<Tensor> states) {}

  /**
   * Runs all steps.
   *
   * @param x (batch, steps, ...)
   * @param mask (batch, steps) or (batch, steps, 1), or null
   * @param zero an output of zeros
   */
  Result run(Step step, Tensor x, Tensor mask, List<Tensor> initial, Tensor zero) {
    if (mask == null) {
      return scan(step, x, null, initial, zero);
    }
    Tensor keep = Ops.cast(mask, DType.BOOL);
    if (!unroll || !zeroOutput) {
      return scan(step, x, keep, initial, zero);
    }
    // unrolled, Keras sets outputs to zero at the end, by the mask in the order of the input
    RnnLoop plain = new RnnLoop(backwards, false, allOutputs, true);
    Result r = plain.scan(step, x, keep, initial, zero);
    Tensor y = r.output();
    Tensor k = allOutputs ? keep : Ops.take(keep, Tensor.scalar(backwards ? 0 : -1), 1);
    return new Result(Ops.where(spread(k, allOutputs ? 2 : 1, y.rank()), y, 0), r.states());
  }

  private Result scan(Step step, Tensor x, Tensor mask, List<Tensor> initial, Tensor zero) {
    boolean carriesOutput = !allOutputs || mask != null && !zeroOutput;
    List<Tensor> start = new ArrayList<>(initial);
    List<Tensor> sequences = new ArrayList<>(List.of(timeMajor(x)));
    if (carriesOutput) {
      start.add(zero);
    }
    if (mask != null) {
      sequences.add(timeMajor(mask));
    }
    int n = initial.size();
    java.util.function.BiFunction<List<Tensor>, List<Tensor>, Control.Step> body =
        (now, slices) -> {
          List<Tensor> states = now.subList(0, n);
          List<Tensor> out = step.run(slices.get(0), states);
          if (mask != null) {
            Tensor old = carriesOutput && !zeroOutput ? now.get(n) : Ops.zerosLike(out.get(0));
            out = masked(slices.get(1), out, old, states);
          }
          List<Tensor> next = new ArrayList<>(out.subList(1, n + 1));
          if (carriesOutput) {
            next.add(out.get(0));
          }
          return new Control.Step(next, allOutputs ? List.of(out.get(0)) : List.of());
        };
    Control.Step s =
        unroll
            ? Control.unrolled(body, start, sequences, x.dim(1), backwards)
            : Control.scan(body, start, sequences, x.dim(1), backwards);
    List<Tensor> states = s.carries().subList(0, n);
    if (!allOutputs) {
      return new Result(s.carries().get(n), states);
    }
    Tensor y = s.outputs().get(0);
    return new Result(timeMajor(backwards ? Ops.flip(y, 0) : y), states);
  }

  /** The step's results where the mask is true, the old ones elsewhere. */
  private static List<Tensor> masked(
      Tensor mask, List<Tensor> out, Tensor old, List<Tensor> states) {
    List<Tensor> kept = new ArrayList<>();
    for (int i = 0; i < out.size(); i++) {
      Tensor now = out.get(i);
      kept.add(Ops.where(spread(mask, 1, now.rank()), now, i == 0 ? old : states.get(i - 1)));
    }
    return kept;
  }

  /** A mask with its first axes kept and ones behind them up to a rank. */
  private static Tensor spread(Tensor mask, int axes, int rank) {
    int[] shape = new int[rank];
    Arrays.fill(shape, 1);
    for (int i = 0; i < axes; i++) {
      shape[i] = mask.dim(i);
    }
    return mask.reshape(shape);
  }

  /** The first two axes exchanged. */
  private static Tensor timeMajor(Tensor x) {
    return Ops.swapaxes(x, 0, 1);
  }
}
