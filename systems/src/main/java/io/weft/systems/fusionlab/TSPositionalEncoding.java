package io.weft.systems.fusionlab;

import io.weft.config.Config;
import io.weft.layer.CallContext;
import io.weft.layer.InputSpec;
import io.weft.layer.LayerType;
import io.weft.layer.UnaryLayer;
import io.weft.systems.core.Sinusoid;
import io.weft.tensor.Tensor;

/**
 * {@link PositionalEncoding} of a stated width, as fusionlab's layer of this name; it has no
 * weights.
 *
 * <p>Input: {@code (batch, T, embed_dim)}, T at most {@code max_position}. Output: the same shape.
 * The mask goes on.
 */
public final class TSPositionalEncoding extends UnaryLayer {
  public static final LayerType<TSPositionalEncoding> TYPE =
      LayerType.custom(FusionlabTypes.COMPONENTS, "TSPositionalEncoding", TSPositionalEncoding::new)
          .args("training");

  private final int maxPosition;
  private final int embedDim;

  /** An encoding of up to {@code maxPosition} steps of {@code embedDim} features. */
  public TSPositionalEncoding(int maxPosition, int embedDim) {
    this(Config.of("max_position", maxPosition, "embed_dim", embedDim));
  }

  /** Restores a layer from its config. */
  public TSPositionalEncoding(Config config) {
    super(TYPE, config);
    maxPosition = args.positiveInt("max_position");
    embedDim = args.positiveInt("embed_dim");
    setInputSpec(InputSpec.rank(3).withAxis(-1, embedDim));
    setSupportsMasking(true);
  }

  @Override
  public Tensor call(Tensor x, CallContext ctx) {
    PositionalEncoding.check(label(), x.dim(1), maxPosition, "max_position");
    return x.plus(Sinusoid.table(0, x.dim(1), embedDim, x.dtype()));
  }
}
