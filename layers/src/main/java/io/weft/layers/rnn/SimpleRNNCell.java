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
import java.util.Locale;

/**
 * One step of a fully connected recurrent layer: {@code h' = activation(x·W + b + h·U)}.
 *
 * <p>Inputs: {@code (batch, features)} and the state {@code h (batch, units)}. Outputs: {@code h'}
 * twice, as output and as state. Weights: kernel {@code (features, units)}, recurrent_kernel {@code
 * (units, units)}, bias {@code (units)}.
 *
 * @see SimpleRNN
 */
public final class SimpleRNNCell extends DropoutCell {
  public static final LayerType<SimpleRNNCell> TYPE =
      LayerType.keras("SimpleRNNCell", SimpleRNNCell::new)
          .inputs("sequence", "states")
          .args("training");

  private final int units;
  private final Activation activation;
  private final boolean useBias;
  private final CellWeights weights;
  private final Integer seed;

  /** A cell with a state of {@code units} features and default options. */
  public SimpleRNNCell(int units) {
    this(builder(units).config());
  }

  /** Restores a cell from its config. */
  public SimpleRNNCell(Config config) {
    super(TYPE, config);
    units = args.positiveInt("units");
    activation = activation("activation", "tanh");
    useBias = args.bool("use_bias", true);
    weights = new CellWeights(weightOptions());
    readDropout();
    seed = args.integerOrNull("seed", null);
  }

  @Override
  public List<Shape> stateShapes() {
    return List.of(Shape.of(units));
  }

  @Override
  int maskCount() {
    return 1;
  }

  @Override
  protected void build(BuildContext b) {
    weights.build(
        b,
        Shape.of(b.known(0, -1), units),
        Shape.of(units, units),
        useBias ? Shape.of(units) : null);
    buildDropout(b, seed);
  }

  @Override
  List<Tensor> fused(Tensor x, List<Tensor> states, boolean reverse) {
    for (Recurrent.Activation a : Recurrent.Activation.values()) {
      if (is(activation, a.name().toLowerCase(Locale.ROOT))) {
        Recurrent.Simple op = new Recurrent.Simple(a, useBias, reverse);
        Tensor h = Ops.apply(op, inputs(x, weights, states)).get(0);
        return List.of(h, last(h));
      }
    }
    return null;
  }

  @Override
  List<Tensor> step(Tensor x, List<Tensor> states, DropoutMasks masks) {
    Tensor h = masks.projectInput(x, weights.kernel().value());
    if (useBias) {
      h = h.plus(weights.bias().value());
    }
    h = h.plus(masks.projectState(states.get(0), weights.recurrent().value()));
    h = activation.apply(h);
    return List.of(h, h);
  }

  public static Builder builder(int units) {
    return new Builder(units);
  }

  /** Optional settings of {@link SimpleRNNCell}. */
  public static final class Builder extends CellBuilder<SimpleRNNCell, Builder> {
    private Builder(int units) {
      super(units);
    }

    @Override
    public SimpleRNNCell build() {
      return Layer.fromConfig(TYPE, config());
    }
  }
}
