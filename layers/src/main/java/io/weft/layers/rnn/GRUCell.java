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
 * One step of a gated recurrent unit (Cho et al., 2014).
 *
 * <p>With σ the recurrent activation and the blocks z, r, h along the last axis of the weights:
 * {@code z = σ(x·Wz + h·Uz)}, {@code r = σ(x·Wr + h·Ur)}, candidate {@code g = activation(x·Wh + r
 * * (h·Uh))}, or with {@code reset_after} off {@code g = activation(x·Wh + (r * h)·Uh)}; {@code h'
 * = z * h + (1 − z) * g}. The first row of the bias belongs to x, the second (only with {@code
 * reset_after}) to h.
 *
 * <p>Inputs: {@code (batch, features)} and the state {@code h (batch, units)}. Outputs: {@code h'}
 * twice, as output and as state. Weights: kernel {@code (features, 3·units)}, recurrent_kernel
 * {@code (units, 3·units)}, bias {@code (2, 3·units)} or {@code (3·units)}.
 *
 * @see GRU
 */
public final class GRUCell extends DropoutCell {
  public static final LayerType<GRUCell> TYPE =
      LayerType.keras("GRUCell", GRUCell::new).inputs("inputs", "states").args("training");

  private final int units;
  private final Activation activation;
  private final Activation recurrentActivation;
  private final boolean useBias;
  private final CellWeights weights;
  private final boolean resetAfter;
  private final Integer seed;
  private final int implementation;

  /** A cell with a state of {@code units} features and default options. */
  public GRUCell(int units) {
    this(builder(units).config());
  }

  /** Restores a cell from its config. */
  public GRUCell(Config config) {
    super(TYPE, config);
    units = args.positiveInt("units");
    activation = activation("activation", "tanh");
    recurrentActivation = activation("recurrent_activation", "sigmoid");
    useBias = args.bool("use_bias", true);
    weights = new CellWeights(weightOptions());
    readDropout();
    resetAfter = args.bool("reset_after", true);
    seed = args.integerOrNull("seed", null);
    implementation = args.integer("implementation", 2);
    args.forget("implementation");
  }

  @Override
  public List<Shape> stateShapes() {
    return List.of(Shape.of(units));
  }

  @Override
  int maskCount() {
    return implementation == 1 || recurrentDropout() != 0 ? 3 : 1;
  }

  @Override
  protected void build(BuildContext b) {
    Shape bias = resetAfter ? Shape.of(2, 3 * units) : Shape.of(3 * units);
    weights.build(
        b, Shape.of(b.known(0, -1), 3 * units), Shape.of(units, 3 * units), useBias ? bias : null);
    buildDropout(b, seed);
  }

  @Override
  List<Tensor> fused(Tensor x, List<Tensor> states, boolean reverse) {
    if (!is(activation, "tanh") || !is(recurrentActivation, "sigmoid")) {
      return null;
    }
    Recurrent.Gru op = new Recurrent.Gru(useBias, resetAfter, reverse);
    Tensor h = Ops.apply(op, inputs(x, weights, states)).get(0);
    return List.of(h, last(h));
  }

  @Override
  List<Tensor> step(Tensor x, List<Tensor> states, DropoutMasks masks) {
    Tensor h = states.get(0);
    Tensor inputBias = null;
    Tensor stateBias = null;
    if (useBias) {
      inputBias = weights.bias().value();
      if (resetAfter) {
        List<Tensor> rows = Ops.split(inputBias, 2, 0);
        inputBias = rows.get(0);
        stateBias = rows.get(1);
      }
    }
    Tensor fromInput = masks.projectInput(x, weights.kernel().value());
    List<Tensor> in = Ops.split(useBias ? fromInput.plus(inputBias) : fromInput, 3, -1);
    Tensor update = weights.recurrent().value();
    if (resetAfter) {
      Tensor fromState = masks.projectState(h, update);
      List<Tensor> own =
          Ops.split(stateBias == null ? fromState : fromState.plus(stateBias), 3, -1);
      Tensor z = recurrentActivation.apply(in.get(0).plus(own.get(0)));
      Tensor r = recurrentActivation.apply(in.get(1).plus(own.get(1)));
      return mix(h, z, in.get(2).plus(r.times(own.get(2))));
    }
    List<Tensor> blocks = Ops.split(update, 3, -1);
    Tensor z = recurrentActivation.apply(in.get(0).plus(masks.state(h, 0).matmul(blocks.get(0))));
    Tensor r = recurrentActivation.apply(in.get(1).plus(masks.state(h, 1).matmul(blocks.get(1))));
    return mix(h, z, in.get(2).plus(r.times(masks.state(h, 2)).matmul(blocks.get(2))));
  }

  private List<Tensor> mix(Tensor h, Tensor z, Tensor candidate) {
    Tensor next = z.times(h).plus(Ops.oneMinus(z).times(activation.apply(candidate)));
    return List.of(next, next);
  }

  public static Builder builder(int units) {
    return new Builder(units);
  }

  /** Optional settings of {@link GRUCell}. */
  public static final class Builder extends CellBuilder<GRUCell, Builder> {
    private Builder(int units) {
      super(units);
    }

    /** The function of the gates; default sigmoid. */
    public Builder recurrentActivation(Object activation) {
      return set("recurrent_activation", activation);
    }

    /** Whether the reset gate acts after the matrix product (as cuDNN does); default true. */
    public Builder resetAfter(boolean on) {
      return set("reset_after", on);
    }

    @Override
    public GRUCell build() {
      return Layer.fromConfig(TYPE, config());
    }
  }
}
