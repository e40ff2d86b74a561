package io.weft.layers.reshaping;

import io.weft.config.Config;
import io.weft.layer.CallContext;
import io.weft.layer.InputSpec;
import io.weft.layer.LayerType;
import io.weft.layer.UnaryLayer;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;

/**
 * Repeats each sample n times.
 *
 * <p>Input: {@code (batch, features)}. Output: {@code (batch, n, features)}.
 */
public final class RepeatVector extends UnaryLayer {
  public static final LayerType<RepeatVector> TYPE =
      LayerType.keras("RepeatVector", RepeatVector::new);

  private final int n;

  /** The number of repetitions. */
  public RepeatVector(int n) {
    this(Config.of("n", n));
  }

  /** Restores a layer from its config. */
  public RepeatVector(Config config) {
    super(TYPE, config);
    n = args.positiveInt("n");
    setInputSpec(InputSpec.rank(2));
  }

  @Override
  public Tensor call(Tensor x, CallContext ctx) {
    return Ops.repeat(Ops.expandDims(x, 1), n, 1);
  }
}
