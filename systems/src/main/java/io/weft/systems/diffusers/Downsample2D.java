package io.weft.systems.diffusers;

import io.weft.config.Config;
import io.weft.layer.CallContext;
import io.weft.layer.LayerType;
import io.weft.ops.Convolutions;
import io.weft.tensor.Tensor;

/**
 * Halves an image: a convolution of stride 2 with {@code use_conv}, else the mean of 2×2 pixels; as
 * diffusers' {@code Downsample2D}.
 *
 * <p>Input: {@code (batch, channels, height, width)}. Output: {@code (batch, out_channels, …)}.
 * Weights: {@code norm} if {@code norm_type} is set, {@code conv}. {@code padding} 0 adds a row and
 * a column of zeros at the end only. {@code data_format} beyond the original: {@code
 * channels_last}.
 */
public final class Downsample2D extends Resampling {
  public static final LayerType<Downsample2D> TYPE =
      LayerType.custom("diffusers", "Downsample2D", Downsample2D::new).inputs("hidden_states");

  /** Restores a layer from its config. */
  public Downsample2D(Config config) {
    super(TYPE, config);
    boolean useConv = args.bool("use_conv", false);
    Integer given = args.integerOrNull("out_channels", null);
    readPadding();
    int kernel = args.positiveInt("kernel_size", 3);
    readNorm();
    boolean bias = args.bool("bias", true);
    readDataFormat();
    int out = given == null ? channels() : given;
    if (!useConv && out != channels()) {
      throw args.refuse("out_channels", "channels=" + channels() + " without use_conv");
    }
    setConv(useConv ? parts.conv(channels(), out, kernel, 2, "valid", bias) : null);
  }

  @Override
  Tensor resampled(Tensor x, CallContext ctx) {
    int rim = padding();
    return conv() == null ? averaged(x) : conv().apply(Images.pad(x, rim, Math.max(rim, 1)));
  }

  /** The mean of each 2×2 pixels; a row or column that is left over is dropped. */
  static Tensor averaged(Tensor x) {
    return Convolutions.pool(false, x, new int[] {2, 2}, new int[] {2, 2}, "valid");
  }
}
