package io.weft.layers.core;

import io.weft.config.Config;
import io.weft.layer.CallContext;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import io.weft.tensor.DType;
import io.weft.tensor.Tensor;
import java.util.List;

/**
 * Gives back its input, a tensor or a nest of tensors; masks pass.
 *
 * <p>Output: the shapes of the input.
 */
public final class Identity extends Layer {
  public static final LayerType<Identity> TYPE =
      LayerType.keras("Identity", Identity::new).builtAtOnce();

  private final Config given;

  public Identity() {
    this(Config.EMPTY);
  }

  /** Restores a layer from its config. */
  public Identity(Config config) {
    super(TYPE, config);
    given = config;
    setSupportsMasking(true);
  }

  @Override
  protected DType statedDType(DType inferred) {
    return inferred;
  }

  /** Keras makes this config of the constructor's call. */
  @Override
  public Config getConfig() {
    return AutoConfig.order(super.getConfig(), given, "name");
  }

  @Override
  public List<Tensor> call(List<Tensor> inputs, CallContext ctx) {
    return inputs;
  }

  @Override
  protected List<Tensor> computeMasks(List<Tensor> inputs, List<Tensor> masks) {
    return masks;
  }
}
