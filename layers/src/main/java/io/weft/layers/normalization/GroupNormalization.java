package io.weft.layers.normalization;

import io.weft.config.Config;
import io.weft.error.ShapeException;
import io.weft.layer.BuildContext;
import io.weft.layer.CallContext;
import io.weft.layer.InputSpec;
import io.weft.layer.LayerType;
import io.weft.layer.UnaryLayer;
import io.weft.layer.WeightOptions;
import io.weft.ops.Normalizations;
import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.Promotion;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.tensor.Variable;
import java.util.List;

/**
 * Normalizes each group of neighboring channels of each sample (Wu and He 2018); {@code groups} −1
 * makes every channel its own group.
 *
 * <p>Input: rank of at least 2. Output: the same shape. Masks pass. Weights of the size of {@code
 * axis}: {@code gamma} if {@code scale}, {@code beta} if {@code center}.
 */
public final class GroupNormalization extends UnaryLayer {
  public static final LayerType<GroupNormalization> TYPE =
      LayerType.keras("GroupNormalization", GroupNormalization::new);

  private int groups;
  private final int axis;
  private final double epsilon;
  private final boolean center;
  private final boolean scale;
  private final WeightOptions options;
  private Variable gamma;
  private Variable beta;

  /** Groups of the channels on the last axis. */
  public GroupNormalization(int groups) {
    this(Config.of("groups", groups));
  }

  /** Restores a layer from its config. */
  public GroupNormalization(Config config) {
    super(TYPE, config);
    groups = args.integer("groups", 32);
    if (groups <= 0 && groups != -1) {
      throw args.refuse("groups", "a positive integer or -1");
    }
    axis = args.integer("axis", -1);
    epsilon = args.number("epsilon", 0.001);
    center = args.bool("center", true);
    scale = args.bool("scale", true);
    options =
        weightOptions()
            .initializer("beta", "zeros")
            .initializer("gamma", "ones")
            .regularizers("beta", "gamma")
            .constraints("beta", "gamma");
    setSupportsMasking(true);
    setAutocast(false);
  }

  @Override
  protected void build(BuildContext b) {
    int channels = b.known(0, axis);
    if (groups == -1) {
      groups = channels;
      args.note("groups", groups);
    }
    if (channels % groups != 0) {
      throw new ShapeException(
          label()
              + ": groups must divide the number of channels. Received: groups="
              + groups
              + ", "
              + channels
              + " channels");
    }
    gamma = scale ? options.addUncast(b, "gamma", Shape.of(channels), true) : null;
    beta = center ? options.addUncast(b, "beta", Shape.of(channels), true) : null;
    setInputSpec(InputSpec.rank(b.input().rank()).withAxis(axis, channels));
  }

  @Override
  public Tensor call(Tensor input, CallContext ctx) {
    int at = input.shape().axis(axis);
    Tensor x = Ops.cast(input, Promotion.of(input.dtype(), DType.FLOAT32));
    x = Ops.reshape(x, grouped(x.shape(), at));
    int[] ones = Shape.of(new int[input.rank()]).dims();
    java.util.Arrays.fill(ones, 1);
    ones[at] = input.dim(at);
    int[] perChannel = grouped(Shape.of(ones), at);
    List<Tensor> m =
        Normalizations.moments(
            x, java.util.Arrays.stream(NormAxes.others(x.rank(), at)).skip(1).toArray(), true);
    Tensor inverse = Ops.rsqrt(m.get(1).plus(epsilon));
    if (gamma != null) {
      inverse = inverse.times(Ops.reshape(Ops.cast(gamma.value(), x.dtype()), perChannel));
    }
    Tensor shift = Ops.negative(m.get(0)).times(inverse);
    if (beta != null) {
      shift = shift.plus(Ops.reshape(Ops.cast(beta.value(), x.dtype()), perChannel));
    }
    Tensor y = Ops.reshape(x.times(inverse).plus(shift), input.shape().dims());
    return Ops.cast(Ops.cast(y, input.dtype()), policy().compute());
  }

  /** The shape with an axis split into (groups, channels per group). */
  private int[] grouped(Shape s, int at) {
    return s.slice(0, at)
        .plus(groups, s.dim(at) / groups)
        .plus(s.slice(at + 1, s.rank()).dims())
        .dims();
  }
}
