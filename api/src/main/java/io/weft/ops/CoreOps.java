package io.weft.ops;

import io.weft.error.ConfigException;
import io.weft.error.ShapeException;
import io.weft.tensor.DType;
import io.weft.tensor.HostArray;
import io.weft.tensor.Indexing;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** {@code keras.ops.core}, but for the functions that take functions. */
final class CoreOps {
  private CoreOps() {}

  static List<PublicOp> table() {
    Table t = new Table("core");
    t.op("cast", "Cast", "x | dtype", a -> Ops.cast(a.tensor("x"), DType.of(a.string("dtype"))));
    t.op(
        "saturate_cast",
        "SaturateCast",
        "x | dtype",
        a -> saturateCast(a.tensor("x"), DType.of(a.string("dtype"))));
    t.op(
        "convert_to_tensor",
        "ConvertToTensor",
        "x | dtype=None, sparse=None, ragged=None",
        CreationOps::convert);
    t.op("convert_to_numpy", null, "x", a -> a.tensor("x"));
    t.op("dtype", null, "x", a -> a.tensor("x").dtype().kerasName());
    t.op("is_tensor", null, "x", a -> a.raw("x") instanceof Tensor);
    t.op("stop_gradient", "StopGradient", "variable", a -> Ops.stopGradient(a.tensor("variable")));
    t.op(
        "slice",
        "Slice",
        "inputs, start_indices | shape",
        a -> slice(a.tensor("inputs"), a.tensor("start_indices"), a.sizes("shape")));
    t.op(
        "slice_update",
        "SliceUpdate",
        "inputs, start_indices, updates",
        a -> sliceUpdate(a.tensor("inputs"), a.tensor("start_indices"), a.tensor("updates")));
    t.op(
        "scatter",
        "Scatter",
        "indices, values | shape",
        a -> {
          Tensor values = a.tensor("values");
          Tensor zeros = Ops.zeros(a.shape("shape"), values.dtype());
          return scatter(Indexing.Combine.ADD, zeros, a.tensor("indices"), values);
        });
    t.op(
        "scatter_update",
        "ScatterUpdate",
        "inputs, indices, updates | reduction=None",
        a ->
            scatter(
                combine(a.stringOrNull("reduction")),
                a.tensor("inputs"),
                a.tensor("indices"),
                a.tensor("updates")));
    t.op(
        "unstack",
        "Unstack",
        "x | num=None, axis=0",
        a -> unstack(a.tensor("x"), a.integerOrNull("num"), a.integer("axis")));
    return t.list();
  }

  /** Cut to the range of the dtype first. */
  private static Tensor saturateCast(Tensor x, DType to) {
    double[] from = range(x.dtype());
    double[] into = range(to);
    double low = Math.max(from[0], into[0]);
    double high = Math.min(from[1], into[1]);
    Tensor lo = limit(x.dtype(), low, true);
    Tensor hi = limit(x.dtype(), high, false);
    return Ops.cast(ElementwiseOps.clip(x, lo, hi), to);
  }

  /** A bound in a dtype, rounded toward zero so that it stays inside. */
  private static Tensor limit(DType d, double bound, boolean low) {
    HostArray h = HostArray.zeros(d, Shape.SCALAR);
    h.set(0, bound);
    if (d.isInteger() && Math.abs(bound) >= 0x1p63) {
      h.set(0, low ? Long.MIN_VALUE : d == DType.UINT64 ? -1L : Long.MAX_VALUE);
    }
    // the largest of 64 bits is itself rounded up to a power of two as a double
    boolean outside =
        low ? h.doubleAt(0) < bound : h.doubleAt(0) > bound || bound == 0x1p63 || bound == 0x1p64;
    if (d.isFloating() && outside) {
      h.set(0, bound * (1 - unit(d)));
    }
    return Tensor.ofTrusted(h);
  }

  /** How far below a power of two the next number is, relative to it. */
  private static double unit(DType d) {
    switch (d) {
      case FLOAT16:
        return 0x1p-11;
      case BFLOAT16:
        return 0x1p-8;
      case FLOAT32:
        return 0x1p-24;
      default:
        return 0x1p-53;
    }
  }

  private static double[] range(DType d) {
    if (d.isFloating()) {
      return new double[] {-ElementwiseOps.largest(d), ElementwiseOps.largest(d)};
    }
    int bits = 8 * d.bytes();
    if (d.isBool()) {
      return new double[] {0, 1};
    }
    return d.isUnsigned()
        ? new double[] {0, Math.scalb(1.0, bits) - 1}
        : new double[] {-Math.scalb(1.0, bits - 1), Math.scalb(1.0, bits - 1) - 1};
  }

  /** A block of the given sizes; −1 means the rest of an axis. Starts may be computed. */
  private static Tensor slice(Tensor x, Tensor starts, int[] sizes) {
    check(x, starts, sizes.length);
    if (!(starts instanceof io.weft.tensor.ArrayTensor)) {
      if (java.util.Arrays.stream(sizes).anyMatch(s -> s < 0)) {
        throw new ShapeException(
            "slice: expected known sizes where the starts are computed. Received: shape="
                + java.util.Arrays.toString(sizes));
      }
      return Ops.apply1(new Indexing.Gather(), x, positions(x, starts, sizes));
    }
    int[] from = starts.toIntArray();
    int[] size = sizes.clone();
    for (int i = 0; i < size.length; i++) {
      size[i] = size[i] < 0 ? x.dim(i) - from[i] : size[i];
      if (from[i] < 0 || size[i] < 0 || from[i] + (long) size[i] > x.dim(i)) {
        throw new ShapeException(
            "slice: expected a block inside "
                + x.shape()
                + ". Received: "
                + size[i]
                + " elements from "
                + from[i]
                + " on along axis "
                + i);
      }
    }
    return Ops.slice(x, from, size);
  }

  private static void check(Tensor x, Tensor starts, int rank) {
    if (starts.rank() != 1 || starts.dim(0) != x.rank() || rank != x.rank()) {
      throw new ShapeException(
          "slice: expected a start and a size for each axis of "
              + x.shape()
              + ". Received: "
              + starts.shape()
              + " starts, "
              + rank
              + " sizes");
    }
  }

  /** x with a block replaced; the block is moved inside where it would reach over the border. */
  private static Tensor sliceUpdate(Tensor x, Tensor starts, Tensor updates) {
    check(x, starts, updates.rank());
    int[] room = new int[x.rank()];
    for (int i = 0; i < room.length; i++) {
      room[i] = x.dim(i) - updates.dim(i);
      if (room[i] < 0) {
        throw new ShapeException(
            "slice_update: expected updates that fit into "
                + x.shape()
                + ". Received: "
                + updates.shape());
      }
    }
    Tensor inside =
        Ops.maximum(Ops.minimum(Ops.cast(starts, DType.INT32), Tensor.of(room, room.length)), 0);
    Tensor at = positions(x, inside, updates.shape().dims());
    return scatter(Indexing.Combine.SET, x, at, updates);
  }

  /** The positions (..., rank) of all elements of a block. */
  private static Tensor positions(Tensor x, Tensor starts, int[] sizes) {
    int rank = x.rank();
    Tensor start = Ops.cast(starts, DType.INT32);
    List<Tensor> parts = new ArrayList<>();
    for (int i = 0; i < rank; i++) {
      int[] along = new int[rank];
      java.util.Arrays.fill(along, 1);
      along[i] = sizes[i];
      Tensor p = Ops.arange(sizes[i]).plus(Ops.slice(start, new int[] {i}, new int[] {1}));
      parts.add(Ops.broadcastTo(p.reshape(along), Shape.of(sizes)));
    }
    return Ops.stack(parts, -1);
  }

  private static Tensor scatter(
      Indexing.Combine combine, Tensor x, Tensor indices, Tensor updates) {
    for (int i = 0; indices.rank() > 0 && i < Math.min(indices.dim(-1), x.rank()); i++) {
      Concrete.requireInside("scatter", indices, i, 0, x.dim(i));
    }
    return Ops.apply1(new Indexing.Scatter(combine), x, indices, Ops.cast(updates, x.dtype()));
  }

  private static Indexing.Combine combine(String reduction) {
    if (reduction == null) {
      return Indexing.Combine.SET;
    }
    switch (reduction.toLowerCase(Locale.ROOT)) {
      case "add":
        return Indexing.Combine.ADD;
      case "max":
        return Indexing.Combine.MAX;
      case "min":
        return Indexing.Combine.MIN;
      case "mul":
        return Indexing.Combine.MUL;
      default:
        throw new ConfigException(
            "scatter_update: reduction must be None, 'add', 'max', 'min' or 'mul'. Received:"
                + " reduction="
                + reduction);
    }
  }

  private static List<Tensor> unstack(Tensor x, Integer num, int axis) {
    int a = x.shape().axis(axis);
    if (num != null && num != x.dim(a)) {
      throw new ShapeException(
          "unstack: num must be the size of axis "
              + axis
              + ". Received: num="
              + num
              + " for "
              + x.shape());
    }
    List<Tensor> out = new ArrayList<>();
    for (int i = 0; i < x.dim(a); i++) {
      int[] start = new int[x.rank()];
      start[a] = i;
      out.add(Ops.squeeze(Ops.slice(x, start, x.shape().withDim(a, 1).dims()), a));
    }
    return out;
  }
}
