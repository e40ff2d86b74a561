package io.weft.layers.normalization;

import io.weft.config.Config;
import io.weft.layer.CallContext;
import io.weft.layer.LayerType;
import io.weft.layer.UnaryLayer;
import io.weft.ops.Normalizations;
import io.weft.tensor.Tensor;

/**
 * Divides by the L2 norm over {@code axis}; norms below 1e-12 count as that.
 *
 * <p>Input: any shape. Output: the same shape. Masks pass.
 */
public final class UnitNormalization extends UnaryLayer {
  public static final LayerType<UnitNormalization> TYPE =
      LayerType.keras("UnitNormalization", UnitNormalization::new).builtAtOnce();

  private final int[] axes;

  /** Over the last axis. */
  public UnitNormalization() {
    this(Config.EMPTY);
  }

  /** Restores a layer from its config. */
  public UnitNormalization(Config config) {
    super(TYPE, config);
    axes = NormAxes.some(args);
    setSupportsMasking(true);
  }

  @Override
  public Tensor call(Tensor x, CallContext ctx) {
    return Normalizations.normalize(x, axes, 2, 1e-12);
  }
}
