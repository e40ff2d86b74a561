package io.weft.layers.preprocessing;

import io.weft.config.Config;
import io.weft.error.ConfigException;
import io.weft.error.ShapeException;
import io.weft.initializers.Ones;
import io.weft.initializers.Zeros;
import io.weft.layer.Adaptable;
import io.weft.layer.BuildContext;
import io.weft.layer.CallContext;
import io.weft.layer.LayerType;
import io.weft.layer.UnaryLayer;
import io.weft.ops.Nested;
import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.tensor.Variable;
import java.util.Arrays;
import java.util.List;

/**
 * {@code (x − mean) / max(√variance, 1e-7)} with statistics for each position of {@code axis} that
 * are given or learned by {@link #adapt}; with {@code invert} the way back.
 *
 * <p>Input: any shape whose kept axes are known. Output: the same shape in the compute dtype. Masks
 * pass. Weights unless mean and variance are given, none trainable: {@code mean}, {@code variance}
 * of the sizes of the axes, {@code count ()}.
 */
public final class Normalization extends UnaryLayer implements Adaptable {
  public static final LayerType<Normalization> TYPE =
      LayerType.keras("Normalization", Normalization::new);

  private final int[] axes;
  private final boolean invert;
  private final Tensor givenMean;
  private final Tensor givenVariance;
  private int[] kept;
  private int[] broadcast;
  private Variable mean;
  private Variable variance;

  /** Statistics for each position of the last axis, to be learned. */
  public Normalization() {
    this(Config.EMPTY);
  }

  /** Statistics for each position of these axes, to be learned; none: one for all. */
  public Normalization(int... axes) {
    this(Config.of("axis", axes));
  }

  /** Restores a layer from its config. */
  public Normalization(Config config) {
    super(TYPE, config);
    int[] given = args.intListOrNull("axis", -1);
    axes = given == null ? new int[0] : given;
    args.note("axis", axes);
    invert = args.bool("invert", false);
    givenMean = read("mean");
    givenVariance = read("variance");
    if ((givenMean == null) != (givenVariance == null)
        || givenMean != null && !givenMean.shape().equals(givenVariance.shape())) {
      throw args.refuse("variance", "of the shape of mean, or both null");
    }
    if (givenMean != null && givenMean.rank() > axes.length) {
      throw args.refuse("mean", "of a rank of at most " + axes.length + ", the number of axes");
    }
    setSupportsMasking(true);
  }

  private Tensor read(String key) {
    Object v = args.any(key, null);
    Tensor t = v == null ? null : Nested.ofConfig(v);
    if (v != null && (t == null || t.dtype() == DType.STRING)) {
      throw args.refuse(key, "null, a number or an array of numbers");
    }
    return t;
  }

  @Override
  protected void build(BuildContext b) {
    Shape in = b.input();
    kept = new int[axes.length];
    broadcast = new int[in.rank()];
    Arrays.fill(broadcast, 1);
    for (int i = 0; i < axes.length; i++) {
      kept[i] = in.axis(axes[i]);
      broadcast[kept[i]] = b.known(0, kept[i]);
    }
    Arrays.sort(kept);
    Shape shape = Shape.SCALAR;
    for (int a : kept) {
      shape = shape.plus(broadcast[a]);
    }
    if (givenMean == null) {
      mean = b.addWeight("mean", shape, new Zeros(), null, null, false);
      variance = b.addWeight("variance", shape, new Ones(), null, null, false);
      b.addVariable("count", Shape.SCALAR, DType.INT64, false, false, new Zeros());
    }
  }

  @Override
  public Tensor call(Tensor x, CallContext ctx) {
    Tensor m = spread(givenMean == null ? mean.value() : givenMean);
    Tensor v = spread(givenMean == null ? variance.value() : givenVariance);
    Tensor deviation = Ops.maximum(Ops.sqrt(v), 1e-7);
    Tensor in = Ops.cast(x, policy().compute());
    return invert ? m.plus(in.times(deviation)) : in.minus(m).divide(deviation);
  }

  /** Statistics over the kept axes, aligned from the right, as a tensor of the input's rank. */
  private Tensor spread(Tensor t) {
    int[] d = new int[broadcast.length];
    Arrays.fill(d, 1);
    for (int i = 1; i <= t.rank(); i++) {
      d[kept[kept.length - i]] = t.dim(-i);
    }
    return Ops.cast(Ops.reshape(t, d), policy().compute());
  }

  /**
   * Learns mean and population variance; batches are merged with their sizes as weights. Refused
   * where the statistics were given.
   */
  @Override
  public void adapt(Iterable<Tensor> batches) {
    if (givenMean != null) {
      throw new ConfigException(
          label() + ": adapt: expected a layer without mean and variance. They were given.");
    }
    Tensor m = null;
    Tensor v = null;
    double total = 0;
    for (Tensor given : batches) {
      build(given.shape());
      check(given.shape());
      Tensor x = Ops.toFloat(given);
      int[] reduced = reduced();
      double n = 1;
      for (int a : reduced) {
        n *= x.dim(a);
      }
      Tensor bm = reduced.length == 0 ? x : Ops.mean(x, reduced, false);
      Tensor bv = reduced.length == 0 ? Ops.zerosLike(x) : Ops.var(x, reduced, false);
      total += n;
      double w = n / total;
      if (m == null) {
        m = bm;
        v = bv;
      } else {
        Tensor merged = m.times(1 - w).plus(bm.times(w));
        v =
            v.plus(Ops.square(m.minus(merged)))
                .times(1 - w)
                .plus(bv.plus(Ops.square(bm.minus(merged))).times(w));
        m = merged;
      }
    }
    if (m == null) {
      throw new ShapeException(label() + ": adapt: expected at least one batch. Received: none");
    }
    mean.assign(Ops.cast(m, mean.dtype()));
    variance.assign(Ops.cast(v, variance.dtype()));
  }

  private void check(Shape s) {
    boolean fits = s.rank() == broadcast.length;
    for (int i = 0; i < kept.length && fits; i++) {
      fits = s.dim(kept[i]) == broadcast[kept[i]];
    }
    if (!fits) {
      throw new ShapeException(
          label()
              + ": adapt: expected data like the shape "
              + buildShapes()
              + " that the layer was built for. Received: "
              + s);
    }
  }

  private int[] reduced() {
    List<Integer> k = Arrays.stream(kept).boxed().toList();
    return java.util.stream.IntStream.range(0, broadcast.length)
        .filter(i -> !k.contains(i))
        .toArray();
  }
}
