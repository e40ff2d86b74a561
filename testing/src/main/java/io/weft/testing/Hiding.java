package io.weft.testing;

import io.weft.layer.CallArgs;
import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** A way to tell an attention layer which keys may be seen. */
@FunctionalInterface
public interface Hiding {
  /** The inputs and arguments of a call. */
  record Call(List<Tensor> inputs, CallArgs args) {}

  /**
   * The call in which keys are hidden.
   *
   * @param inputs the inputs of the call without masks
   * @param keep (batch, sources), true = may be seen
   */
  Call of(List<Tensor> inputs, Tensor keep);

  /** By the mask attached to an input. */
  static Hiding attachedTo(int input) {
    return (inputs, keep) -> {
      List<Tensor> masked = new ArrayList<>(inputs);
      masked.set(input, inputs.get(input).withMask(keep));
      return new Call(masked, CallArgs.NONE);
    };
  }

  /** By an argument (batch, sources) of the call. */
  static Hiding byKeys(String argument) {
    return byArgument(argument, keep -> keep);
  }

  /** By an argument (batch, queries, sources) of the call. */
  static Hiding byScores(String argument, int queries) {
    return byArgument(argument, keep -> scores(keep, queries));
  }

  /** By an argument that is made of the mask (batch, sources). */
  static Hiding byArgument(String argument, UnaryOperator<Tensor> form) {
    return (inputs, keep) -> new Call(inputs, CallArgs.of(argument, form.apply(keep)));
  }

  /** By another input, behind the others, that is made of the mask (batch, sources). */
  static Hiding byInput(int position, UnaryOperator<Tensor> form) {
    return (inputs, keep) -> {
      List<Tensor> all = new ArrayList<>(inputs);
      while (all.size() <= position) {
        all.add(null);
      }
      all.set(position, form.apply(keep));
      return new Call(all, CallArgs.NONE);
    };
  }

  /** The same keys for each of some queries: (batch, sources) as (batch, queries, sources). */
  static Tensor scores(Tensor keep, int queries) {
    Shape s = Shape.of(keep.dim(0), queries, keep.dim(1));
    return Ops.broadcastTo(Ops.expandDims(keep, 1), s);
  }

  /** What is added to scores: 0 where a key may be seen, −∞ by all practice elsewhere. */
  static Tensor additive(Tensor keep, DType dtype) {
    return Ops.where(keep, Tensor.scalar(0, dtype), Tensor.scalar(-1e30, dtype));
  }
}
