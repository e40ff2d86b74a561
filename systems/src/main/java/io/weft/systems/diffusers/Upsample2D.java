package io.weft.systems.diffusers;

import io.weft.config.Config;
import io.weft.error.ConfigException;
import io.weft.layer.CallArgs;
import io.weft.layer.CallContext;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import io.weft.systems.weights.TorchEntry;
import io.weft.systems.weights.TorchNamed;
import io.weft.tensor.Tensor;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Doubles an image by its nearest pixels, then convolves with {@code use_conv}; or a transposed
 * convolution of stride 2 with {@code use_conv_transpose}; as diffusers' {@code Upsample2D}.
 *
 * <p>Input: {@code (batch, channels, height, width)}. Output: {@code (batch, out_channels, …)}.
 * Call argument {@code output_size [height, width]} in place of the doubled size. Weights: {@code
 * norm} if {@code norm_type} is set, {@code conv}. {@code data_format} beyond the original: {@code
 * channels_last}.
 */
public final class Upsample2D extends DiffusersLayer implements TorchNamed {
  public static final LayerType<Upsample2D> TYPE =
      LayerType.custom("diffusers", "Upsample2D", Upsample2D::new)
          .inputs("hidden_states")
          .args("output_size");

  private final int channels;
  private final int padding;
  private final boolean transposed;
  private final boolean interpolate;
  private final boolean channelsFirst;
  private final UnaryOperator<Tensor> norm;
  private final Layer conv;

  /** Restores a layer from its config. */
  public Upsample2D(Config config) {
    super(TYPE, config);
    channels = args.positiveInt("channels");
    boolean useConv = args.bool("use_conv", false);
    transposed = args.bool("use_conv_transpose", false);
    Integer given = args.integerOrNull("out_channels", null);
    Integer givenKernel = args.integerOrNull("kernel_size", null);
    padding = args.integer("padding", 1);
    norm = Resampling.norm(this, channels);
    boolean bias = args.bool("bias", true);
    interpolate = args.bool("interpolate", true);
    channelsFirst = Images.channelsFirst(args);
    int out = given == null ? channels : given;
    int kernel = givenKernel == null ? transposed ? 4 : 3 : givenKernel;
    if (transposed && kernel < 2) {
      throw args.refuse("kernel_size", "at least 2 with use_conv_transpose");
    }
    if (padding < 0) {
      throw args.refuse("padding", "a number that is not negative");
    }
    conv =
        transposed
            ? track("conv", parts.convTranspose(channels, out, kernel, 2, bias))
            : useConv ? track("conv", parts.conv(channels, out, kernel, 1, "valid", bias)) : null;
  }

  @Override
  public List<Tensor> call(List<Tensor> inputs, CallContext ctx) {
    Tensor given = inputs.get(0);
    Images.check(label(), given, channelsFirst, channels);
    Tensor x = Images.toLast(given, channelsFirst);
    if (norm != null) {
      x = norm.apply(x);
    }
    if (transposed) {
      x = Images.crop(conv.apply(x), padding);
    } else {
      if (interpolate) {
        int[] size = size(ctx, x);
        x = Images.nearest(x, size[0], size[1]);
      }
      x = conv == null ? x : conv.apply(Images.pad(x, padding, padding));
    }
    return List.of(Images.toFirst(x, channelsFirst));
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

  @Override
  public List<TorchEntry> torchEntries() {
    return List.of();
  }

  /** A layer of another name than conv has its convolution in files under this one. */
  @Override
  public List<TorchEntry> torchAliases() {
    return Resampling.named("Conv2d_0.", conv);
  }
}
