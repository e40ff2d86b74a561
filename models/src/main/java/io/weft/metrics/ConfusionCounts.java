package io.weft.metrics;

import io.weft.config.Args;
import io.weft.error.ShapeException;
import io.weft.losses.Reduction;
import io.weft.tensor.DType;
import io.weft.tensor.HostArray;
import io.weft.tensor.Indexing.Combine;
import io.weft.tensor.Ops;
import io.weft.tensor.Segment;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.tensor.UnaryFunction;

/**
 * Counts true and false positives and negatives of binary predictions at some thresholds. Where
 * these are even, from 0 to 1, predictions are sorted into buckets; else each is compared.
 */
final class ConfusionCounts {
  private static final int MOST = 1 << 20;

  private static final double BELOW_ALL = -1e10;

  private final double[] thresholds;
  private final boolean even;
  private final boolean reachesBeyond;
  private final Integer topK;
  private final Integer classId;

  /** Counts, weights worked in: each (thresholds,), or (thresholds, labels) by label. */
  record Counts(Tensor tp, Tensor fp, Tensor tn, Tensor fn) {}

  ConfusionCounts(double[] thresholds, boolean even, Integer topK, Integer classId) {
    this.thresholds = thresholds;
    this.even = even;
    this.reachesBeyond = thresholds[0] < 0 || thresholds[thresholds.length - 1] > 1;
    this.topK = topK;
    this.classId = classId;
  }

  int size() {
    return thresholds.length;
  }

  /** Whether thresholds are 0, 1/(n−1), …, 1. */
  static boolean isEven(double[] t) {
    boolean ok = t.length >= 3;
    for (int i = 0; ok && i < t.length; i++) {
      double want = (float) i / (t.length - 1);
      ok = Math.abs(t[i] - want) <= 1e-7 + 1e-5 * want;
    }
    return ok;
  }

  /** Refuses a number of thresholds whose counts no memory would hold. */
  static int checkedCount(Args args, int n) {
    if (n > MOST) {
      throw args.refuse("num_thresholds", "an integer up to " + MOST);
    }
    return n;
  }

  /** Evenly spaced: 0, …, 1. */
  static double[] even(int n) {
    double[] t = new double[n];
    for (int i = 0; i < n; i++) {
      t[i] = n == 1 ? 0.5 : (double) i / (n - 1);
    }
    return t;
  }

  /**
   * The counts of a batch.
   *
   * @param byLabel keeps the labels, the last axis, apart
   * @param labelWeights one weight for each label, or null
   */
  Counts of(
      Tensor yTrue,
      Tensor yPred,
      Tensor sampleWeight,
      boolean byLabel,
      Tensor labelWeights,
      DType dtype) {
    Tensor[] a = Reduction.sameRank(Ops.cast(yPred, dtype), Ops.cast(yTrue, dtype));
    Tensor p = a[0];
    Tensor y = a[1];
    if (topK != null) {
      p = onlyTop(p);
    }
    if (classId != null) {
      if (p.rank() < 2) {
        throw new ShapeException(
            "metric: class_id needs predictions (samples, classes). Received: " + p.shape());
      }
      p = column(p);
      y = column(y);
    }
    Tensor w = weights(sampleWeight, labelWeights, p, y);
    int labels = byLabel ? p.dim(-1) : 1;
    p = Ops.reshape(p, -1, labels);
    Tensor positive = Ops.notEqual(Ops.reshape(y, -1, labels), 0);
    w = w == null ? Ops.onesLike(p) : Ops.reshape(w, -1, labels);
    Tensor yes = Ops.where(positive, w, 0.0);
    Tensor no = Ops.where(positive, 0.0, w);
    Tensor tp = even ? byBucket(p, yes) : byComparison(p, yes);
    Tensor fp = even ? byBucket(p, no) : byComparison(p, no);
    Tensor tn = Ops.sum(no, new int[] {0}, false).minus(fp);
    Tensor fn = Ops.sum(yes, new int[] {0}, false).minus(tp);
    return byLabel
        ? new Counts(tp, fp, tn, fn)
        : new Counts(flat(tp), flat(fp), flat(tn), flat(fn));
  }

  private static Tensor flat(Tensor x) {
    return Ops.squeeze(x, 1);
  }

  private static Tensor weights(Tensor sample, Tensor labels, Tensor p, Tensor y) {
    Tensor w = null;
    if (sample != null) {
      w = Ops.expandDims(Ops.cast(sample, p.dtype()), -1);
      if (w.rank() == y.rank() + 1 && w.dim(-1) == 1) {
        w = Ops.squeeze(w, -1);
      }
      w = Ops.broadcastTo(w, p.shape());
    }
    if (labels != null) {
      Tensor l = Ops.broadcastTo(Ops.expandDims(labels, 0), p.shape());
      w = w == null ? l : w.times(l);
    }
    return w;
  }

  private Tensor column(Tensor x) {
    int[] start = new int[x.rank()];
    start[x.rank() - 1] = classId;
    return Ops.slice(x, start, x.shape().withDim(-1, 1).dims());
  }

  /** All but the k largest become −1e10; of equal ones the first are kept. */
  private Tensor onlyTop(Tensor p) {
    int n = p.dim(-1);
    Tensor mine = Ops.expandDims(p, -1);
    Tensor other = Ops.expandDims(p, -2);
    Tensor at = Ops.arange(n);
    Tensor earlier = Ops.less(Ops.reshape(at, 1, n), Ops.reshape(at, n, 1));
    Tensor before =
        Ops.logicalOr(Ops.greater(other, mine), Ops.logicalAnd(Ops.equal(other, mine), earlier));
    Tensor rank = Ops.sum(Ops.cast(before, DType.INT32), new int[] {-1}, false);
    return Ops.where(Ops.less(rank, topK), p, BELOW_ALL);
  }

  /** Weights of predictions above each threshold: p (m, labels) → (thresholds, labels). */
  private Tensor byComparison(Tensor p, Tensor w) {
    int n = thresholds.length;
    HostArray host = new HostArray(DType.FLOAT64, Shape.of(n, 1, 1), thresholds.clone());
    Tensor t = Ops.cast(Tensor.ofTrusted(host), p.dtype());
    Tensor above = Ops.greater(Ops.expandDims(p, 0), t);
    return Ops.sum(Ops.where(above, Ops.expandDims(w, 0), 0.0), new int[] {1}, false);
  }

  /** The same for even thresholds: a histogram, summed from its end. */
  private Tensor byBucket(Tensor p, Tensor w) {
    int n = thresholds.length;
    int labels = p.dim(-1);
    Tensor scaled = Ops.clip(p, 0, 1).times(n - 1);
    Tensor bucket = Ops.unary(UnaryFunction.CEIL, scaled).minus(1);
    if (reachesBeyond) {
      bucket = Ops.maximum(bucket, 0.0);
    }
    Tensor id = Ops.cast(bucket, DType.INT32);
    if (labels > 1) {
      // those below all thresholds must not fall into the label before
      Tensor first = Ops.multiply(Ops.arange(labels), n);
      id = Ops.where(Ops.less(id, 0), -1, Ops.add(id, Ops.reshape(first, 1, labels)));
    }
    Segment sum = new Segment(Combine.ADD, n * labels, 0);
    Tensor inBucket = Ops.apply1(sum, Ops.reshape(w, -1), Ops.reshape(id, -1));
    Tensor byLabel = Ops.flip(Ops.reshape(inBucket, labels, n), 1);
    return Ops.transpose(Ops.flip(Ops.cumsum(byLabel, 1), 1));
  }
}
