package io.weft.layers.reshaping;

import io.weft.config.Config;
import io.weft.layer.CallContext;
import io.weft.layer.InputSpec;
import io.weft.layer.LayerType;
import io.weft.layer.UnaryLayer;
import io.weft.ops.DataFormat;
import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;

/**
 * Makes one axis of all axes behind the batch; channels come last there in either data format.
 *
 * <p>Input: {@code (batch, …)}. Output: {@code (batch, product of the sizes)}; {@code (batch, 1)}
 * for vectors.
 */
public final class Flatten extends UnaryLayer {
  public static final LayerType<Flatten> TYPE = LayerType.keras("Flatten", Flatten::new);

  private final boolean channelsFirst;

  public Flatten() {
    this(Config.EMPTY);
  }

  /** Restores a layer from its config. */
  public Flatten(Config config) {
    super(TYPE, config);
    channelsFirst = DataFormat.channelsFirst(args);
    setInputSpec(InputSpec.minRank(1));
  }

  @Override
  protected DType statedDType(DType inferred) {
    return inferred;
  }

  @Override
  public Tensor call(Tensor x, CallContext ctx) {
    Tensor y = channelsFirst && x.rank() > 1 ? DataFormat.toLast(x, x.rank() - 2) : x;
    return Ops.reshape(y, x.dim(0), x.shape().product(1, x.rank()));
  }
}
