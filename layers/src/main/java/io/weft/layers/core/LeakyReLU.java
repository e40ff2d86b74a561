package io.weft.layers.core;

import io.weft.config.Config;
import io.weft.layer.CallContext;
import io.weft.layer.LayerType;
import io.weft.layer.UnaryLayer;
import io.weft.ops.NnFunctions;
import io.weft.tensor.Tensor;

/**
 * x where positive, {@code negative_slope · x} elsewhere.
 *
 * <p>Input: any shape. Output: the same shape. Masks pass.
 */
public final class LeakyReLU extends UnaryLayer {
  public static final LayerType<LeakyReLU> TYPE =
      LayerType.keras("LeakyReLU", LeakyReLU::new).builtAtOnce();

  private final double negativeSlope;

  /** A slope of 0.3. */
  public LeakyReLU() {
    this(Config.EMPTY);
  }

  /** A slope below zero. */
  public LeakyReLU(double negativeSlope) {
    this(Config.of("negative_slope", negativeSlope));
  }

  /** Restores a layer from its config; {@code alpha}, the slope's older name, is read too. */
  public LeakyReLU(Config config) {
    super(TYPE, config);
    double slope = args.nonNegative("negative_slope", 0.3);
    if (args.has("alpha")) {
      slope = args.nonNegative("alpha", 0.3);
      args.note("negative_slope", slope);
      args.forget("alpha");
    }
    negativeSlope = slope;
    setSupportsMasking(true);
  }

  @Override
  public Tensor call(Tensor x, CallContext ctx) {
    return NnFunctions.leakyRelu(x, negativeSlope);
  }
}
