package io.weft.layers.rnn;

import io.weft.config.Config;
import io.weft.fused.Recurrent;
import io.weft.layer.Activation;
import io.weft.layer.BuildContext;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.List;

/**
 * One step of a long short-term memory (Hochreiter and Schmidhuber, 1997).
 *
 * <p>With {@code z = x·W + h·U + b} cut into the gates i, f, c, o along its last axis and σ the
 * recurrent activation: {@code c' = σ(f) * c + σ(i) * activation(c)}, {@code h' = σ(o) *
 * activation(c')}.
 *
 * <p>Inputs: {@code (batch, features)} and the states {@code h, c (batch, units)}. Outputs: {@code
 * h'}, then {@code h', c'}. Weights: kernel {@code (features, 4·units)}, recurrent_kernel {@code
 * (units, 4·units)}, bias {@code (4·units)}, whose forget part starts at one unless {@code
 * unit_forget_bias} is off.
 *
 * @see LSTM
 */
public final class LSTMCell extends DropoutCell {
  public static final LayerType<LSTMCell> TYPE =
      LayerType.keras("LSTMCell", LSTMCell::new).inputs("inputs", "states").args("training");

  private final int units;
  private final Activation activation;
  private final Activation recurrentActivation;
  private final boolean useBias;
  private final boolean unitForgetBias;
  private final CellWeights weights;
  private final Integer seed;
  private final int implementation;

  /** A cell with states of {@code units} features and default options. */
  public LSTMCell(int units) {
    this(builder(units).config());
  }

  /** Restores a cell from its config. */
  public LSTMCell(Config config) {
    super(TYPE, config);
    units = args.positiveInt("units");
    activation = activation("activation", "tanh");
    recurrentActivation = activation("recurrent_activation", "sigmoid");
    useBias = args.bool("use_bias", true);
    unitForgetBias = args.bool("unit_forget_bias", true);
    weights = new CellWeights(weightOptions());
    readDropout();
    seed = args.integerOrNull("seed", null);
    implementation = args.integer("implementation", 2);
    args.forget("implementation");
  }

  @Override
  public List<Shape> stateShapes() {
    return List.of(Shape.of(units), Shape.of(units));
  }

  @Override
  int maskCount() {
    return implementation == 1 || recurrentDropout() != 0 ? 4 : 1;
  }

  @Override
  protected void build(BuildContext b) {
    weights.build(
        b,
        Shape.of(b.known(0, -1), 4 * units),
        Shape.of(units, 4 * units),
        useBias ? Shape.of(4 * units) : null,
        unitForgetBias);
    buildDropout(b, seed);
  }

  @Override
  List<Tensor> fused(Tensor x, List<Tensor> states, boolean reverse) {
    if (!is(activation, "tanh") || !is(recurrentActivation, "sigmoid")) {
      return null;
    }
    List<Tensor> y = Ops.apply(new Recurrent.Lstm(useBias, reverse), inputs(x, weights, states));
    return List.of(y.get(0), last(y.get(0)), y.get(1));
  }

  @Override
  List<Tensor> step(Tensor x, List<Tensor> states, DropoutMasks masks) {
    Tensor z = masks.projectInput(x, weights.kernel().value());
    z = z.plus(masks.projectState(states.get(0), weights.recurrent().value()));
    if (useBias) {
      z = z.plus(weights.bias().value());
    }
    return update(Ops.split(z, 4, -1), states.get(1), activation, recurrentActivation);
  }

  /** Output and new states from the four gates before their functions, and the old c. */
  static List<Tensor> update(
      List<Tensor> gates, Tensor c, Activation activation, Activation recurrentActivation) {
    Tensor i = recurrentActivation.apply(gates.get(0));
    Tensor f = recurrentActivation.apply(gates.get(1));
    Tensor next = f.times(c).plus(i.times(activation.apply(gates.get(2))));
    Tensor h = recurrentActivation.apply(gates.get(3)).times(activation.apply(next));
    return List.of(h, h, next);
  }

  public static Builder builder(int units) {
    return new Builder(units);
  }

  /** Optional settings of {@link LSTMCell}. */
  public static final class Builder extends CellBuilder<LSTMCell, Builder> {
    private Builder(int units) {
      super(units);
    }

    /** The function of the gates; default sigmoid. */
    public Builder recurrentActivation(Object activation) {
      return set("recurrent_activation", activation);
    }

    /** Whether the forget gate's bias starts at one; default true. */
    public Builder unitForgetBias(boolean on) {
      return set("unit_forget_bias", on);
    }

    @Override
    public LSTMCell build() {
      return Layer.fromConfig(TYPE, config());
    }
  }
}
