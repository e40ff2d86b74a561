package io.weft.systems.fusionlab;

import io.weft.config.Config;
import io.weft.error.ShapeException;
import io.weft.layer.BuildContext;
import io.weft.layer.CallContext;
import io.weft.layer.LayerType;
import io.weft.layer.UnaryLayer;
import io.weft.layers.core.Dense;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;

/**
 * Weighs the channels by what all steps say about them (Hu et al. 2018); as fusionlab's layer of
 * this name.
 *
 * <p>{@code y = x ⊙ σ(W₂ · relu(W₁ · z + b₁) + b₂)}, z being the mean of x over time; between the
 * two there are {@code max(channels / ratio, 1)} units.
 *
 * <p>Input: {@code (batch, T, channels)}, or {@code (batch, channels)}, which is its own z. Output:
 * the same shape. Masks pass. Weights: kernel and bias of {@code fc1} and {@code fc2}.
 */
public final class SqueezeExcite1D extends UnaryLayer {
  public static final LayerType<SqueezeExcite1D> TYPE =
      LayerType.custom(FusionlabTypes.COMPONENTS, "SqueezeExcite1D", SqueezeExcite1D::new)
          .args("training");

  private final int ratio;
  private Dense fc1;
  private Dense fc2;

  /** A layer that squeezes by this ratio. */
  public SqueezeExcite1D(int ratio) {
    this(Config.of("ratio", ratio));
  }

  /** Restores a layer from its config. */
  public SqueezeExcite1D(Config config) {
    super(TYPE, config);
    ratio = args.positiveInt("ratio", 16);
    setSupportsMasking(true);
  }

  @Override
  protected void build(BuildContext b) {
    Shape in = b.input();
    if (in.rank() != 2 && in.rank() != 3) {
      throw new ShapeException(
          label()
              + ": expected an input (batch, T, channels) or (batch, channels). Received: shape "
              + in);
    }
    int channels = b.known(0, -1);
    int middle = Math.max(channels / ratio, 1);
    fc1 = track("fc1", Parts.dense("se_fc1", middle, "relu", policy()));
    fc2 = track("fc2", Parts.dense("se_fc2", channels, "sigmoid", policy()));
    b.build(fc1, Shape.of(Shape.UNKNOWN, channels));
    b.build(fc2, Shape.of(Shape.UNKNOWN, middle));
  }

  @Override
  public Tensor call(Tensor x, CallContext ctx) {
    boolean steps = x.rank() == 3;
    Tensor s = fc2.apply(fc1.apply(steps ? Ops.mean(x, 1) : x));
    return x.times(steps ? Ops.expandDims(s, 1) : s);
  }
}
