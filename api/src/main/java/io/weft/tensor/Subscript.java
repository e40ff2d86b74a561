package io.weft.tensor;

import io.weft.error.ShapeException;
import java.util.ArrayList;
import java.util.List;

/** NumPy indexing in terms of slice, take, gather and reshape. */
final class Subscript {
  private Subscript() {}

  static Tensor get(Tensor x, List<Index> indices) {
    List<Index> full = expand(x, indices);
    int rank = x.rank();
    int[] starts = new int[rank];
    int[] sizes = new int[rank];
    int[] steps = new int[rank];
    List<Integer> shape = new ArrayList<>();
    List<Tensor> positions = new ArrayList<>();
    List<Integer> positionAxes = new ArrayList<>();
    int axis = 0;
    for (Index i : full) {
      if (i instanceof Index.NewAxis) {
        shape.add(1);
        continue;
      }
      int n = x.dim(axis);
      steps[axis] = 1;
      if (i instanceof Index.At at) {
        int p = at.position() < 0 ? at.position() + n : at.position();
        if (p < 0 || p >= n) {
          throw new ShapeException(
              "get_item: position "
                  + at.position()
                  + " is outside axis "
                  + axis
                  + " of "
                  + x.shape());
        }
        starts[axis] = p;
        sizes[axis] = 1;
      } else if (i instanceof Index.Range r) {
        range(r, n, axis, starts, sizes, steps);
        shape.add(sizes[axis]);
      } else {
        sizes[axis] = n;
        positionAxes.add(shape.size());
        positions.add(((Index.Positions) i).tensor());
        shape.add(n);
      }
      axis++;
    }
    Tensor y = slice(x, starts, sizes, steps);
    y = Ops.reshape(y, shape.stream().mapToInt(Integer::intValue).toArray());
    return positions.isEmpty() ? y : fancy(y, positions, positionAxes);
  }

  private static List<Index> expand(Tensor x, List<Index> indices) {
    int used = 0;
    int ellipses = 0;
    for (Index i : indices) {
      used += i instanceof Index.NewAxis || i instanceof Index.Ellipsis ? 0 : 1;
      ellipses += i instanceof Index.Ellipsis ? 1 : 0;
    }
    if (used > x.rank() || ellipses > 1) {
      throw new ShapeException(
          "get_item: expected at most "
              + x.rank()
              + " indices and one ellipsis. Received: "
              + indices);
    }
    List<Index> full = new ArrayList<>();
    for (Index i : indices) {
      if (i instanceof Index.Ellipsis) {
        for (int k = used; k < x.rank(); k++) {
          full.add(Index.all());
        }
      } else {
        full.add(i);
      }
    }
    for (int k = used; ellipses == 0 && k < x.rank(); k++) {
      full.add(Index.all());
    }
    return full;
  }

  /** Python's slice.indices. */
  private static void range(
      Index.Range r, int n, int axis, int[] starts, int[] sizes, int[] steps) {
    int step = r.step() == null ? 1 : r.step();
    if (step == 0) {
      throw new ShapeException("get_item: expected a step that is not zero. Received: " + r);
    }
    int low = step > 0 ? 0 : -1;
    int high = step > 0 ? n : n - 1;
    int start = bound(r.start(), n, low, high, step > 0 ? low : high);
    int stop = bound(r.stop(), n, low, high, step > 0 ? high : low);
    long count =
        step > 0
            ? (stop - (long) start + step - 1) / step
            : ((long) start - stop - step - 1) / -step;
    starts[axis] = start;
    sizes[axis] = (int) Math.max(0, count);
    steps[axis] = step;
    if (sizes[axis] == 0) {
      starts[axis] = 0;
    }
  }

  private static int bound(Integer v, int n, int low, int high, int absent) {
    if (v == null) {
      return absent;
    }
    int p = v < 0 ? v + n : v;
    return Math.max(low, Math.min(high, p));
  }

  private static Tensor slice(Tensor x, int[] starts, int[] sizes, int[] steps) {
    for (int s : steps) {
      if (s != 1) {
        return Ops.apply1(
            new Movement.Slice(Rules.list(starts), Rules.list(sizes), Rules.list(steps)), x);
      }
    }
    return Ops.slice(x, starts, sizes);
  }

  /** Integer tensors on some axes: they broadcast together, and stand where the first one stood. */
  private static Tensor fancy(Tensor x, List<Tensor> positions, List<Integer> axes) {
    if (positions.size() == 1) {
      return Ops.take(x, positions.get(0), axes.get(0));
    }
    Shape common = positions.get(0).shape();
    for (Tensor p : positions) {
      common = Shape.broadcast(common, p.shape());
    }
    int rank = x.rank();
    boolean adjacent = axes.get(axes.size() - 1) - axes.get(0) == axes.size() - 1;
    int[] perm = new int[rank];
    int k = 0;
    for (int a : axes) {
      perm[k++] = a;
    }
    for (int a = 0; a < rank; a++) {
      if (!axes.contains(a)) {
        perm[k++] = a;
      }
    }
    List<Tensor> parts = new ArrayList<>();
    for (int i = 0; i < positions.size(); i++) {
      Tensor p = Ops.cast(positions.get(i), DType.INT32);
      int n = x.dim(axes.get(i));
      p = Ops.where(Ops.less(p, 0), Ops.add(p, n), p);
      parts.add(Ops.broadcastTo(p, common));
    }
    Tensor y = Ops.apply1(new Indexing.Gather(), Ops.transpose(x, perm), Ops.stack(parts, -1));
    int lead = adjacent ? axes.get(0) : 0;
    int[] back = new int[y.rank()];
    int c = common.rank();
    for (int i = 0; i < back.length; i++) {
      back[i] = i < lead ? c + i : i < lead + c ? i - lead : i;
    }
    return Ops.transpose(y, back);
  }
}
