package io.weft.systems.fusionlab;

import io.weft.config.Config;
import io.weft.config.Parameters;
import io.weft.layer.CallContext;
import io.weft.layer.InputSpec;
import io.weft.layer.LayerType;
import io.weft.layer.UnaryLayer;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;

/**
 * Adds the number of each step, unscaled: {@code y[t, f] = x[t, f] + t}; as fusionlab's layer of
 * this name, which its releases 0.1 and 0.2 called PositionalEncoding.
 *
 * <p>Input: {@code (batch, T, features)}. Output: the same shape. The mask goes on. No weights.
 */
public final class LinearPositionalEncoding extends UnaryLayer {
  public static final LayerType<LinearPositionalEncoding> TYPE =
      LayerType.custom(
              FusionlabTypes.COMPONENTS, "LinearPositionalEncoding", LinearPositionalEncoding::new)
          .args("training");

  public LinearPositionalEncoding() {
    this(Config.EMPTY);
  }

  /** Restores a layer from its config. */
  public LinearPositionalEncoding(Config config) {
    super(TYPE, config);
    InheritedConstructor.KERAS_2.read(args);
    setInputSpec(InputSpec.rank(3));
    setSupportsMasking(true);
  }

  @Override
  public Parameters parameters() {
    return InheritedConstructor.KERAS_2.of(this);
  }

  static Tensor encode(Tensor x) {
    int steps = x.dim(1);
    return x.plus(Ops.cast(Ops.reshape(Ops.arange(steps), 1, steps, 1), x.dtype()));
  }

  @Override
  public Tensor call(Tensor x, CallContext ctx) {
    return encode(x);
  }
}
