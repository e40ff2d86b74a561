package io.weft.systems.diffusers;

import io.weft.config.Entry;
import java.util.List;

/** The classes of this family that a config may name. */
public final class DiffusersTypes {
  private DiffusersTypes() {}

  /** All rows. */
  public static List<Entry<?>> all() {
    return List.of(
        DiffusersAttention.TYPE,
        SpatialNorm.TYPE,
        FeedForward.TYPE,
        SinusoidalPositionalEmbedding.TYPE,
        BasicTransformerBlock.TYPE,
        Transformer2DModel.TYPE,
        ResnetBlock2D.TYPE,
        Downsample2D.TYPE,
        Upsample2D.TYPE,
        Timesteps.TYPE,
        TimestepEmbedding.TYPE,
        UNet2DConditionModel.TYPE,
        DDIMScheduler.TYPE,
        DDPMScheduler.TYPE,
        PNDMScheduler.TYPE,
        EulerDiscreteScheduler.TYPE);
  }
}
