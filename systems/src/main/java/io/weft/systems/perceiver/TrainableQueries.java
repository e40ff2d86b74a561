package io.weft.systems.perceiver;

import io.weft.config.Config;
import io.weft.initializers.TruncatedNormal;
import io.weft.layer.BuildContext;
import io.weft.layer.CallContext;
import io.weft.layer.LayerType;
import io.weft.layer.UnaryLayer;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.tensor.Variable;

/**
 * Learned vectors, one for each output (or input) position, the same for every sample.
 *
 * <p>Input: any tensor, of which only the batch size counts. Output: {@code (batch, positions,
 * channels)}. Weights: {@code position_embeddings (positions, channels)}.
 */
public final class TrainableQueries extends UnaryLayer {
  public static final LayerType<TrainableQueries> TYPE =
      LayerType.custom("perceiver", "TrainableQueries", TrainableQueries::new);

  private final int positions;
  private final int channels;
  private Variable table;

  /** A table of {@code positions} vectors. */
  public TrainableQueries(int positions, int channels) {
    this(Config.of("positions", positions, "channels", channels));
  }

  /** Restores a layer from its config. */
  public TrainableQueries(Config config) {
    super(TYPE, config);
    positions = args.positiveInt("positions");
    channels = args.positiveInt("channels");
  }

  @Override
  protected void build(BuildContext b) {
    table =
        b.addWeight(
            "position_embeddings", Shape.of(positions, channels), new TruncatedNormal(0, 0.02));
  }

  @Override
  public Tensor call(Tensor x, CallContext ctx) {
    return Ops.broadcastTo(
        Ops.expandDims(table.value(), 0), Shape.of(x.dim(0), positions, channels));
  }
}
