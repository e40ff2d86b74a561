package io.weft.layers.rnn;

import io.weft.config.Args;
import io.weft.config.Config;
import io.weft.error.ShapeException;
import io.weft.layer.BuildConfigs;
import io.weft.layer.CallArgs;
import io.weft.layer.CallContext;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.List;

/**
 * One step of a recurrent layer: {@code call} gets the input of a step and the states, and gives
 * the output and the new states. Any cell can stand in an {@link RNN}.
 *
 * <p>Inputs: {@code (batch, features)}, then each state. Output: {@code (batch, units)}, then each
 * new state.
 */
public abstract class RnnCell extends Layer {
  /** The signature that all cells share. */
  protected RnnCell(LayerType<?> type, Config config) {
    super(type, config);
  }

  /** The states' shapes without the batch, in order; may ask for a built cell. */
  public abstract List<Shape> stateShapes();

  /** The output's shape without the batch; the first state's for most cells. */
  public Shape outputSize() {
    return stateShapes().get(0);
  }

  /** The states before the first step: zeros in the compute dtype. */
  public List<Tensor> initialState(int batch) {
    List<Tensor> states = new ArrayList<>();
    for (Shape s : stateShapes()) {
      states.add(Ops.zeros(Shape.of(batch).plus(s.dims()), policy().compute()));
    }
    return states;
  }

  /** The nest that Keras' states form; a list for most cells. */
  public List<Object> stateStructure(List<Tensor> flat) {
    return List.copyOf(flat);
  }

  /**
   * The arguments of the calls of all steps, settled once before the first: a cell with dropout
   * draws its masks here.
   */
  protected CallArgs beforeSteps(Tensor firstInput, List<Tensor> states, CallContext ctx) {
    return ctx.forward("training");
  }

  /** The states among the inputs of {@code call}, their number checked. */
  protected final List<Tensor> statesOf(List<Tensor> inputs) {
    int n = stateShapes().size();
    if (inputs.size() != n + 1) {
      throw new ShapeException(
          label()
              + ": expected the input of a step and "
              + n
              + (n == 1 ? " state" : " states")
              + ". Received: "
              + inputs.size()
              + " tensors");
    }
    return inputs.subList(1, n + 1);
  }

  @Override
  public Object outputStructure(List<Tensor> flat) {
    return List.of(flat.get(0), stateStructure(flat.subList(1, flat.size())));
  }

  /** Cells are built for the input of a step; a call takes the states too. */
  @Override
  protected List<TensorSpec> callInputs(List<TensorSpec> inputs) {
    if (inputs.size() != 1) {
      return inputs;
    }
    List<TensorSpec> all = new ArrayList<>(inputs);
    for (Shape s : stateShapes()) {
      Shape batch = inputs.get(0).shape().slice(0, 1);
      all.add(new TensorSpec(batch.plus(s.dims()), policy().compute()));
    }
    return all;
  }

  final Args reader() {
    return args;
  }

  /** Keras builds a cell from the shape of its input alone. */
  @Override
  public Config getBuildConfig() {
    return isBuilt() ? Config.of("input_shape", BuildConfigs.sizes(buildShapes().get(0))) : null;
  }
}
