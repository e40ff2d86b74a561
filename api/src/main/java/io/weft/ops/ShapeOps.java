package io.weft.ops;

import io.weft.error.ConfigException;
import io.weft.error.ShapeException;
import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.Rules;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Functions of {@code keras.ops.numpy} that rearrange the elements of one tensor. */
final class ShapeOps {
  private ShapeOps() {}

  static List<PublicOp> table() {
    Table t = new Table("numpy");
    t.op("reshape", "Reshape", "x | newshape", a -> a.tensor("x").reshape(a.sizes("newshape")));
    t.op("ravel", "Ravel", "x", a -> a.tensor("x").reshape(-1));
    t.op("transpose", "Transpose", "x | axes=None", a -> transpose(a.tensor("x"), a.ints("axes")));
    t.op(
        "swapaxes",
        "Swapaxes",
        "x | axis1, axis2",
        a -> Ops.swapaxes(a.tensor("x"), a.integer("axis1"), a.integer("axis2")));
    t.op(
        "moveaxis",
        "Moveaxis",
        "x | source, destination",
        a -> moveaxis(a.tensor("x"), a.ints("source"), a.ints("destination")));
    t.op(
        "expand_dims",
        "ExpandDims",
        "x | axis",
        a -> expandDims(a.tensor("x"), a.requiredInts("axis")));
    t.op("squeeze", "Squeeze", "x | axis=None", a -> squeeze(a.tensor("x"), a.ints("axis")));
    t.op("flip", "Flip", "x | axis=None", a -> flip(a.tensor("x"), a.ints("axis")));
    t.op("fliplr", "Fliplr", "x", a -> Ops.flip(a.tensor("x"), 1));
    t.op("flipud", "Flipud", "x", a -> Ops.flip(a.tensor("x"), 0));
    t.op(
        "rot90",
        "Rot90",
        "array | k=1, axes=(0, 1)",
        a -> rot90(a.tensor("array"), a.integer("k"), a.requiredInts("axes")));
    t.op(
        "roll",
        "Roll",
        "x | shift, axis=None",
        a -> roll(a.tensor("x"), a.requiredInts("shift"), a.ints("axis")));
    t.op(
        "broadcast_to",
        "BroadcastTo",
        "x | shape",
        a -> Ops.broadcastTo(a.tensor("x"), Shape.of(a.sizes("shape"))));
    t.op("tile", "Tile", "x | repeats", a -> Ops.tile(a.tensor("x"), a.requiredInts("repeats")));
    t.op(
        "repeat",
        "Repeat",
        "x | repeats, axis=None",
        a -> repeat(a.tensor("x"), a.requiredInts("repeats"), a.integerOrNull("axis")));
    t.op("shape", null, "x", a -> Arrays.stream(a.tensor("x").shape().dims()).boxed().toList());
    t.op("ndim", "Ndim", "x", a -> a.tensor("x").rank());
    t.op("size", "Size", "x", a -> Tensor.scalar(Math.toIntExact(a.tensor("x").shape().size())));
    return t.list();
  }

  private static Tensor transpose(Tensor x, int[] axes) {
    if (axes != null && axes.length != x.rank()) {
      throw new ShapeException(
          "transpose: expected one axis for each of "
              + x.shape()
              + ". Received: axes="
              + Arrays.toString(axes));
    }
    return axes == null || axes.length == 0 ? Ops.transpose(x) : Ops.transpose(x, axes);
  }

  /** Axes {@code source} put at the places {@code destination}; the others keep their order. */
  static Tensor moveaxis(Tensor x, int[] source, int[] destination) {
    int rank = x.rank();
    if (source == null || destination == null || source.length != destination.length) {
      throw new ConfigException(
          "moveaxis: source and destination must be as many. Received: source="
              + Arrays.toString(source)
              + ", destination="
              + Arrays.toString(destination));
    }
    int[] perm = new int[rank];
    Arrays.fill(perm, -1);
    boolean[] used = new boolean[rank];
    for (int i = 0; i < source.length; i++) {
      int from = x.shape().axis(source[i]);
      int to = x.shape().axis(destination[i]);
      if (used[from] || perm[to] >= 0) {
        throw new ConfigException(
            "moveaxis: each axis may stand once. Received: source="
                + Arrays.toString(source)
                + ", destination="
                + Arrays.toString(destination));
      }
      used[from] = true;
      perm[to] = from;
    }
    int next = 0;
    for (int i = 0; i < rank; i++) {
      if (perm[i] < 0) {
        while (used[next]) {
          next++;
        }
        perm[i] = next++;
      }
    }
    return rank == 0 ? x : Ops.transpose(x, perm);
  }

  private static Tensor expandDims(Tensor x, int[] axes) {
    Shape out = Shape.of(new int[x.rank() + axes.length]);
    Tensor y = x;
    for (int a : Arrays.stream(axes).map(out::axis).sorted().toArray()) {
      y = Ops.expandDims(y, a);
    }
    return y;
  }

  private static Tensor squeeze(Tensor x, int[] axes) {
    return Ops.squeeze(x, axes == null ? new int[0] : axes);
  }

  private static Tensor flip(Tensor x, int[] axes) {
    return x.rank() == 0 || (axes != null && axes.length == 0)
        ? x
        : Ops.flip(x, axes == null ? new int[0] : axes);
  }

  private static Tensor rot90(Tensor x, int k, int[] axes) {
    if (x.rank() < 2 || axes.length != 2) {
      throw new ShapeException(
          "rot90: expected a tensor of rank 2 or more and two axes. Received: "
              + x.shape()
              + ", axes="
              + Arrays.toString(axes));
    }
    int a = x.shape().axis(axes[0]);
    int b = x.shape().axis(axes[1]);
    Rules.axes(x.shape(), axes);
    switch (Math.floorMod(k, 4)) {
      case 0:
        return x;
      case 1:
        return Ops.swapaxes(Ops.flip(x, b), a, b);
      case 2:
        return x.dim(a) == x.dim(b) ? Ops.flip(x, a, b) : misreadHalfTurn(x, a, b);
      default:
        return Ops.flip(Ops.swapaxes(x, a, b), b);
    }
  }

  /**
   * Half a turn of a plane that is not square goes wrong in Keras' TensorFlow backend, whose values
   * count: after each quarter the turned plane is read as if it had the sizes of the given one.
   */
  private static Tensor misreadHalfTurn(Tensor x, int a, int b) {
    int[] ends = {-2, -1};
    Tensor plane = moveaxis(x, new int[] {a, b}, ends);
    int[] sizes = plane.shape().dims();
    Tensor once = Ops.swapaxes(Ops.flip(plane, -1), -1, -2).reshape(sizes);
    Tensor twice = Ops.swapaxes(Ops.flip(once, -1), -1, -2).reshape(sizes);
    return moveaxis(twice, ends, new int[] {a, b});
  }

  private static Tensor roll(Tensor x, int[] shifts, int[] axes) {
    if (axes == null && shifts.length == 1) {
      return roll(x.reshape(-1), shifts[0], 0).reshape(x.shape().dims());
    }
    if (axes == null || shifts.length != axes.length) {
      throw new ConfigException(
          "roll: shift and axis must be as many. Received: shift="
              + Arrays.toString(shifts)
              + ", axis="
              + Arrays.toString(axes));
    }
    Tensor y = x;
    for (int i = 0; i < axes.length; i++) {
      y = roll(y, shifts[i], x.shape().axis(axes[i]));
    }
    return y;
  }

  private static Tensor roll(Tensor x, int shift, int axis) {
    int n = x.dim(axis);
    int s = n == 0 ? 0 : Math.floorMod(shift, n);
    if (s == 0) {
      return x;
    }
    int[] start = new int[x.rank()];
    Tensor head = Ops.slice(x, start, x.shape().withDim(axis, n - s).dims());
    start[axis] = n - s;
    Tensor tail = Ops.slice(x, start, x.shape().withDim(axis, s).dims());
    return Ops.concatenate(List.of(tail, head), axis);
  }

  /** Each element as often as its count says; one count serves for all. */
  private static Tensor repeat(Tensor x, int[] counts, Integer axis) {
    Tensor v = axis == null ? x.reshape(-1) : x;
    int a = axis == null ? 0 : v.shape().axis(axis);
    for (int c : counts) {
      if (c < 0) {
        throw new ConfigException(
            "repeat: repeats must not be negative. Received: " + Arrays.toString(counts));
      }
    }
    if (counts.length == 1) {
      return Ops.repeat(v, counts[0], a);
    }
    if (counts.length != v.dim(a)) {
      throw new ShapeException(
          "repeat: expected one count or "
              + v.dim(a)
              + ". Received: repeats="
              + Arrays.toString(counts));
    }
    List<Integer> positions = new ArrayList<>();
    for (int i = 0; i < counts.length; i++) {
      for (int c = 0; c < counts[i]; c++) {
        positions.add(i);
      }
    }
    if (positions.isEmpty()) {
      return Ops.zeros(v.shape().withDim(a, 0), v.dtype());
    }
    Tensor index = Tensor.of(positions.stream().mapToInt(Integer::intValue).toArray());
    return Ops.take(v, Ops.cast(index, DType.INT32), a);
  }
}
