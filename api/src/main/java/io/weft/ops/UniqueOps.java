package io.weft.ops;

import io.weft.tensor.HostArray;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntPredicate;

/** {@code keras.ops.unique} : the result's size depends on the numbers. */
final class UniqueOps {
  private UniqueOps() {}

  static List<PublicOp> table() {
    Table t = new Table("numpy");
    t.op(
        "unique",
        "Unique",
        "x | sorted=True, return_index=False, return_inverse=False, return_counts=False, axis=None,"
            + " size=None, fill_value=None",
        UniqueOps::unique);
    return t.list();
  }

  /** Rows that compare equal, with the place of the first and the places of all. */
  private record Group(int first, List<Integer> members) {}

  private static Object unique(OpArgs a) {
    Tensor given = a.tensor("x");
    Integer axis = a.integerOrNull("axis");
    boolean flat = axis == null;
    Tensor x = flat ? given.reshape(-1) : Ops.swapaxes(given, axis, 0);
    HostArray h = Concrete.of("unique", x);
    int n = x.dim(0);
    int width = n == 0 ? 0 : h.size() / n;
    Comparator<Integer> byRow = (i, j) -> compareRows(h, width, i, j);
    List<Group> groups = groups(n, byRow, i -> hasNan(h, width, i));
    if (!a.bool("sorted")) {
      groups.sort(Comparator.comparingInt(Group::first));
    }
    int[] inverse = new int[n];
    for (int g = 0; g < groups.size(); g++) {
      for (int m : groups.get(g).members()) {
        inverse[m] = g;
      }
    }
    int size = a.isNull("size") ? groups.size() : Math.max(0, a.integer("size"));
    List<Group> kept = groups.subList(0, Math.min(size, groups.size()));
    List<Tensor> out = new ArrayList<>();
    out.add(values(a, x, kept, size, flat ? 0 : axis));
    if (a.bool("return_index")) {
      out.add(padded(kept, size, 1, true));
    }
    if (a.bool("return_inverse")) {
      Tensor i = Tensor.of(inverse, n);
      out.add(flat ? i.reshape(given.shape().dims()) : i);
    }
    if (a.bool("return_counts")) {
      out.add(padded(kept, size, 0, false));
    }
    return out.size() == 1 ? out.get(0) : out;
  }

  private static Tensor values(OpArgs a, Tensor x, List<Group> kept, int size, int axis) {
    int[] first = kept.stream().mapToInt(Group::first).toArray();
    Tensor y =
        first.length == 0
            ? Ops.zeros(x.shape().withDim(0, 0), x.dtype())
            : Ops.take(x, Tensor.of(first), 0);
    if (size > first.length) {
      Shape more = x.shape().withDim(0, size - first.length);
      double fill = a.isNull("fill_value") ? 0 : a.number("fill_value");
      y = Ops.concatenate(List.of(y, Ops.full(more, fill, x.dtype())), 0);
    }
    return Ops.swapaxes(y, axis, 0);
  }

  private static Tensor padded(List<Group> kept, int size, int fill, boolean index) {
    int[] v = new int[size];
    Arrays.fill(v, fill);
    for (int i = 0; i < kept.size(); i++) {
      v[i] = index ? kept.get(i).first() : kept.get(i).members().size();
    }
    return Tensor.of(v, size);
  }

  private static List<Group> groups(int n, Comparator<Integer> byRow, IntPredicate hasNan) {
    Integer[] order = new Integer[n];
    Arrays.setAll(order, i -> i);
    Arrays.sort(order, byRow);
    List<Group> groups = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      if (i == 0 || byRow.compare(order[i - 1], order[i]) != 0 || hasNan.test(order[i])) {
        groups.add(new Group(order[i], new ArrayList<>()));
      }
      groups.get(groups.size() - 1).members().add(order[i]);
    }
    return groups;
  }

  /** NaN equals nothing, so a row with one is a group of its own. */
  private static boolean hasNan(HostArray h, int width, int i) {
    for (int k = 0; k < width && h.dtype().isFloating(); k++) {
      if (Double.isNaN(h.doubleAt(i * width + k))) {
        return true;
      }
    }
    return false;
  }

  private static int compareRows(HostArray h, int width, int i, int j) {
    boolean whole = !h.dtype().isFloating();
    for (int k = 0; k < width; k++) {
      int c =
          whole
              ? Long.compare(h.longAt(i * width + k), h.longAt(j * width + k))
              : Double.compare(h.doubleAt(i * width + k) + 0.0, h.doubleAt(j * width + k) + 0.0);
      if (c != 0) {
        return c;
      }
    }
    return 0;
  }
}
