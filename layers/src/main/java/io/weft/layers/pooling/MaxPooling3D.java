package io.weft.layers.pooling;

import io.weft.config.Config;
import io.weft.layer.LayerType;

/**
 * The maximum of each channel over moving windows.
 *
 * <p>Input: {@code (batch, dim1, dim2, dim3, channels)}. Output: {@code (batch, new dim1,new new
 * dim2,new new dim3, channels)}.
 */
public final class MaxPooling3D extends WindowPooling {
  public static final LayerType<MaxPooling3D> TYPE =
      LayerType.keras("MaxPooling3D", MaxPooling3D::new).builtAtOnce();

  /** Windows of one size for all axes or one per axis; none given: 2. They do not overlap. */
  public MaxPooling3D(int... poolSize) {
    this(windows(poolSize));
  }

  /** Restores a layer from its config. */
  public MaxPooling3D(Config config) {
    super(TYPE, config, true, 3);
  }

  public static Builder builder(int... poolSize) {
    return new Builder(poolSize);
  }

  /** Optional settings of {@link MaxPooling3D}. */
  public static final class Builder extends PoolingBuilder<MaxPooling3D, Builder> {
    private Builder(int... poolSize) {
      super(poolSize);
    }

    @Override
    public MaxPooling3D build() {
      return new MaxPooling3D(config());
    }
  }
}
