package io.weft.systems.diffusers;

import io.weft.config.Config;
import io.weft.error.ShapeException;
import io.weft.layer.CallContext;
import io.weft.layer.LayerType;
import io.weft.layers.convolutional.Conv2D;
import io.weft.layers.normalization.GroupNormalization;
import io.weft.tensor.Tensor;
import java.util.List;

/**
 * A group norm that an image scales and shifts at each place (Zheng et al. 2022, arXiv 2209.09002),
 * as diffusers' layer of this name: {@code norm_layer(f) · conv_y(z) + conv_b(z)}, z resized to f
 * by its nearest pixels.
 *
 * <p>Inputs: {@code f (batch, f_channels, height, width)}, {@code zq (batch, zq_channels, …, …)}.
 * Output: as f. Weights: {@code norm_layer}, {@code conv_y}, {@code conv_b}.
 */
public final class SpatialNorm extends DiffusersLayer {
  public static final LayerType<SpatialNorm> TYPE =
      LayerType.custom("diffusers", "SpatialNorm", SpatialNorm::new).inputs("f", "zq");

  private final int channels;
  private final int condition;
  private final GroupNormalization norm;
  private final Conv2D scale;
  private final Conv2D shift;

  /** Restores a layer from its config. */
  public SpatialNorm(Config config) {
    super(TYPE, config);
    channels = args.positiveInt("f_channels");
    condition = args.positiveInt("zq_channels");
    norm = track("norm_layer", parts.groupNorm(32, channels, 1e-6, 4));
    scale = track("conv_y", parts.conv(condition, channels, 1));
    shift = track("conv_b", parts.conv(condition, channels, 1));
  }

  @Override
  public List<Tensor> call(List<Tensor> inputs, CallContext ctx) {
    Tensor f = inputs.get(0);
    if (inputs.size() < 2) {
      throw new ShapeException(
          label() + ": expected zq (batch, " + condition + ", height, width). Received: none");
    }
    Images.check(label(), f, true, channels);
    Images.check(label(), inputs.get(1), true, condition);
    Tensor z = Images.toLast(inputs.get(1), true);
    z = Images.nearest(z, f.dim(2), f.dim(3));
    Tensor y = norm.apply(Images.toLast(f, true)).times(scale.apply(z)).plus(shift.apply(z));
    return List.of(Images.toFirst(y, true));
  }
}
