package io.weft.systems.fusionlab;

import io.weft.config.Config;
import io.weft.layer.BuildContext;
import io.weft.layer.CallContext;
import io.weft.layer.LayerType;
import io.weft.layers.wrapper.TimeDistributed;
import io.weft.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What the temporal fusion transformers share: a layout, and projections of what it gives. */
public abstract class TftModel extends ForecastingModel {
  private TftSettings settings;
  private Layout layout;
  private List<TimeDistributed> heads = List.of();

  TftModel(LayerType<?> type, Config config) {
    super(type, config);
  }

  /** The way from inputs to hidden features of the steps to forecast. */
  interface Layout {
    /** Features {@code (batch, steps, units)}; inputs that the model does not take are null. */
    Tensor features(Tensor fixed, Tensor past, Tensor future);

    /** Importances of static, past and future variables, null where there are none. */
    List<Tensor> importances(Tensor fixed, Tensor past, Tensor future);
  }

  /** Settles the layout and makes the projections, at the end of the constructor. */
  final void settle(TftSettings s, Layout chosen, String attribute, int outputs) {
    settings = s;
    layout = chosen;
    List<TimeDistributed> all = s.heads(outputs);
    if (s.quantiles() == null) {
      part(attribute, all.get(0));
    } else {
      parts(attribute, all);
    }
    heads = all;
  }

  /** The paper's layout, whose weights lie below {@code network}. */
  final Layout paper(TftSettings s, int staticDim, int dynamicDim, int futureDim) {
    TemporalFusionNetwork network = part("network", s.network(staticDim, dynamicDim, futureDim));
    return new Layout() {
      @Override
      public Tensor features(Tensor fixed, Tensor past, Tensor future) {
        return network.apply(Parts.present(fixed, past, future), io.weft.layer.CallArgs.NONE);
      }

      @Override
      public List<Tensor> importances(Tensor fixed, Tensor past, Tensor future) {
        return network.importances(fixed, past, future);
      }
    };
  }

  @Override
  protected final void build(BuildContext b) {
    ForecastHeads.build(b, heads, settings.units());
  }

  @Override
  final Tensor forecast(Tensor fixed, Tensor past, Tensor future, CallContext ctx) {
    Tensor features = layout.features(fixed, past, future);
    return ForecastHeads.apply(heads, features, settings.quantiles() != null);
  }

  @Override
  public final double[] quantiles() {
    double[] q = settings.quantiles();
    return q == null ? null : q.clone();
  }

  /**
   * How much each variable counts: {@code static (batch, Ns, 1)}, {@code dynamic (batch, T, Nd,
   * 1)}, {@code future (batch, steps, Nf, 1)}, as far as the model takes them; at one place they
   * add up to 1. Needs a built model; for any number of threads.
   */
  public final Map<String, Tensor> variableImportances(Tensor... inputs) {
    Tensor[] in = checked(List.of(inputs));
    List<Tensor> all = layout.importances(in[0], in[1], in[2]);
    Map<String, Tensor> out = new LinkedHashMap<>();
    String[] names = {"static", "dynamic", "future"};
    for (int i = 0; i < names.length; i++) {
      if (all.get(i) != null) {
        out.put(names[i], all.get(i));
      }
    }
    return out;
  }
}
