package io.weft.layers.preprocessing;

import io.weft.config.Config;
import io.weft.layer.CallContext;
import io.weft.layer.LayerType;
import io.weft.layer.UnaryLayer;
import io.weft.ops.Nested;
import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;

/**
 * {@code x · scale + offset} in the compute dtype; both are numbers, or arrays that broadcast.
 *
 * <p>Input: any shape and dtype. Output: the same shape. Masks pass.
 */
public final class Rescaling extends UnaryLayer {
  public static final LayerType<Rescaling> TYPE = LayerType.keras("Rescaling", Rescaling::new);

  private final Tensor scale;
  private final Tensor offset;

  /** Multiplies by a factor. */
  public Rescaling(double scale) {
    this(Config.of("scale", scale));
  }

  /** Multiplies by a factor and adds a number. */
  public Rescaling(double scale, double offset) {
    this(Config.of("scale", scale, "offset", offset));
  }

  /** Restores a layer from its config. */
  public Rescaling(Config config) {
    super(TYPE, config);
    scale = read("scale", null);
    offset = read("offset", 0.0);
    setSupportsMasking(true);
  }

  private Tensor read(String key, Object fallback) {
    Tensor t = Nested.ofConfig(args.any(key, fallback));
    if (t == null || t.dtype() == DType.STRING) {
      throw args.refuse(key, "a number or an array of numbers");
    }
    return t;
  }

  @Override
  public Tensor call(Tensor x, CallContext ctx) {
    DType d = policy().compute();
    return Ops.cast(x, d).times(Ops.cast(scale, d)).plus(Ops.cast(offset, d));
  }
}
