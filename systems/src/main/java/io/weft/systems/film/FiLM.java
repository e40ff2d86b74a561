package io.weft.systems.film;

import io.weft.config.Config;
import io.weft.error.ShapeException;
import io.weft.layer.BuildContext;
import io.weft.layer.CallContext;
import io.weft.layer.Initializer;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import io.weft.layers.core.Dense;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/**
 * Feature-wise linear modulation (Perez et al. 2017, arXiv 1709.07871): {@code y = γ ⊙ x + β} with
 * {@code [γ − baseline ; β] = condition · W + b} for each sample and channel, the same at all other
 * places.
 *
 * <p>Inputs: {@code x (batch, …)} of any rank with channels on {@code axis}, and a condition {@code
 * (batch, width)}. Output: the shape of x, whose mask goes on. Arguments: {@code condition} and
 * {@code channels}, sizes that inputs must have (null for any); {@code axis} (default −1); {@code
 * gammaBaseline} (default 1); {@code generator_initializer} (default zeros, with which the layer
 * starts as {@code baseline · x}). Weights: kernel {@code (width, 2·channels)} and bias of {@code
 * generator}.
 */
public final class FiLM extends Layer {
  public static final LayerType<FiLM> TYPE =
      LayerType.custom(FilmTypes.PACKAGE, "FiLM", FiLM::new)
          .inputs("x", "condition")
          .args("training");

  private final Integer condition;
  private final Integer channels;
  private final int axis;
  private final double baseline;
  private final Initializer start;
  private Dense generator;

  /** Modulation of the last axis. */
  public FiLM() {
    this(Config.EMPTY);
  }

  /** Modulation of the channels on another axis. */
  public FiLM(int axis) {
    this(Config.of("axis", axis));
  }

  /** Restores a layer from its config. */
  public FiLM(Config config) {
    super(TYPE, config);
    condition = size("condition");
    channels = size("channels");
    axis = args.integer("axis", -1);
    baseline = args.number("gammaBaseline", 1.0);
    start = args.object("generator_initializer", Initializer.class, "zeros");
    if (!args.has("generator_initializer")) {
      args.forget("generator_initializer");
    }
    if (channels != null) {
      generator = generator(channels);
    }
    setSupportsMasking(true);
  }

  private Integer size(String key) {
    Integer n = args.integerOrNull(key, null);
    if (n != null && n <= 0) {
      throw args.refuse(key, "a positive integer or null");
    }
    return n;
  }

  private Dense generator(int n) {
    Config c = Config.of("units", 2 * n, "kernel_initializer", start, "dtype", policy());
    return track("generator", fromConfig(Dense.TYPE, c));
  }

  @Override
  protected void build(BuildContext b) {
    if (b.inputs().size() != 2) {
      throw new ShapeException(
          label() + ": expected x and a condition. Received: " + b.inputs().size() + " inputs");
    }
    int n = b.known(0, channelAxis(b.input()));
    if (generator == null) {
      generator = generator(n);
    }
    check(b.input(), b.input(1), channels == null ? n : channels);
    b.build(generator, b.input(1));
  }

  private int channelAxis(Shape x) {
    int at = axis < 0 ? axis + x.rank() : axis;
    if (at <= 0 || at >= x.rank()) {
      throw new ShapeException(
          label()
              + ": expected channels on axis "
              + axis
              + ", not the first. Received: shape "
              + x);
    }
    return at;
  }

  private void check(Shape x, Shape z, int n) {
    int given = x.dim(channelAxis(x));
    boolean width = condition == null || z.dim(-1) == condition || z.dim(-1) < 0;
    if (z.rank() != 2 || !width || given != n && given >= 0) {
      throw new ShapeException(
          label()
              + ": expected x with "
              + n
              + " channels on axis "
              + axis
              + " and a condition (batch, "
              + (condition == null ? "width" : condition)
              + "). Received: "
              + x
              + ", "
              + z);
    }
  }

  @Override
  public List<Tensor> call(List<Tensor> inputs, CallContext ctx) {
    if (inputs.size() != 2) {
      throw new ShapeException(
          label() + ": expected x and a condition. Received: " + inputs.size() + " inputs");
    }
    Tensor x = inputs.get(0);
    Tensor z = inputs.get(1);
    int at = channelAxis(x.shape());
    int n = x.dim(at);
    check(x.shape(), z.shape(), channels == null ? n : channels);
    List<Tensor> parts = Ops.split(generator.apply(z), 2, 1);
    int[] wide = new int[x.rank()];
    Arrays.fill(wide, 1);
    wide[0] = z.dim(0);
    wide[at] = n;
    Tensor gamma = Ops.reshape(parts.get(0).plus(baseline), wide);
    return List.of(gamma.times(x).plus(Ops.reshape(parts.get(1), wide)));
  }
}
