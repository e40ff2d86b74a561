package io.weft.systems.fusionlab;

import io.weft.config.Config;
import io.weft.layer.BuildContext;
import io.weft.layer.CallContext;
import io.weft.layer.InputSpec;
import io.weft.layer.LayerType;
import io.weft.layer.UnaryLayer;
import io.weft.layers.core.Dense;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * A projection of its own for each step of the forecast; as fusionlab's layer of this name.
 *
 * <p>Input: {@code (batch, features)}. Output: {@code (batch, num_horizons, output_dim)}. Weights:
 * those of {@code decoders}.
 */
public final class MultiDecoder extends UnaryLayer {
  public static final LayerType<MultiDecoder> TYPE =
      LayerType.custom(FusionlabTypes.COMPONENTS, "MultiDecoder", MultiDecoder::new)
          .inputs("x")
          .args("training");

  private final List<Dense> decoders;

  public MultiDecoder(int outputDim, int numHorizons) {
    this(Config.of("output_dim", outputDim, "num_horizons", numHorizons));
  }

  /** Restores a layer from its config. */
  public MultiDecoder(Config config) {
    super(TYPE, config);
    int outputDim = args.positiveInt("output_dim");
    int horizons = args.positiveInt("num_horizons");
    List<Dense> all = new ArrayList<>();
    for (int i = 0; i < horizons; i++) {
      all.add(Parts.dense(outputDim, null, policy()));
    }
    decoders = trackAll("decoders", all);
    setInputSpec(InputSpec.rank(2));
  }

  @Override
  protected void build(BuildContext b) {
    decoders.forEach(d -> b.build(d, b.input()));
  }

  @Override
  public Tensor call(Tensor x, CallContext ctx) {
    return Ops.stack(decoders.stream().map(d -> d.apply(x)).toList(), 1);
  }
}
