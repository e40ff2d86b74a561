package io.weft.ops;

import io.weft.error.ConfigException;
import io.weft.error.ShapeException;
import io.weft.tensor.DType;
import io.weft.tensor.HostArray;
import io.weft.tensor.Indexing;
import io.weft.tensor.Ops;
import io.weft.tensor.Promotion;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Functions of {@code keras.ops.numpy} that choose elements by position or condition. */
final class IndexOps {
  private IndexOps() {}

  static List<PublicOp> table() {
    Table t = new Table("numpy");
    t.op(
        "take",
        "Take",
        "x, indices | axis=None",
        a -> take(a.tensor("x"), a.tensor("indices"), a.integerOrNull("axis")));
    t.op(
        "take_along_axis",
        "TakeAlongAxis",
        "x, indices | axis=None",
        a -> takeAlongAxis(a.tensor("x"), a.tensor("indices"), a.integerOrNull("axis")));
    t.op(
        "get_item",
        "GetItem",
        "x, key",
        a -> {
          Tensor x = a.tensor("x");
          return Ops.getItem(x, Keys.indices(a.raw("key"), x));
        });
    t.op(
        "where",
        "Where",
        "condition, x1=None, x2=None",
        a -> {
          if (a.isNull("x1") != a.isNull("x2")) {
            throw new ConfigException(
                "where: x1 and x2 must be both given or both left out. Received: one of them");
          }
          Tensor c = a.tensor("condition");
          if (a.isNull("x1")) {
            return nonzero("where", c);
          }
          Tensor[] p = Dtypes.pair(a.operand("x1"), a.operand("x2"));
          return Ops.where(c, p[0], p[1]);
        });
    t.op("nonzero", "Nonzero", "x", a -> nonzero("nonzero", a.tensor("x")));
    t.op(
        "select",
        "Select",
        "condlist, choicelist, default=0",
        a -> select(a.tensors("condlist"), a.list("choicelist"), a.operand("default")));
    t.op(
        "unravel_index",
        "UnravelIndex",
        "indices | shape",
        a -> unravelIndex(a.tensor("indices"), a.requiredInts("shape")));
    return t.list();
  }

  private static Tensor take(Tensor x, Tensor indices, Integer axis) {
    if (!indices.dtype().isInteger()) {
      throw new ShapeException("take: expected integer indices. Received: " + indices.spec());
    }
    int n = axis == null ? x.shape().intSize() : x.dim(axis);
    Concrete.requireInside("take", indices, -1, -n, n);
    return Ops.take(x, indices, axis);
  }

  /** Elements of x at positions along an axis; the other axes broadcast. */
  static Tensor takeAlongAxis(Tensor x, Tensor indices, Integer axis) {
    if (axis == null) {
      if (indices.rank() != 1) {
        throw new ShapeException(
            "take_along_axis: expected indices of rank 1 without an axis. Received: "
                + indices.shape());
      }
      return takeAlongAxis(x.reshape(-1), indices, 0);
    }
    if (x.rank() != indices.rank() || !indices.dtype().isInteger()) {
      throw new ShapeException(
          "take_along_axis: expected integer indices of the rank of x. Received: x "
              + x.spec()
              + ", indices "
              + indices.spec());
    }
    int a = x.shape().axis(axis);
    Shape common = Shape.broadcast(x.shape().withDim(a, 1), indices.shape().withDim(a, 1));
    int n = x.dim(a);
    int m = indices.dim(a);
    Tensor v = Ops.swapaxes(Ops.broadcastTo(x, common.withDim(a, n)), a, -1);
    Tensor i = Ops.swapaxes(Ops.broadcastTo(indices, common.withDim(a, m)), a, -1);
    int[] out = i.shape().dims();
    Tensor y = takeRows(v.reshape(rows(common), n), i.reshape(rows(common), m));
    return Ops.swapaxes(y.reshape(out), a, -1);
  }

  private static int rows(Shape s) {
    return s.intSize();
  }

  /** x (rows, n) at positions (rows, m) → (rows, m); negative positions count from the end. */
  static Tensor takeRows(Tensor x, Tensor positions) {
    Tensor p = Ops.cast(positions, DType.INT32);
    p = Ops.where(Ops.less(p, 0), Ops.add(p, x.dim(1)), p);
    Tensor row = Ops.broadcastTo(Ops.expandDims(Ops.arange(x.dim(0)), 1), p.shape());
    return Ops.apply1(new Indexing.Gather(), x, Ops.stack(List.of(row, p), -1));
  }

  /** Positions of the elements that are not zero: one int32 vector per axis, numbers needed. */
  private static List<Tensor> nonzero(String function, Tensor x) {
    HostArray h = Concrete.of(function, x).cast(DType.BOOL);
    int rank = x.rank();
    List<int[]> found = new ArrayList<>();
    for (int i = 0; i < h.size(); i++) {
      if (h.longAt(i) != 0) {
        int[] at = new int[rank];
        int rest = i;
        for (int d = rank - 1; d >= 0; d--) {
          at[d] = rest % x.dim(d);
          rest /= x.dim(d);
        }
        found.add(at);
      }
    }
    List<Tensor> out = new ArrayList<>();
    for (int d = 0; d < rank; d++) {
      int axis = d;
      int[] column = found.stream().mapToInt(p -> p[axis]).toArray();
      out.add(Tensor.of(column, column.length));
    }
    return out;
  }

  /** Of each element the first choice whose condition holds. */
  private static Tensor select(List<Tensor> conditions, List<?> choices, Object fallback) {
    if (conditions.isEmpty() || conditions.size() != choices.size()) {
      throw new ConfigException(
          "select: condlist and choicelist must be as many, and not empty. Received: "
              + conditions.size()
              + " and "
              + choices.size());
    }
    Object[] all = choices.toArray(new Object[choices.size() + 1]);
    all[choices.size()] = fallback;
    DType d = Dtypes.numpyResult(all);
    Tensor y = Promotion.convert(fallback, d);
    for (int i = choices.size() - 1; i >= 0; i--) {
      y = Ops.where(conditions.get(i), Promotion.convert(choices.get(i), d), y);
    }
    return y;
  }

  /** Keras counts the axes of indices that are not a vector from the first one. */
  private static List<Tensor> unravelIndex(Tensor indices, int[] shape) {
    Tensor[] out = new Tensor[shape.length];
    Tensor rest = indices;
    boolean vector = indices.rank() == 1;
    for (int k = 0; k < shape.length; k++) {
      int d = shape[vector ? shape.length - 1 - k : k];
      out[shape.length - 1 - k] = Ops.mod(rest, d);
      rest = Ops.floorDivide(rest, d);
    }
    return Arrays.asList(out);
  }
}
