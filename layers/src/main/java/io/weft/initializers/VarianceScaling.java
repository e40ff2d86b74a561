package io.weft.initializers;

import io.weft.config.Config;
import io.weft.config.Entry;
import io.weft.layer.Initializer;
import io.weft.tensor.DType;
import io.weft.tensor.RandomOps;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;

/**
 * Numbers whose variance is {@code scale / fan}: the fan is the number of inputs of a unit, of its
 * outputs, or their mean. Glorot's, He's and Lecun's initializers are this one with fixed scale,
 * mode and distribution (Glorot and Bengio 2010; He et al. 2015; Klambauer et al. 2017).
 *
 * <p>Fans of a shape: (n) → n, n; (a, b) → a, b; (k…, a, b) → Πk·a, Πk·b; with {@code input_axes}
 * and {@code output_axes} the products over these axes.
 */
public final class VarianceScaling extends RandomInitializer {
  public static final Entry<VarianceScaling> TYPE =
      new Entry<>(
          Initializer.class,
          "keras.initializers",
          "VarianceScaling",
          null,
          c -> new VarianceScaling(null, c));

  /** The standard deviation of a standard normal cut at ±2. */
  private static final double CUT_STDDEV = 0.87962566103423978;

  /** The named settings, which write neither scale nor mode nor distribution. */
  private enum Preset {
    GLOROT_UNIFORM("GlorotUniform", 1, "fan_avg", "uniform"),
    GLOROT_NORMAL("GlorotNormal", 1, "fan_avg", "truncated_normal"),
    LECUN_UNIFORM("LecunUniform", 1, "fan_in", "uniform"),
    LECUN_NORMAL("LecunNormal", 1, "fan_in", "truncated_normal"),
    HE_UNIFORM("HeUniform", 2, "fan_in", "uniform"),
    HE_NORMAL("HeNormal", 2, "fan_in", "truncated_normal");

    private final double scale;
    private final String mode;
    private final String distribution;
    private final Entry<VarianceScaling> type;

    Preset(String className, double scale, String mode, String distribution) {
      this.scale = scale;
      this.mode = mode;
      this.distribution = distribution;
      this.type =
          new Entry<>(
              Initializer.class,
              "keras.initializers",
              className,
              null,
              c -> new VarianceScaling(this, c));
    }
  }

  private final double scale;
  private final String mode;
  private final String distribution;
  private final int[] inputAxes;
  private final int[] outputAxes;

  /** Restores from a config of the general class. */
  public VarianceScaling(Config config) {
    this(null, config);
  }

  private VarianceScaling(Preset preset, Config config) {
    super(preset == null ? TYPE : preset.type, config);
    if (preset == null) {
      scale = args.number("scale", 1.0);
      if (!(scale > 0)) {
        throw args.refuse("scale", "a positive number");
      }
      mode = args.oneOf("mode", "fan_in", "fan_in", "fan_out", "fan_avg");
      String given =
          args.oneOf(
              "distribution",
              "truncated_normal",
              "normal",
              "truncated_normal",
              "untruncated_normal",
              "uniform");
      distribution = given.equals("normal") ? "truncated_normal" : given;
      args.note("distribution", distribution);
    } else {
      scale = preset.scale;
      mode = preset.mode;
      distribution = preset.distribution;
    }
    inputAxes = args.intListOrNull("input_axes", null);
    outputAxes = args.intListOrNull("output_axes", null);
  }

  /** Variance 1 / mean of the fans, uniform: the default of most layers. */
  public static VarianceScaling glorotUniform() {
    return Preset.GLOROT_UNIFORM.type.create(Config.EMPTY);
  }

  /** Variance 2 / inputs, cut normal: for layers with relu. */
  public static VarianceScaling heNormal() {
    return Preset.HE_NORMAL.type.create(Config.EMPTY);
  }

  /** The row of the general class or of a named setting; null for other names. */
  public static Entry<VarianceScaling> type(String name) {
    return switch (name) {
      case "VarianceScaling", "variance_scaling" -> TYPE;
      case "GlorotUniform", "glorot_uniform" -> Preset.GLOROT_UNIFORM.type;
      case "GlorotNormal", "glorot_normal" -> Preset.GLOROT_NORMAL.type;
      case "LecunUniform", "lecun_uniform" -> Preset.LECUN_UNIFORM.type;
      case "LecunNormal", "lecun_normal" -> Preset.LECUN_NORMAL.type;
      case "HeUniform", "he_uniform" -> Preset.HE_UNIFORM.type;
      case "HeNormal", "he_normal" -> Preset.HE_NORMAL.type;
      default -> null;
    };
  }

  /**
   * The same initializer with fans over these axes, for weights whose inputs and outputs do not
   * stand last; itself if it has axes already.
   */
  public VarianceScaling withAxes(int[] input, int[] output) {
    if (inputAxes != null || outputAxes != null) {
      return this;
    }
    Config c = getConfig().with("input_axes", input).with("output_axes", output);
    return (VarianceScaling) type().create(c);
  }

  @Override
  Tensor draw(Shape shape, DType dtype, Tensor key) {
    double s = scale / Math.max(1, fan(shape));
    return switch (distribution) {
      case "truncated_normal" ->
          RandomOps.truncatedNormal(shape, 0, Math.sqrt(s) / CUT_STDDEV, dtype, key);
      case "untruncated_normal" -> RandomOps.normal(shape, 0, Math.sqrt(s), dtype, key);
      default -> RandomOps.uniform(shape, -Math.sqrt(3 * s), Math.sqrt(3 * s), dtype, key);
    };
  }

  private double fan(Shape s) {
    double in;
    double out;
    int rank = s.rank();
    if (inputAxes != null && outputAxes != null) {
      in = product(s, inputAxes);
      out = product(s, outputAxes);
    } else if (rank < 2) {
      in = rank == 0 ? 1 : s.dim(0);
      out = in;
    } else {
      double field = s.product(0, rank - 2);
      in = field * s.dim(-2);
      out = field * s.dim(-1);
    }
    return mode.equals("fan_in") ? in : mode.equals("fan_out") ? out : (in + out) / 2;
  }

  private static double product(Shape s, int[] axes) {
    double p = 1;
    for (int a : axes) {
      p *= s.dim(a);
    }
    return p;
  }
}
