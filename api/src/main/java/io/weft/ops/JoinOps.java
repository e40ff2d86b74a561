package io.weft.ops;

import io.weft.error.ConfigException;
import io.weft.error.ShapeException;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/** Functions of {@code keras.ops.numpy} that join tensors or cut them into pieces. */
final class JoinOps {
  private JoinOps() {}

  static List<PublicOp> table() {
    Table t = new Table("numpy");
    t.op(
        "concatenate",
        "Concatenate",
        "xs | axis=0",
        a -> concatenate(a.tensors("xs"), a.integer("axis")));
    t.op(
        "stack",
        "Stack",
        "x | axis=0",
        a -> Ops.stack(Dtypes.all(a.tensors("x")), a.integer("axis")));
    join(t, "hstack", "Hstack", xs -> concatenate(xs, xs.get(0).rank() == 1 ? 0 : 1));
    join(t, "vstack", "Vstack", xs -> concatenate(xs, 0));
    join(t, "dstack", "Dstack", JoinOps::dstack);
    join(t, "column_stack", "ColumnStack", JoinOps::columnStack);
    t.op(
        "append",
        "Append",
        "x1, x2 | axis=None",
        a -> append(a.tensor("x1"), a.tensor("x2"), a.integerOrNull("axis")));
    t.op(
        "split",
        "Split",
        "x | indices_or_sections, axis=0",
        a -> split(a, a.tensor("x"), a.integer("axis")));
    t.op(
        "hsplit",
        "Hsplit",
        "x | indices_or_sections",
        a -> split(a, a.tensor("x"), a.tensor("x").rank() == 1 ? 0 : 1));
    t.op("vsplit", "Vsplit", "x | indices_or_sections", a -> split(a, a.tensor("x"), 0));
    t.op("dsplit", "Dsplit", "x | indices_or_sections", a -> split(a, a.tensor("x"), 2));
    t.op(
        "array_split",
        "ArraySplit",
        "x | indices_or_sections, axis=0",
        a -> arraySplit(a.tensor("x"), a.integer("indices_or_sections"), a.integer("axis")));
    t.op(
        "meshgrid",
        "Meshgrid",
        "*x | indexing=\"xy\"",
        a -> meshgrid(a.tensors("x"), a.string("indexing")));
    return t.list();
  }

  private static void join(
      Table t, String function, String className, Function<List<Tensor>, Tensor> f) {
    t.op(function, className, "xs", a -> f.apply(nonEmpty(function, a.tensors("xs"))));
  }

  private static List<Tensor> nonEmpty(String function, List<Tensor> xs) {
    if (xs.isEmpty()) {
      throw new ShapeException(function + ": expected at least one tensor. Received: none");
    }
    return xs;
  }

  private static Tensor concatenate(List<Tensor> xs, int axis) {
    return Ops.concatenate(Dtypes.all(nonEmpty("concatenate", xs)), axis);
  }

  private static Tensor dstack(List<Tensor> xs) {
    List<Tensor> in = new ArrayList<>();
    for (Tensor x : xs) {
      switch (x.rank()) {
        case 0:
          in.add(x.reshape(1, 1, 1));
          break;
        case 1:
          in.add(x.reshape(1, x.dim(0), 1));
          break;
        case 2:
          in.add(Ops.expandDims(x, 2));
          break;
        default:
          in.add(x);
      }
    }
    return concatenate(in, 2);
  }

  /** Vectors become columns. */
  private static Tensor columnStack(List<Tensor> xs) {
    return concatenate(xs.stream().map(x -> x.rank() < 2 ? x.reshape(-1, 1) : x).toList(), 1);
  }

  private static Tensor append(Tensor x1, Tensor x2, Integer axis) {
    return axis == null
        ? concatenate(List.of(x1.reshape(-1), x2.reshape(-1)), 0)
        : concatenate(List.of(x1, x2), axis);
  }

  private static List<Tensor> split(OpArgs a, Tensor x, int axis) {
    Object where = a.raw("indices_or_sections");
    if (where instanceof Number) {
      return Ops.split(x, a.integer("indices_or_sections"), axis);
    }
    int[] at = a.requiredInts("indices_or_sections");
    int[] bounds = Arrays.copyOf(at, at.length + 1);
    bounds[at.length] = x.dim(axis);
    return pieces(x, x.shape().axis(axis), bounds);
  }

  /** The pieces between 0 and the bounds, which must not fall. */
  private static List<Tensor> pieces(Tensor x, int axis, int[] bounds) {
    List<Tensor> out = new ArrayList<>();
    int[] start = new int[x.rank()];
    for (int end : bounds) {
      int size = end - start[axis];
      if (size < 0 || end > x.dim(axis)) {
        throw new ShapeException(
            "split: expected rising positions inside axis "
                + axis
                + " of "
                + x.shape()
                + ". Received: "
                + Arrays.toString(bounds));
      }
      out.add(Ops.slice(x, start, x.shape().withDim(axis, size).dims()));
      start[axis] = end;
    }
    return out;
  }

  /** Pieces as equal as can be, the larger ones first. */
  private static List<Tensor> arraySplit(Tensor x, int n, int axis) {
    if (n <= 0) {
      throw new ConfigException(
          "array_split: indices_or_sections must be a positive integer. Received: "
              + "indices_or_sections="
              + n);
    }
    int size = x.dim(axis);
    int[] bounds = new int[n];
    int end = 0;
    for (int i = 0; i < n; i++) {
      end += size / n + (i < size % n ? 1 : 0);
      bounds[i] = end;
    }
    return pieces(x, x.shape().axis(axis), bounds);
  }

  private static List<Tensor> meshgrid(List<Tensor> xs, String indexing) {
    boolean swap = indexing.equals("xy") && xs.size() > 1;
    if (!swap && !indexing.equals("ij") && !indexing.equals("xy")) {
      throw new ConfigException(
          "meshgrid: indexing must be 'xy' or 'ij'. Received: indexing=" + indexing);
    }
    int n = xs.size();
    int[] full = new int[n];
    for (int i = 0; i < n; i++) {
      full[place(i, swap)] = xs.get(i).shape().intSize();
    }
    List<Tensor> out = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      int[] own = new int[n];
      Arrays.fill(own, 1);
      own[place(i, swap)] = xs.get(i).shape().intSize();
      out.add(Ops.broadcastTo(xs.get(i).reshape(own), io.weft.tensor.Shape.of(full)));
    }
    return out;
  }

  private static int place(int i, boolean swap) {
    return swap && i < 2 ? 1 - i : i;
  }
}
