package io.weft.systems.fusionlab;

import io.weft.config.Config;
import io.weft.error.ShapeException;
import io.weft.layer.BuildContext;
import io.weft.layer.CallContext;
import io.weft.layer.InputSpec;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.List;

/**
 * Joins a static context to every step: {@code y = GRN([context; x])}; as fusionlab's layer of this
 * name.
 *
 * <p>Inputs: {@code temporal_features (batch, T, features)}, {@code context_vector (batch, context
 * features)}. Output: {@code (batch, T, units)}. The mask of the steps goes on. Weights: those of
 * {@code grn}.
 */
public final class StaticEnrichmentLayer extends Layer {
  public static final LayerType<StaticEnrichmentLayer> TYPE =
      LayerType.custom(
              FusionlabTypes.COMPONENTS, "StaticEnrichmentLayer", StaticEnrichmentLayer::new)
          .inputs("temporal_features", "context_vector")
          .args("training");

  private final GatedResidualNetwork network;

  public StaticEnrichmentLayer(int units) {
    this(Config.of("units", units));
  }

  /** Restores a layer from its config. */
  public StaticEnrichmentLayer(Config config) {
    super(TYPE, config);
    int units = args.positiveInt("units");
    String activation = Parts.activation(args, "activation", "elu");
    boolean batchNorm = args.bool("use_batch_norm", false);
    network = track("grn", Parts.grn(units, 0, activation, batchNorm, policy()));
    setInputSpec(InputSpec.rank(3), InputSpec.rank(2));
    setSupportsMasking(true);
  }

  @Override
  protected void build(BuildContext b) {
    Shape x = b.input(0);
    int features = b.known(0, -1);
    int fixed = b.known(1, -1);
    setInputSpec(InputSpec.rank(3).withAxis(-1, features), InputSpec.rank(2).withAxis(-1, fixed));
    b.build(network, x.withDim(-1, features + fixed));
  }

  @Override
  public List<Tensor> call(List<Tensor> inputs, CallContext ctx) {
    if (inputs.size() < 2) {
      throw new ShapeException(label() + ": expected temporal features and a context.");
    }
    Tensor x = inputs.get(0);
    Tensor context = inputs.get(1);
    Parts.sameBatch(label(), x, "temporal features", context, "context");
    return List.of(network.apply(Parts.join(Parts.overTime(context, x.dim(1)), x)));
  }
}
