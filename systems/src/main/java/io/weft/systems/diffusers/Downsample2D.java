package io.weft.systems.diffusers;

import io.weft.config.Config;
import io.weft.layer.CallContext;
import io.weft.layer.LayerType;
import io.weft.layers.convolutional.Conv2D;
import io.weft.ops.Convolutions;
import io.weft.systems.weights.TorchEntry;
import io.weft.systems.weights.TorchNamed;
import io.weft.tensor.Tensor;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Halves an image: a convolution of stride 2 with {@code use_conv}, else the mean of 2×2 pixels; as
 * diffusers' {@code Downsample2D}.
 *
 * <p>Input: {@code (batch, channels, height, width)}. Output: {@code (batch, out_channels, …)}.
 * Weights: {@code norm} if {@code norm_type} is set, {@code conv}. {@code padding} 0 adds a row and
 * a column of zeros at the end only. {@code data_format} beyond the original: {@code
 * channels_last}.
 */
public final class Downsample2D extends DiffusersLayer implements TorchNamed {
  public static final LayerType<Downsample2D> TYPE =
      LayerType.custom("diffusers", "Downsample2D", Downsample2D::new).inputs("hidden_states");

  private final int channels;
  private final int padding;
  private final boolean channelsFirst;
  private final UnaryOperator<Tensor> norm;
  private final Conv2D conv;

  /** Restores a layer from its config. */
  public Downsample2D(Config config) {
    super(TYPE, config);
    channels = args.positiveInt("channels");
    boolean useConv = args.bool("use_conv", false);
    Integer given = args.integerOrNull("out_channels", null);
    padding = args.integer("padding", 1);
    int kernel = args.positiveInt("kernel_size", 3);
    norm = Resampling.norm(this, channels);
    boolean bias = args.bool("bias", true);
    channelsFirst = Images.channelsFirst(args);
    int out = given == null ? channels : given;
    if (!useConv && out != channels) {
      throw args.refuse("out_channels", "channels=" + channels + " without use_conv");
    }
    if (padding < 0) {
      throw args.refuse("padding", "a number that is not negative");
    }
    conv = useConv ? track("conv", parts.conv(channels, out, kernel, 2, "valid", bias)) : null;
  }

  @Override
  public List<Tensor> call(List<Tensor> inputs, CallContext ctx) {
    Tensor given = inputs.get(0);
    Images.check(label(), given, channelsFirst, channels);
    Tensor x = Images.toLast(given, channelsFirst);
    if (norm != null) {
      x = norm.apply(x);
    }
    x = conv == null ? averaged(x) : conv.apply(Images.pad(x, padding, Math.max(padding, 1)));
    return List.of(Images.toFirst(x, channelsFirst));
  }

  /** The mean of each 2×2 pixels; a row or column that is left over is dropped. */
  static Tensor averaged(Tensor x) {
    return Convolutions.pool(false, x, new int[] {2, 2}, new int[] {2, 2}, "valid");
  }

  @Override
  public List<TorchEntry> torchEntries() {
    return List.of();
  }

  /** Old files know the convolution by two names. */
  @Override
  public List<TorchEntry> torchAliases() {
    return Resampling.named("Conv2d_0.", conv);
  }
}
