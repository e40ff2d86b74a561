package io.weft.systems.fusionlab;

import io.weft.config.Config;
import io.weft.layer.BuildContext;
import io.weft.layer.CallContext;
import io.weft.layer.InputSpec;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import io.weft.layers.rnn.LSTM;
import io.weft.tensor.Index;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * One LSTM for each scale s, over every s-th step; as fusionlab's layer of this name.
 *
 * <p>Input: {@code (batch, T, features)}. Output: the last outputs side by side, {@code (batch,
 * lstm_units · scales)}; with {@code return_sequences} one tensor {@code (batch, ⌈T/s⌉,
 * lstm_units)} for each scale. {@code scales} null or {@code "auto"} is one LSTM over all steps.
 * Weights: those of {@code lstm_layers}.
 *
 * @see Aggregation#multiscale
 */
public final class MultiScaleLSTM extends Layer {
  public static final LayerType<MultiScaleLSTM> TYPE =
      LayerType.custom(FusionlabTypes.COMPONENTS, "MultiScaleLSTM", MultiScaleLSTM::new)
          .args("training");

  private final int units;
  private final int[] scales;
  private final boolean sequences;
  private final List<LSTM> layers;

  /** LSTMs over every step, every second step, … as the scales say; the last outputs come out. */
  public MultiScaleLSTM(int lstmUnits, int... scales) {
    this(Config.of("lstm_units", lstmUnits, "scales", scales.length == 0 ? null : scales));
  }

  /** Restores a layer from its config. */
  public MultiScaleLSTM(Config config) {
    super(TYPE, config);
    units = args.positiveInt("lstm_units");
    scales = Parts.scales(args, "scales");
    sequences = args.bool("return_sequences", false);
    List<LSTM> all = new ArrayList<>();
    for (int i = 0; i < scales.length; i++) {
      all.add(Parts.lstm(units, sequences, policy()));
    }
    layers = trackAll("lstm_layers", all);
    setInputSpec(InputSpec.rank(3));
  }

  @Override
  protected void build(BuildContext b) {
    Shape x = b.input().withDim(1, Shape.UNKNOWN);
    layers.forEach(l -> b.build(l, x));
  }

  @Override
  public List<Tensor> call(List<Tensor> inputs, CallContext ctx) {
    Tensor x = inputs.get(0);
    List<Tensor> out = new ArrayList<>();
    for (int i = 0; i < scales.length; i++) {
      Tensor steps = scales[i] == 1 ? x : x.get(Index.all(), Index.range(null, null, scales[i]));
      out.add(layers.get(i).apply(steps));
    }
    return sequences ? out : List.of(Ops.concatenate(out, -1));
  }
}
