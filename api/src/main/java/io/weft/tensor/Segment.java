package io.weft.tensor;

import io.weft.tensor.Indexing.Combine;
import io.weft.tensor.Indexing.Gather;
import io.weft.tensor.Indexing.Scatter;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Rows of data folded by the segment that each belongs to: data (n, …), integer ids (n,) → (count,
 * …). Rows whose id is outside are left out; a segment without rows is {@code empty}.
 */
public record Segment(Combine combine, int count, double empty) implements Op {
  @Override
  public String name() {
    return "segment_" + combine.name().toLowerCase(Locale.ROOT);
  }

  @Override
  public List<TensorSpec> infer(List<TensorSpec> in) {
    Shape x = in.get(0).shape();
    Shape ids = in.get(1).shape();
    Rules.require(
        x.rank() >= 1 && ids.rank() == 1 && ids.dim(0) == x.dim(0) && in.get(1).dtype().isInteger(),
        this,
        "data (n, ...) and integer segment_ids (n,)",
        in);
    return Rules.one(x.withDim(0, count), in.get(0).dtype());
  }

  @Override
  public List<Tensor> decompose(List<Tensor> in) {
    Tensor x = in.get(0);
    Tensor ids = Ops.cast(in.get(1), DType.INT32);
    Shape s = x.shape().withDim(0, count);
    Tensor at = Ops.expandDims(kept(ids), 1);
    Tensor y = Ops.apply1(new Scatter(combine), start(s, x.dtype()), at, x);
    if (empty == neutral(x.dtype())) {
      return List.of(y);
    }
    Tensor rows =
        Ops.apply1(
            new Scatter(Combine.ADD),
            Ops.zeros(Shape.of(count), DType.INT32),
            at,
            Ops.onesLike(ids));
    return List.of(Ops.where(Ops.greater(along(rows, y), 0), y, Ops.full(s, empty, x.dtype())));
  }

  /** Ids below 0 moved past the end, where a scatter leaves them out. */
  private Tensor kept(Tensor ids) {
    return Ops.where(Ops.less(ids, 0), count, ids);
  }

  private Tensor start(Shape s, DType d) {
    return Ops.full(s, neutral(d), d);
  }

  private double neutral(DType d) {
    switch (combine) {
      case ADD:
        return 0;
      case MUL:
        return 1;
      case MAX:
        return lowest(d);
      default:
        return highest(d);
    }
  }

  /** The largest finite value of a dtype. */
  public static double highest(DType d) {
    switch (d) {
      case FLOAT64:
        return Double.MAX_VALUE;
      case FLOAT16:
        return 65504;
      case BFLOAT16:
        return 0x1.fep127;
      case FLOAT32:
        return Float.MAX_VALUE;
      default:
        return Math.scalb(1.0, 8 * d.bytes() - (d.isUnsigned() ? 0 : 1)) - 1;
    }
  }

  /** The smallest finite value of a dtype. */
  public static double lowest(DType d) {
    return d.isFloating() ? -highest(d) : d.isUnsigned() ? 0 : -highest(d) - 1;
  }

  /** A vector over the rows, spread over the other axes of x. */
  private static Tensor along(Tensor rows, Tensor x) {
    Shape s = Shape.of(rows.dim(0));
    for (int i = 1; i < x.rank(); i++) {
      s = s.plus(1);
    }
    return Ops.reshape(rows, s.dims());
  }

  /** Each row's value of its segment; zeros for rows that are left out. */
  private Tensor spread(Tensor y, Tensor ids) {
    Tensor inside = Ops.logicalAnd(Ops.greaterEqual(ids, 0), Ops.less(ids, count));
    Tensor at = Ops.where(inside, ids, 0);
    Tensor g = Ops.apply1(new Gather(), y, Ops.expandDims(at, 1));
    return Ops.where(along(inside, g), g, Ops.zerosLike(g));
  }

  private static Tensor folded(Combine c, int count, double empty, Tensor x, Tensor ids) {
    return Ops.apply1(new Segment(c, count, empty), x, ids);
  }

  @Override
  public List<Tensor> vjp(Vjp v) {
    Tensor x = v.in(0);
    Tensor ids = Ops.cast(v.in(1), DType.INT32);
    Tensor d = v.dout(0);
    switch (combine) {
      case ADD:
        return Arrays.asList(spread(d, ids), null);
      case MUL:
        Tensor zero = Ops.equal(x, Ops.zerosLike(x));
        Tensor zeros = folded(Combine.ADD, count, 0, Ops.cast(zero, x.dtype()), ids);
        Tensor lone = Ops.where(Ops.greater(zeros, 1), Ops.zerosLike(d), d);
        Tensor others = Ops.where(zero, Ops.onesLike(x), x);
        Tensor rest = spread(folded(Combine.MUL, count, 1, others, ids), ids);
        Tensor part = Ops.where(zero, rest, spread(v.out(0), ids).divide(others));
        return Arrays.asList(part.times(spread(lone, ids)), null);
      default:
        // equal shares for all rows that reach the extreme, as TensorFlow
        Tensor hit = Ops.cast(Ops.equal(x, spread(v.out(0), ids)), x.dtype());
        Tensor hits = folded(Combine.ADD, count, 0, hit, ids);
        Tensor share = d.divide(Ops.maximum(hits, 1));
        return Arrays.asList(hit.times(spread(share, ids)), null);
    }
  }
}
