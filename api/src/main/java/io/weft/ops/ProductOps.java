package io.weft.ops;

import io.weft.error.ConfigException;
import io.weft.error.ShapeException;
import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.Rules;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BinaryOperator;

/** Products of {@code keras.ops.numpy}; integers are multiplied as floats and cast back. */
final class ProductOps {
  private ProductOps() {}

  static List<PublicOp> table() {
    Table t = new Table("numpy");
    t.op("slogdet", "Slogdet", "x", a -> Matrices.determinant(a.tensor("x")).subList(1, 3));
    t.op("matmul", "Matmul", "x1, x2", a -> matmul(a.tensor("x1"), a.tensor("x2")));
    product(t, "dot", "Dot", ProductOps::dot);
    product(t, "inner", "Inner", ProductOps::inner);
    product(t, "vdot", "Vdot", (a, b) -> dot(a.reshape(-1), b.reshape(-1)));
    plain(t, "outer", "Outer", ProductOps::outer);
    plain(t, "kron", "Kron", ProductOps::kron);
    t.op(
        "cross",
        "Cross",
        "x1, x2 | axisa=-1, axisb=-1, axisc=-1, axis=None",
        a -> {
          Tensor[] p = Dtypes.pair(a.tensor("x1"), a.tensor("x2"));
          boolean all = !a.isNull("axis");
          return cross(
              p[0],
              p[1],
              a.integer(all ? "axis" : "axisa"),
              a.integer(all ? "axis" : "axisb"),
              a.integer(all ? "axis" : "axisc"));
        });
    t.op(
        "tensordot",
        "Tensordot",
        "x1, x2 | axes=2",
        a -> {
          Tensor x1 = a.tensor("x1");
          Tensor x2 = a.tensor("x2");
          int[][] axes = contracted(a, x1);
          return asFloats(x1, x2, (u, v) -> tensordot(u, v, axes[0], axes[1]));
        });
    t.op(
        "einsum",
        "Einsum",
        "| subscripts | *operands",
        a -> einsum(a.string("subscripts"), a.tensors("operands")));
    return t.list();
  }

  private static void plain(Table t, String function, String className, BinaryOperator<Tensor> f) {
    t.op(
        function,
        className,
        "x1, x2",
        a -> {
          Tensor[] p = Dtypes.pair(a.tensor("x1"), a.tensor("x2"));
          return f.apply(p[0], p[1]);
        });
  }

  private static void product(
      Table t, String function, String className, BinaryOperator<Tensor> f) {
    t.op(function, className, "x1, x2", a -> asFloats(a.tensor("x1"), a.tensor("x2"), f));
  }

  /** f of the operands as floats of the dtype they go to, cast back to their common dtype. */
  private static Tensor asFloats(Tensor a, Tensor b, BinaryOperator<Tensor> f) {
    DType d = Dtypes.floating(a, b);
    return Ops.cast(f.apply(Ops.cast(a, d), Ops.cast(b, d)), Dtypes.result(a, b));
  }

  /** Matrix product; int8 by int8 gives int32. */
  private static Tensor matmul(Tensor a, Tensor b) {
    boolean bytes = a.dtype() == DType.INT8 && b.dtype() == DType.INT8;
    if (bytes && a.rank() != 1 && b.rank() != 1) {
      // exact: no product of bytes reaches 2^53
      Tensor y = Ops.matmul(Ops.cast(a, DType.FLOAT64), Ops.cast(b, DType.FLOAT64));
      return Ops.cast(y, DType.INT32);
    }
    return asFloats(a, b, Ops::matmul);
  }

  private static Tensor dot(Tensor a, Tensor b) {
    if (a.rank() == 0 || b.rank() == 0) {
      return a.times(b);
    }
    return tensordot(a, b, new int[] {-1}, new int[] {b.rank() == 1 ? -1 : -2});
  }

  private static Tensor inner(Tensor a, Tensor b) {
    return a.rank() == 0 || b.rank() == 0
        ? a.times(b)
        : tensordot(a, b, new int[] {-1}, new int[] {-1});
  }

  /** Contracts axes of a with as many axes of b: one matrix product. */
  static Tensor tensordot(Tensor a, Tensor b, int[] axesA, int[] axesB) {
    if (axesA.length != axesB.length) {
      throw new ConfigException("tensordot: axes must be as many for x1 as for x2.");
    }
    int n = 1;
    for (int i = 0; i < axesA.length; i++) {
      if (a.dim(axesA[i]) != b.dim(axesB[i])) {
        throw new ShapeException(
            "tensordot: expected equal sizes along the contracted axes. Received: x1 "
                + a.shape()
                + " axes "
                + Rules.list(axesA)
                + ", x2 "
                + b.shape()
                + " axes "
                + Rules.list(axesB));
      }
      n *= a.dim(axesA[i]);
    }
    List<Integer> freeA = free(a, axesA);
    List<Integer> freeB = free(b, axesB);
    int[] permA = joined(freeA, a, axesA, false);
    int[] permB = joined(freeB, b, axesB, true);
    Shape out = sizes(a, freeA).plus(sizes(b, freeB).dims());
    Tensor x = transposed(a, permA).reshape(sizes(a, freeA).intSize(), n);
    Tensor y = transposed(b, permB).reshape(n, sizes(b, freeB).intSize());
    return Ops.matmul(x, y).reshape(out.dims());
  }

  private static Tensor transposed(Tensor x, int[] perm) {
    return perm.length == 0 ? x : Ops.transpose(x, perm);
  }

  private static List<Integer> free(Tensor x, int[] axes) {
    List<Integer> used = Rules.axes(x.shape(), axes);
    List<Integer> free = new ArrayList<>(Rules.axes(x.shape(), null));
    free.removeAll(used);
    return free;
  }

  private static Shape sizes(Tensor x, List<Integer> axes) {
    return Shape.of(axes.stream().map(x::dim).toList());
  }

  private static int[] joined(List<Integer> free, Tensor x, int[] axes, boolean axesFirst) {
    int[] p = new int[x.rank()];
    int at = axesFirst ? axes.length : 0;
    for (int f : free) {
      p[at++] = f;
    }
    at = axesFirst ? 0 : free.size();
    for (int a : axes) {
      p[at++] = x.shape().axis(a);
    }
    return p;
  }

  /** The two lists of axes that {@code axes} of tensordot means. */
  private static int[][] contracted(OpArgs a, Tensor x1) {
    if (a.raw("axes") instanceof List<?> l && l.size() == 2) {
      return new int[][] {ints(l.get(0)), ints(l.get(1))};
    }
    int n = a.integer("axes");
    if (n < 0 || n > x1.rank()) {
      throw new ConfigException(
          "tensordot: axes must be at most the rank of x1. Received: axes="
              + n
              + ", x1 "
              + x1.shape());
    }
    int[] last = new int[n];
    int[] first = new int[n];
    for (int i = 0; i < n; i++) {
      last[i] = x1.rank() - n + i;
      first[i] = i;
    }
    return new int[][] {last, first};
  }

  private static int[] ints(Object o) {
    List<?> l = o instanceof List<?> m ? m : java.util.Collections.singletonList(o);
    int[] out = new int[l.size()];
    for (int i = 0; i < out.length; i++) {
      if (!(l.get(i) instanceof Long v)) {
        throw new ConfigException("tensordot: axes must be integers. Received: axes=" + o);
      }
      out[i] = Math.toIntExact(v);
    }
    return out;
  }

  private static Tensor outer(Tensor a, Tensor b) {
    Tensor x = a.reshape(a.shape().intSize(), 1);
    Tensor y = b.reshape(1, b.shape().intSize());
    return a.dtype().isBool() ? Ops.logicalAnd(x, y) : x.times(y);
  }

  private static Tensor kron(Tensor a, Tensor b) {
    int rank = Math.max(a.rank(), b.rank());
    int[] left = new int[2 * rank];
    int[] right = new int[2 * rank];
    int[] out = new int[rank];
    for (int i = 0; i < rank; i++) {
      int m = i < rank - a.rank() ? 1 : a.dim(i - (rank - a.rank()));
      int n = i < rank - b.rank() ? 1 : b.dim(i - (rank - b.rank()));
      left[2 * i] = m;
      left[2 * i + 1] = 1;
      right[2 * i] = 1;
      right[2 * i + 1] = n;
      out[i] = m * n;
    }
    return a.reshape(left).times(b.reshape(right)).reshape(out);
  }

  private static Tensor cross(Tensor x1, Tensor x2, int axisA, int axisB, int axisC) {
    Tensor a = ShapeOps.moveaxis(x1, new int[] {axisA}, new int[] {-1});
    Tensor b = ShapeOps.moveaxis(x2, new int[] {axisB}, new int[] {-1});
    int m = a.dim(-1);
    int n = b.dim(-1);
    if (m < 2 || m > 3 || n < 2 || n > 3) {
      throw new ShapeException(
          "cross: expected vectors of 2 or 3 elements. Received: "
              + x1.shape()
              + ", "
              + x2.shape());
    }
    if (m == 2 && n == 2) {
      return part(a, 0).times(part(b, 1)).minus(part(a, 1).times(part(b, 0)));
    }
    List<Tensor> c = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      int j = (i + 1) % 3;
      int k = (i + 2) % 3;
      c.add(part(a, j).times(part(b, k)).minus(part(a, k).times(part(b, j))));
    }
    return ShapeOps.moveaxis(Ops.stack(c, -1), new int[] {-1}, new int[] {axisC});
  }

  /** Element i of the last axis; the third of two is 0. */
  private static Tensor part(Tensor x, int i) {
    Shape lead = x.shape().slice(0, x.rank() - 1);
    if (i >= x.dim(-1)) {
      return Ops.zeros(lead, x.dtype());
    }
    int[] start = new int[x.rank()];
    start[x.rank() - 1] = i;
    return Ops.slice(x, start, x.shape().withDim(-1, 1).dims()).reshape(lead.dims());
  }

  /** Einstein's sum; int8 alone gives int32, other integers are summed as float32. */
  private static Tensor einsum(String equation, List<Tensor> operands) {
    if (operands.isEmpty()) {
      throw new ConfigException("einsum: expected at least one operand. Received: none");
    }
    DType d = Dtypes.result(operands.toArray());
    boolean bytes = operands.stream().allMatch(x -> x.dtype() == DType.INT8);
    DType compute = d.isFloating() ? d : bytes ? DType.FLOAT64 : DType.FLOAT32;
    Tensor[] in = operands.stream().map(x -> Ops.cast(x, compute)).toArray(Tensor[]::new);
    return Ops.cast(Ops.einsum(renamed(equation), in), bytes ? DType.INT32 : d);
  }

  /**
   * Letters in order of appearance: Keras renames them so, which decides the order of the axes
   * where the equation does not name the result.
   */
  private static String renamed(String equation) {
    StringBuilder order = new StringBuilder();
    StringBuilder out = new StringBuilder();
    for (char c : equation.toCharArray()) {
      boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
      int i = order.indexOf(String.valueOf(c));
      if (letter && i < 0) {
        i = order.length();
        order.append(c);
      }
      out.append(letter ? (char) (i < 26 ? 'a' + i : 'A' + i - 26) : c);
    }
    return out.toString();
  }
}
