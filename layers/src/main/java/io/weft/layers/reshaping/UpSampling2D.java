package io.weft.layers.reshaping;

import io.weft.config.Config;
import io.weft.layer.CallContext;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import io.weft.ops.DataFormat;
import io.weft.ops.Resizing;
import io.weft.tensor.Tensor;
import java.util.List;
import java.util.Locale;

/**
 * Enlarges images by whole factors: by repeating pixels ({@code nearest}), or by interpolation
 * between pixel centers ({@code bilinear, bicubic, lanczos3, lanczos5, area}).
 *
 * <p>Input: {@code (batch, rows, cols, channels)}. Output: {@code (batch, new rows, new cols,
 * channels)}.
 */
public final class UpSampling2D extends UpSampling {
  public static final LayerType<UpSampling2D> TYPE =
      LayerType.keras("UpSampling2D", UpSampling2D::new);

  private static final List<String> INTERPOLATIONS =
      List.of("nearest", "bilinear", "bicubic", "lanczos3", "lanczos5", "area");

  private final String interpolation;

  /** One factor for both axes, or one per axis; none: 2. */
  public UpSampling2D(int... size) {
    this(factors(size));
  }

  /** Restores a layer from its config. */
  public UpSampling2D(Config config) {
    super(TYPE, config, 2);
    interpolation = args.string("interpolation", "nearest").toLowerCase(Locale.ROOT);
    if (!INTERPOLATIONS.contains(interpolation)) {
      throw args.refuse("interpolation", "one of " + INTERPOLATIONS);
    }
    args.note("interpolation", interpolation);
  }

  @Override
  public Tensor call(Tensor x, CallContext ctx) {
    if (interpolation.equals("nearest")) {
      return super.call(x, ctx);
    }
    Tensor in = channelsFirst() ? DataFormat.toLast(x, 2) : x;
    Tensor y =
        Resizing.resize(
            in,
            in.dim(1) * size()[0],
            in.dim(2) * size()[1],
            interpolation,
            false,
            Resizing.Aspect.STRETCH,
            0);
    return channelsFirst() ? DataFormat.toFirst(y, 2) : y;
  }

  public static Builder builder(int... size) {
    return new Builder(size);
  }

  /** Optional settings of {@link UpSampling2D}. */
  public static final class Builder extends Layer.Builder<UpSampling2D, Builder> {
    private Builder(int[] size) {
      factors(size).asMap().forEach(this::set);
    }

    /** How new pixels are made; default {@code nearest}. */
    public Builder interpolation(String interpolation) {
      return set("interpolation", interpolation);
    }

    /** {@code channels_last} (the default) or {@code channels_first}. */
    public Builder dataFormat(String dataFormat) {
      return set("data_format", dataFormat);
    }

    @Override
    public UpSampling2D build() {
      return new UpSampling2D(config());
    }
  }
}
