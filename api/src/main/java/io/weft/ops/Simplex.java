package io.weft.ops;

import io.weft.tensor.Indexing;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;

/** Maps onto probabilities: what softmax and its relatives need besides their formula. */
final class Simplex {
  private Simplex() {}

  /** Applies a function of the last axis to several axes taken together; null means all. */
  static Tensor overAxes(Tensor x, int[] axes, UnaryOperator<Tensor> last) {
    int rank = x.rank();
    boolean[] folded = new boolean[rank];
    if (axes == null) {
      Arrays.fill(folded, true);
    } else {
      for (int a : axes) {
        folded[x.shape().axis(a)] = true;
      }
    }
    int[] perm = new int[rank];
    int kept = 0;
    for (int i = 0; i < rank; i++) {
      if (!folded[i]) {
        perm[kept++] = i;
      }
    }
    int k = kept;
    for (int i = 0; i < rank; i++) {
      if (folded[i]) {
        perm[k++] = i;
      }
    }
    Tensor t = Ops.transpose(x, perm);
    Shape s = t.shape();
    int[] flat = s.slice(0, kept).plus(s.product(kept, rank)).dims();
    int[] inverse = new int[rank];
    for (int i = 0; i < rank; i++) {
      inverse[perm[i]] = i;
    }
    return Ops.transpose(Ops.reshape(last.apply(Ops.reshape(t, flat)), s.dims()), inverse);
  }

  /** See {@link NnFunctions#sparsemax}. */
  static Tensor sparsemax(Tensor x, int axis) {
    int a = x.shape().axis(axis);
    if (a != x.rank() - 1) {
      return Ops.swapaxes(sparsemax(Ops.swapaxes(x, a, -1), -1), a, -1);
    }
    int[] last = {-1};
    Tensor sorted = Ops.apply(new Indexing.Sort(true), List.of(x)).get(0);
    Tensor sums = Ops.cumsum(sorted, -1);
    Tensor r = Ops.cast(Ops.add(Ops.arange(x.dim(-1)), 1), x.dtype());
    Tensor support = Ops.greater(sorted.minus(sums.minus(1).divide(r)), 0);
    Tensor size = Ops.sum(Ops.cast(support, x.dtype()), last, true);
    Tensor tau = Ops.sum(Ops.where(support, sums, 0), last, true).minus(1).divide(size);
    return Ops.maximum(x.minus(tau), 0);
  }
}
