package io.weft.tensor;

import java.util.List;

/**
 * Random numbers as pure functions of a key: int64 (2,), a seed and a counter. All are made of the
 * bits of Philox 4×32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011) with
 * the seed as Philox key and (element / 4, counter) as Philox counter, so they are the same for any
 * number of threads and on every backend. Each draw needs a key of its own; see {@link
 * io.weft.random.SeedGenerator}.
 */
public final class RandomOps {
  private RandomOps() {}

  private static void check(Op op, List<TensorSpec> in) {
    Rules.require(
        in.get(0).equals(new TensorSpec(Shape.of(2), DType.INT64)), op, "a key int64 (2,)", in);
  }

  /** 32 random bits an element, uint32; input: the key. */
  public record RandomBits(Shape shape) implements Op {
    @Override
    public String name() {
      return "random_bits";
    }

    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      check(this, in);
      return Rules.one(shape, DType.UINT32);
    }

    @Override
    public List<Tensor> vjp(Vjp v) {
      return v.only(null);
    }
  }

  /** How numbers are spread: over [0, 1), standard normal, or that cut at two deviations. */
  public enum Distribution {
    UNIFORM,
    NORMAL,
    TRUNCATED_NORMAL
  }

  /**
   * Floats of a distribution; input: the key. Float64 takes two words of {@link RandomBits} an
   * element, other dtypes one. Normal numbers are the inverse of the distribution function.
   */
  public record RandomDraw(Distribution distribution, Shape shape, DType dtype) implements Op {
    @Override
    public String name() {
      return "random_" + distribution.name().toLowerCase(java.util.Locale.ROOT);
    }

    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      check(this, in);
      Rules.require(dtype.isFloating(), this, "a floating dtype, not " + dtype, in);
      return Rules.one(shape, dtype);
    }

    @Override
    public List<Tensor> vjp(Vjp v) {
      return v.only(null);
    }
  }

  private static Tensor draw(Distribution d, Shape shape, DType dtype, Tensor key) {
    return Ops.apply1(new RandomDraw(d, shape, dtype), key);
  }

  /** Evenly spread in [low, high). */
  public static Tensor uniform(Shape shape, double low, double high, DType dtype, Tensor key) {
    Tensor u = draw(Distribution.UNIFORM, shape, dtype, key);
    return low == 0 && high == 1 ? u : u.times(high - low).plus(low);
  }

  public static Tensor normal(Shape shape, double mean, double stddev, DType dtype, Tensor key) {
    return moved(draw(Distribution.NORMAL, shape, dtype, key), mean, stddev);
  }

  /** Normal numbers within two deviations of the mean. */
  public static Tensor truncatedNormal(
      Shape shape, double mean, double stddev, DType dtype, Tensor key) {
    return moved(draw(Distribution.TRUNCATED_NORMAL, shape, dtype, key), mean, stddev);
  }

  private static Tensor moved(Tensor z, double mean, double stddev) {
    Tensor y = stddev == 1 ? z : z.times(stddev);
    return mean == 0 ? y : y.plus(mean);
  }

  /** Integers in [low, high). */
  public static Tensor randint(Shape shape, long low, long high, DType dtype, Tensor key) {
    Tensor u = draw(Distribution.UNIFORM, shape, DType.FLOAT64, key);
    Tensor i = Ops.cast(Ops.floor(u.times((double) (high - low))), DType.INT64);
    return Ops.cast(Ops.add(i, low), dtype);
  }

  /** True with probability p. */
  public static Tensor bernoulli(Shape shape, double p, Tensor key) {
    return Ops.less(draw(Distribution.UNIFORM, shape, DType.FLOAT32, key), p);
  }

  /** x with each element 0 with probability {@code rate}, else divided by 1 − rate. */
  public static Tensor dropout(Tensor x, double rate, Tensor key) {
    return dropout(x, rate, x.shape(), key);
  }

  /** {@link #dropout(Tensor, double, Tensor)} with one draw where {@code noise} has size 1. */
  public static Tensor dropout(Tensor x, double rate, Shape noise, Tensor key) {
    if (rate == 0) {
      return x;
    }
    if (rate == 1) {
      return Ops.zerosLike(x);
    }
    Tensor keep = Ops.greaterEqual(draw(Distribution.UNIFORM, noise, DType.FLOAT32, key), rate);
    return Ops.where(keep, x.times(1 / (1 - rate)), 0);
  }

  /** {@code n} new keys, int64 (n, 2), from one that is then used up. */
  public static Tensor split(Tensor key, int n) {
    Tensor bits = Ops.apply1(new RandomBits(Shape.of(n, 2)), key);
    return Ops.cast(bits, DType.INT64);
  }
}
