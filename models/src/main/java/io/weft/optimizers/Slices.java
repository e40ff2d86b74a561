package io.weft.optimizers;

import io.weft.fused.AdamStep;
import io.weft.tensor.BinaryFunction;
import io.weft.tensor.Elementwise;
import io.weft.tensor.Indexing.TakeGradient;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;
import io.weft.tensor.Trace;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Gradients of embedding tables. TensorFlow keeps them as slices, one for each look-up; Keras'
 * optimizers square (or take the magnitude of) each slice before slices of one row are added up.
 * The slices are found in the captured graph; eager steps square whole gradients. A stop of the
 * gradient in between says that slices are to be summed first, see {@link Optimizer#summed}.
 */
final class Slices {
  private Slices() {}

  /** The sum of {@code f} of the slices, which is {@code f(g)} where there are none. */
  static Tensor sum(Tensor g, UnaryOperator<Tensor> f) {
    Tensor s = ofSlices(g, f);
    return s == null ? f.apply(g) : s;
  }

  /** Adds a gradient, in the form that says most about it, to the inputs of a step of Adam. */
  static AdamStep.Given collect(Tensor g, List<Tensor> in) {
    Trace.Applied from = Trace.origin(g);
    if (from != null && from.op() instanceof TakeGradient take && take.axis() == 0) {
      in.addAll(from.inputs());
      return AdamStep.Given.SLICES;
    }
    Trace.Applied summed = isStop(from) ? Trace.origin(from.inputs().get(0)) : null;
    if (summed != null && summed.op() instanceof TakeGradient take && take.axis() == 0) {
      in.addAll(summed.inputs());
      return AdamStep.Given.SUMMED_SLICES;
    }
    in.add(g);
    Tensor squares = ofSlices(g, Ops::square);
    if (squares == null) {
      return AdamStep.Given.GRADIENT;
    }
    in.add(squares);
    return AdamStep.Given.SQUARE_TOO;
  }

  private static boolean isStop(Trace.Applied from) {
    return from != null && from.op() instanceof Elementwise.StopGradient;
  }

  private static Tensor ofSlices(Tensor g, UnaryOperator<Tensor> f) {
    Trace.Applied from = Trace.origin(g);
    if (from == null) {
      return null;
    }
    List<Tensor> in = from.inputs();
    if (from.op() instanceof TakeGradient take && take.axis() == 0) {
      return Ops.apply1(take, in.get(0), f.apply(in.get(1)));
    }
    if (from.op() instanceof Elementwise.Cast cast) {
      return ofSlices(in.get(0), x -> f.apply(Ops.cast(x, cast.to())));
    }
    if (from.op() instanceof Elementwise.Binary b) {
      if (b.function() == BinaryFunction.ADD) {
        Tensor first = ofSlices(in.get(0), f);
        Tensor second = first == null ? null : ofSlices(in.get(1), f);
        return second == null ? null : first.plus(second);
      }
      if (b.function() == BinaryFunction.DIVIDE && in.get(1).rank() == 0) {
        return ofSlices(in.get(0), x -> f.apply(x.divide(in.get(1))));
      }
    }
    return null;
  }
}
