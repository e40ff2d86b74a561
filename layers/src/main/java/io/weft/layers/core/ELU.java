package io.weft.layers.core;

import io.weft.config.Config;
import io.weft.layer.CallContext;
import io.weft.layer.LayerType;
import io.weft.layer.UnaryLayer;
import io.weft.ops.NnFunctions;
import io.weft.tensor.Tensor;

/**
 * x where positive, {@code alpha · (eˣ − 1)} elsewhere (Clevert et al. 2016).
 *
 * <p>Input: any shape. Output: the same shape. Masks pass.
 */
public final class ELU extends UnaryLayer {
  public static final LayerType<ELU> TYPE = LayerType.keras("ELU", ELU::new).builtAtOnce();

  private final double alpha;
  private final Config given;

  /** An alpha of 1. */
  public ELU() {
    this(Config.EMPTY);
  }

  /** The negative of the limit at −∞. */
  public ELU(double alpha) {
    this(Config.of("alpha", alpha));
  }

  /** Restores a layer from its config. */
  public ELU(Config config) {
    super(TYPE, config);
    given = config;
    alpha = args.number("alpha", 1.0);
    setSupportsMasking(true);
  }

  @Override
  public Tensor call(Tensor x, CallContext ctx) {
    return NnFunctions.elu(x, alpha);
  }

  /** Keras makes this config of the constructor's call. */
  @Override
  public Config getConfig() {
    return AutoConfig.order(super.getConfig(), given, "name", "alpha");
  }
}
