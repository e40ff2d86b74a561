package io.weft.engine.op;

import io.weft.tensor.DType;
import io.weft.tensor.HostArray;
import io.weft.tensor.Movement;
import io.weft.tensor.Shape;
import io.weft.tensor.TensorSpec;
import java.util.List;

/** Kernels of the ops that only move elements. */
final class MovementKernels {
  private MovementKernels() {}

  static void register(Kernels k) {
    k.put(Movement.BroadcastTo.class, (op, in, out) -> broadcast(in.get(0), out.get(0)));
    k.put(Movement.Transpose.class, (op, in, out) -> transpose(op, in.get(0), out.get(0)));
    k.put(Movement.Slice.class, (op, in, out) -> slice(op, in.get(0)));
    k.put(Movement.Place.class, (op, in, out) -> place(op, in.get(0)));
    k.put(Movement.Pad.class, (op, in, out) -> pad(op, in.get(0), out.get(0)));
    k.put(Movement.Concat.class, MovementKernels::concat);
  }

  private static Kernel moving(StridedCopy copy) {
    return (in, out) -> copy.run(in[0], out[0]);
  }

  private static Kernel broadcast(TensorSpec x, TensorSpec y) {
    int[] from = Strides.broadcast(x.shape(), y.shape());
    int[] dims = y.shape().dims();
    return moving(new StridedCopy(dims, from, 0, Strides.of(dims), 0));
  }

  private static Kernel transpose(Movement.Transpose op, TensorSpec x, TensorSpec y) {
    int[] own = Strides.of(x.shape().dims());
    int[] from = new int[own.length];
    for (int i = 0; i < from.length; i++) {
      from[i] = own[op.permutation().get(i)];
    }
    int[] dims = y.shape().dims();
    return moving(new StridedCopy(dims, from, 0, Strides.of(dims), 0));
  }

  /** Where a slice starts, and its strides in the array it is taken from. */
  private record View(int start, int[] strides) {
    static View of(Shape full, List<Integer> starts, List<Integer> steps) {
      int[] s = Strides.of(full.dims());
      int start = 0;
      for (int i = 0; i < s.length; i++) {
        start += starts.get(i) * s[i];
        s[i] *= steps.get(i);
      }
      return new View(start, s);
    }
  }

  private static Kernel slice(Movement.Slice op, TensorSpec x) {
    View v = View.of(x.shape(), op.starts(), op.steps());
    int[] dims = op.sizes().stream().mapToInt(Integer::intValue).toArray();
    return moving(new StridedCopy(dims, v.strides, v.start, Strides.of(dims), 0));
  }

  private static Kernel place(Movement.Place op, TensorSpec x) {
    View v = View.of(op.full(), op.starts(), op.steps());
    int[] dims = x.shape().dims();
    return onto(x.dtype(), 0, new StridedCopy(dims, Strides.of(dims), 0, v.strides, v.start));
  }

  private static Kernel pad(Movement.Pad op, TensorSpec x, TensorSpec y) {
    int[] strides = Strides.of(y.shape().dims());
    int start = 0;
    for (int i = 0; i < strides.length; i++) {
      start += op.low().get(i) * strides[i];
    }
    int[] dims = x.shape().dims();
    return onto(x.dtype(), op.value(), new StridedCopy(dims, Strides.of(dims), 0, strides, start));
  }

  private static Kernel onto(DType d, double value, StridedCopy copy) {
    HostArray border = HostArray.zeros(d, Shape.SCALAR);
    border.set(0, value);
    return (in, out) -> {
      StridedCopy.fill(out[0], border.data());
      copy.run(in[0], out[0]);
    };
  }

  private static Kernel concat(Movement.Concat op, List<TensorSpec> in, List<TensorSpec> out) {
    int[] strides = Strides.of(out.get(0).shape().dims());
    StridedCopy[] copies = new StridedCopy[in.size()];
    int at = 0;
    for (int i = 0; i < copies.length; i++) {
      int[] dims = in.get(i).shape().dims();
      copies[i] = new StridedCopy(dims, Strides.of(dims), 0, strides, at * strides[op.axis()]);
      at += dims[op.axis()];
    }
    return (x, y) -> {
      for (int i = 0; i < copies.length; i++) {
        copies[i].run(x[i], y[0]);
      }
    };
  }
}
