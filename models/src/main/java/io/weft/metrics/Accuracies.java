package io.weft.metrics;

import io.weft.losses.Reduction;
import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;

/** 1 where a prediction is right and 0 where not, as float32. */
final class Accuracies {
  private Accuracies() {}

  static Tensor exact(Tensor y, Tensor p) {
    Tensor[] a = Reduction.sameRank(y, p);
    return Ops.cast(Ops.equal(a[0], a[1]), DType.FLOAT32);
  }

  static Tensor binary(Tensor y, Tensor p, double threshold) {
    Tensor[] a = Reduction.sameRank(y, p);
    Tensor said = Ops.cast(Ops.greater(a[1], threshold), a[0].dtype());
    return Ops.cast(Ops.equal(a[0], said), DType.FLOAT32);
  }

  static Tensor categorical(Tensor y, Tensor p) {
    return Ops.cast(Ops.equal(Ops.argmax(y, -1, false), Ops.argmax(p, -1, false)), DType.FLOAT32);
  }

  static Tensor sparseCategorical(Tensor y, Tensor p) {
    Tensor t = y.rank() == p.rank() && y.dim(-1) == 1 ? Ops.squeeze(y, -1) : y;
    Tensor said = Ops.cast(Ops.argmax(p, -1, false), t.dtype());
    Tensor hit = Ops.cast(Ops.equal(t, said), DType.FLOAT32);
    return hit.rank() > 1 && hit.dim(-1) == 1 ? Ops.squeeze(hit, -1) : hit;
  }

  /** Whether fewer than k classes are likelier than the right one (ties count as in). */
  static Tensor topK(Tensor y, Tensor p, int k) {
    Tensor t = Ops.cast(y, DType.INT32);
    Tensor flat = Ops.reshape(p, -1, p.dim(-1));
    Tensor at = Ops.reshape(t, -1);
    Tensor hot = Ops.oneHot(at, p.dim(-1), -1, p.dtype());
    Tensor own = Ops.sum(Ops.multiply(flat, hot), new int[] {-1}, true);
    Tensor above = Ops.sum(Ops.cast(Ops.greater(flat, own), DType.INT32), new int[] {-1}, false);
    Tensor inside = Ops.logicalAnd(Ops.greaterEqual(at, 0), Ops.less(at, p.dim(-1)));
    Tensor finite = Ops.squeeze(Ops.equal(own, own), -1);
    Tensor hit = Ops.logicalAnd(Ops.less(above, k), Ops.logicalAnd(inside, finite));
    return Ops.reshape(Ops.cast(hit, DType.FLOAT32), t.shape().dims());
  }

  /** Whether the right id is among the first k ids, which are sorted by likelihood. */
  static Tensor amongFirst(Tensor y, Tensor ids, int k) {
    Tensor flat = Ops.reshape(ids, -1, ids.dim(-1));
    Tensor first =
        Ops.slice(flat, new int[] {0, 0}, new int[] {flat.dim(0), Math.min(k, flat.dim(1))});
    Tensor t = Ops.reshape(Ops.cast(y, ids.dtype()), -1, 1);
    Tensor hit = Ops.any(Ops.equal(t, first), new int[] {1}, false);
    return Ops.reshape(Ops.cast(hit, DType.FLOAT32), y.shape().dims());
  }
}
