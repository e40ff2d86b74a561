package io.weft.systems.fusionlab;

import io.weft.config.Config;
import io.weft.error.ShapeException;
import io.weft.layer.BuildContext;
import io.weft.layer.CallContext;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import io.weft.layer.UnaryLayer;
import io.weft.layers.core.Dense;
import io.weft.tensor.Tensor;

/**
 * Lets each feature through as far as a gate opens, {@code y = x ⊙ σ(x · W + b)}; as fusionlab's
 * layer of this name.
 *
 * <p>Input: {@code (batch, …, features)}. Output: the same shape. Masks pass. Weights: kernel and,
 * unless {@code use_bias} is false, bias of {@code proj}.
 */
public final class Gate extends UnaryLayer {
  public static final LayerType<Gate> TYPE =
      LayerType.custom(FusionlabTypes.COMPONENTS, "Gate", Gate::new).args("training");

  private final Integer units;
  private final boolean useBias;
  private Dense proj;

  /** A gate for inputs of any width. */
  public Gate() {
    this(Config.EMPTY);
  }

  /** Restores a layer from its config. */
  public Gate(Config config) {
    super(TYPE, config);
    units = args.integerOrNull("units", null);
    if (units != null && units <= 0) {
      throw args.refuse("units", "null or a positive integer");
    }
    useBias = args.bool("use_bias", true);
    setSupportsMasking(true);
  }

  @Override
  protected void build(BuildContext b) {
    int features = b.known(0, -1);
    if (units != null && units != features) {
      throw new ShapeException(
          label()
              + ": expected "
              + units
              + " features, as units says. Received: "
              + b.input()
              + ". Leave units out to take the input's width.");
    }
    Config config =
        Config.of(
            "name",
            "gate_proj",
            "units",
            features,
            "activation",
            "sigmoid",
            "use_bias",
            useBias,
            "dtype",
            policy());
    proj = track("proj", Layer.fromConfig(Dense.TYPE, config));
    b.build(proj, b.input());
  }

  @Override
  public Tensor call(Tensor x, CallContext ctx) {
    return x.times(proj.apply(x));
  }
}
