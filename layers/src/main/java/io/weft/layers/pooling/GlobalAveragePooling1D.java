package io.weft.layers.pooling;

import io.weft.config.Config;
import io.weft.layer.CallContext;
import io.weft.layer.LayerType;
import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;
import java.util.Collections;
import java.util.List;

/**
 * The average of each channel over all steps, or over the steps that a mask keeps.
 *
 * <p>Input: {@code (batch, steps, channels)}. Output: {@code (batch, channels)}, or with {@code
 * keepdims (batch, 1, channels)}. Mask: {@code (batch, steps)}; it is used and does not pass.
 */
public final class GlobalAveragePooling1D extends GlobalPooling {
  public static final LayerType<GlobalAveragePooling1D> TYPE =
      LayerType.keras("GlobalAveragePooling1D", GlobalAveragePooling1D::new)
          .args("mask")
          .builtAtOnce();

  public GlobalAveragePooling1D() {
    this(Config.EMPTY);
  }

  /** Restores a layer from its config. */
  public GlobalAveragePooling1D(Config config) {
    super(TYPE, config, false, 1);
    setSupportsMasking(true);
  }

  @Override
  public Tensor call(Tensor x, CallContext ctx) {
    Tensor mask = ctx.mask(0);
    if (mask == null) {
      return super.call(x, ctx);
    }
    int steps = axes()[0];
    Tensor keep = Ops.expandDims(Ops.cast(mask, DType.BOOL), steps == 1 ? 2 : 1);
    Tensor sum = Ops.sum(Ops.where(keep, x, 0), axes(), keepdims());
    return sum.divide(Ops.sum(Ops.cast(keep, x.dtype()), axes(), keepdims()));
  }

  @Override
  protected List<Tensor> computeMasks(List<Tensor> inputs, List<Tensor> masks) {
    return Collections.singletonList(null);
  }
}
