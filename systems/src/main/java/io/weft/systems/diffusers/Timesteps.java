package io.weft.systems.diffusers;

import io.weft.config.Config;
import io.weft.error.ShapeException;
import io.weft.layer.CallContext;
import io.weft.layer.LayerType;
import io.weft.tensor.DType;
import io.weft.tensor.HostArray;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.List;

/**
 * Steps of time as sines and cosines, as diffusers' {@code Timesteps}: {@code e_i = scale · t ·
 * 10000^(−i / (num_channels/2 − downscale_freq_shift))}, {@code [sin; cos]} or, with {@code
 * flip_sin_to_cos}, {@code [cos; sin]}; an odd width gets a zero at its end.
 *
 * <p>Input: {@code (batch)}, integers or numbers. Output: {@code (batch, num_channels)} in float32
 * always. No weights.
 */
public final class Timesteps extends DiffusersLayer {
  public static final LayerType<Timesteps> TYPE =
      LayerType.custom("diffusers", "Timesteps", Timesteps::new).inputs("timesteps");

  private static final double MAX_PERIOD = 10000;

  private final int channels;
  private final boolean flip;
  private final double scale;
  private final Tensor frequencies;

  /** Restores a layer from its config. */
  public Timesteps(Config config) {
    super(TYPE, config);
    channels = args.positiveInt("num_channels");
    flip = args.bool("flip_sin_to_cos", false);
    double shift = args.number("downscale_freq_shift", 1.0);
    scale = args.number("scale", 1.0);
    int half = channels / 2;
    if (half == 0 || half == shift) {
      throw args.refuse("num_channels", "at least 2, and not twice downscale_freq_shift");
    }
    HostArray f = HostArray.zeros(DType.FLOAT32, Shape.of(half));
    for (int i = 0; i < half; i++) {
      float exponent = (float) -Math.log(MAX_PERIOD) * i / (float) (half - shift);
      f.set(i, Math.exp(exponent));
    }
    frequencies = Tensor.ofTrusted(f);
    setAutocast(false);
  }

  @Override
  public List<Tensor> call(List<Tensor> inputs, CallContext ctx) {
    Tensor t = inputs.get(0);
    if (t.rank() != 1) {
      throw new ShapeException(
          label() + ": expected timesteps (batch). Received: shape " + t.shape());
    }
    Tensor e = Ops.expandDims(Ops.cast(t, DType.FLOAT32), 1).times(frequencies);
    e = scale == 1 ? e : e.times(scale);
    Tensor sin = Ops.sin(e);
    Tensor cos = Ops.cos(e);
    Tensor y = Ops.concatenate(flip ? List.of(cos, sin) : List.of(sin, cos), 1);
    return List.of(channels % 2 == 0 ? y : Ops.pad(y, new int[][] {{0, 0}, {0, 1}}, 0));
  }
}
