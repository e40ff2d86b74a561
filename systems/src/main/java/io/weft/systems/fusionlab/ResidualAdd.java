package io.weft.systems.fusionlab;

import io.weft.config.Config;
import io.weft.config.Parameters;
import io.weft.error.ShapeException;
import io.weft.layer.CallContext;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import io.weft.tensor.Tensor;
import java.util.List;

/**
 * The sum of an input and what a branch made of it, {@code x + f}; as fusionlab's layer of this
 * name.
 *
 * <p>Inputs: a list of two tensors of one shape. Output: that shape. The mask of the first goes on.
 */
public final class ResidualAdd extends Layer {
  public static final LayerType<ResidualAdd> TYPE =
      LayerType.custom(FusionlabTypes.COMPONENTS, "ResidualAdd", ResidualAdd::new)
          .takesList()
          .args("training");

  /** A sum. */
  public ResidualAdd() {
    this(Config.EMPTY);
  }

  /** Restores a layer from its config. */
  public ResidualAdd(Config config) {
    super(TYPE, config);
    InheritedConstructor.KERAS_3.read(args);
    setSupportsMasking(true);
  }

  @Override
  public Parameters parameters() {
    return InheritedConstructor.KERAS_3.of(this);
  }

  @Override
  public List<Tensor> call(List<Tensor> inputs, CallContext ctx) {
    if (inputs.size() != 2 || !inputs.get(0).shape().equals(inputs.get(1).shape())) {
      throw new ShapeException(
          label()
              + ": expected a list of two tensors of one shape. Received: "
              + inputs.stream().map(Tensor::shape).toList());
    }
    return List.of(inputs.get(0).plus(inputs.get(1)));
  }
}
