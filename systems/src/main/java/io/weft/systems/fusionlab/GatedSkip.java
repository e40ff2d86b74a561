package io.weft.systems.fusionlab;

import io.weft.config.Config;
import io.weft.error.ShapeException;
import io.weft.layer.BuildContext;
import io.weft.layer.CallContext;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import io.weft.layers.core.Dense;
import io.weft.layers.normalization.LayerNormalization;
import io.weft.layers.regularization.Dropout;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.List;

/**
 * What a part of a temporal fusion transformer found, as far as a gate lets it through, added to
 * what went in: {@code y = LN(skip + GLU(dropout(x)))}, {@code GLU(x) = σ(x·W_g + b_g) ⊙ (x·W +
 * b)}; Lim et al. 2021, eq. 5 and 17.
 *
 * <p>Inputs: {@code x (batch, …, features)}, {@code skip (batch, …, units)}. Output: the shape of
 * skip. Weights: {@code gate}, {@code value}, {@code norm}.
 */
public final class GatedSkip extends Layer {
  public static final LayerType<GatedSkip> TYPE =
      LayerType.custom("weft.systems.fusionlab", "GatedSkip", GatedSkip::new)
          .inputs("x", "skip")
          .args("training");

  private final int units;
  private final Dropout dropout;
  private final Dense gate;
  private final Dense value;
  private final LayerNormalization norm;

  /** Restores a layer from its config. */
  public GatedSkip(Config config) {
    super(TYPE, config);
    units = args.positiveInt("units");
    dropout = track("dropout", Parts.dropout(args.fraction("dropout_rate", 0.0), policy()));
    gate = track("gate", Parts.dense(units, "sigmoid", policy()));
    value = track("value", Parts.dense(units, null, policy()));
    norm = track("norm", Parts.norm(policy()));
    setSupportsMasking(true);
  }

  @Override
  protected void build(BuildContext b) {
    Shape skip = b.input(1);
    if (skip.rank() != b.input(0).rank() || b.known(1, -1) != units) {
      throw new ShapeException(
          label()
              + ": expected a skip of the rank of x with "
              + units
              + " features. Received: shapes "
              + b.inputs());
    }
    b.build(gate, b.input(0));
    b.build(value, b.input(0));
    b.build(norm, skip);
  }

  @Override
  public List<Tensor> call(List<Tensor> inputs, CallContext ctx) {
    Tensor x = dropout.apply(inputs.get(0));
    Tensor gated = gate.apply(x).times(value.apply(x));
    return List.of(norm.apply(inputs.get(1).plus(gated)));
  }
}
