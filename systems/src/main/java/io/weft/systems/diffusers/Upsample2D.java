package io.weft.systems.diffusers;

import io.weft.config.Config;
import io.weft.error.ConfigException;
import io.weft.layer.CallArgs;
import io.weft.layer.CallContext;
import io.weft.layer.LayerType;
import io.weft.tensor.Tensor;
import java.util.List;

/**
 * Doubles an image by its nearest pixels, then convolves with {@code use_conv}; or a transposed
 * convolution of stride 2 with {@code use_conv_transpose}; as diffusers' {@code Upsample2D}.
 *
 * <p>Input: {@code (batch, channels, height, width)}. Output: {@code (batch, out_channels, …)}.
 * Call argument {@code output_size [height, width]} in place of the doubled size. Weights: {@code
 * norm} if {@code norm_type} is set, {@code conv}. {@code data_format} beyond the original: {@code
 * channels_last}.
 */
public final class Upsample2D extends Resampling {
  public static final LayerType<Upsample2D> TYPE =
      LayerType.custom("diffusers", "Upsample2D", Upsample2D::new)
          .inputs("hidden_states")
          .args("output_size");

  private final boolean transposed;
  private final boolean interpolate;

  /** Restores a layer from its config. */
  public Upsample2D(Config config) {
    super(TYPE, config);
    boolean useConv = args.bool("use_conv", false);
    transposed = args.bool("use_conv_transpose", false);
    Integer given = args.integerOrNull("out_channels", null);
    Integer givenKernel = args.integerOrNull("kernel_size", null);
    readPadding();
    readNorm();
    boolean bias = args.bool("bias", true);
    interpolate = args.bool("interpolate", true);
    readDataFormat();
    int out = given == null ? channels() : given;
    int kernel = givenKernel == null ? transposed ? 4 : 3 : givenKernel;
    if (transposed && kernel < 2) {
      throw args.refuse("kernel_size", "at least 2 with use_conv_transpose");
    }
    setConv(
        transposed
            ? parts.convTranspose(channels(), out, kernel, 2, bias)
            : useConv ? parts.conv(channels(), out, kernel, 1, "valid", bias) : null);
  }

  @Override
  Tensor resampled(Tensor given, CallContext ctx) {
    if (transposed) {
      return Images.crop(conv().apply(given), padding());
    }
    Tensor x = given;
    if (interpolate) {
      int[] size = size(ctx, x);
      x = Images.nearest(x, size[0], size[1]);
    }
    return conv() == null ? x : conv().apply(Images.pad(x, padding(), padding()));
  }

  /** A channels-last image of a given size from one, for a layer without norm and transposition. */
  Tensor resized(Tensor x, int height, int width) {
    return apply(x, CallArgs.of("output_size", List.of(height, width)));
  }

  private int[] size(CallContext ctx, Tensor x) {
    Object s = ctx.args().get("output_size");
    if (s == null) {
      return new int[] {2 * x.dim(1), 2 * x.dim(2)};
    }
    if (s instanceof List<?> l
        && l.size() == 2
        && l.get(0) instanceof Number h
        && l.get(1) instanceof Number w
        && h.intValue() > 0
        && w.intValue() > 0) {
      return new int[] {h.intValue(), w.intValue()};
    }
    throw new ConfigException(
        label() + ": output_size must be a list of height and width. Received: " + s);
  }
}
