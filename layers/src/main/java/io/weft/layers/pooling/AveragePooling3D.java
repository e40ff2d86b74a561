package io.weft.layers.pooling;

import io.weft.config.Config;
import io.weft.layer.LayerType;

/**
 * The average of each channel over moving windows.
 *
 * <p>Input: {@code (batch, dim1, dim2, dim3, channels)}. Output: {@code (batch, new dim1,new new
 * dim2,new new dim3, channels)}.
 */
public final class AveragePooling3D extends WindowPooling {
  public static final LayerType<AveragePooling3D> TYPE =
      LayerType.keras("AveragePooling3D", AveragePooling3D::new).builtAtOnce();

  /** Windows of one size for all axes or one per axis. They do not overlap. */
  public AveragePooling3D(int... poolSize) {
    this(windows(poolSize));
  }

  /** Restores a layer from its config. */
  public AveragePooling3D(Config config) {
    super(TYPE, config, false, 3);
  }

  public static Builder builder(int... poolSize) {
    return new Builder(poolSize);
  }

  /** Optional settings of {@link AveragePooling3D}. */
  public static final class Builder extends PoolingBuilder<AveragePooling3D, Builder> {
    private Builder(int... poolSize) {
      super(poolSize);
    }

    @Override
    public AveragePooling3D build() {
      return new AveragePooling3D(config());
    }
  }
}
