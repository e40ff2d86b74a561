package io.weft.layers.core;

import io.weft.config.Config;
import io.weft.layer.CallContext;
import io.weft.layer.LayerType;
import io.weft.layer.UnaryLayer;
import io.weft.ops.Nested;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;

/**
 * Masks the steps whose features all equal {@code mask_value}, and sets them to 0.
 *
 * <p>Input: {@code (batch, steps, features)}, or any rank of at least 2. Output: the same shape
 * with the mask {@code any(x ≠ mask_value)} over the last axis.
 */
public final class Masking extends UnaryLayer {
  public static final LayerType<Masking> TYPE =
      LayerType.keras("Masking", Masking::new).builtAtOnce();

  private final Object maskValue;

  /** Masks steps of zeros. */
  public Masking() {
    this(Config.EMPTY);
  }

  /** Masks steps of another value. */
  public Masking(double maskValue) {
    this(Config.of("mask_value", maskValue));
  }

  /** Restores a layer from its config. */
  public Masking(Config config) {
    super(TYPE, config);
    Object v = args.any("mask_value", 0.0);
    maskValue = v instanceof Number ? v : Nested.ofConfig(v);
    if (maskValue == null) {
      throw args.refuse("mask_value", "a number or an array");
    }
    setSupportsMasking(true);
  }

  @Override
  public Tensor call(Tensor x, CallContext ctx) {
    Tensor keep = Ops.any(Ops.notEqual(x, maskValue), new int[] {-1}, true);
    return Ops.where(keep, x, 0).withMask(Ops.squeeze(keep, -1));
  }
}
