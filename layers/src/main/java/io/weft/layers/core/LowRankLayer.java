package io.weft.layers.core;

import io.weft.config.Config;
import io.weft.layer.BuildContext;
import io.weft.layer.LayerType;
import io.weft.layer.UnaryLayer;
import io.weft.layer.WeightOptions;
import io.weft.tensor.Tensor;
import io.weft.tensor.Variable;
import java.util.List;

/** A layer whose first weight may carry a low-rank change ({@link LowRank}). */
public abstract class LowRankLayer extends UnaryLayer {
  private LowRank lowRank;
  private Variable weight;

  protected LowRankLayer(LayerType<?> type, Config config) {
    super(type, config);
  }

  /** Reads {@code lora_rank} and {@code lora_alpha} for the weight that arguments call so. */
  protected final void readLowRank(String what, WeightOptions options) {
    lowRank = LowRank.read(args, what, options);
  }

  /** Called once all weights are made. */
  protected final void buildLowRank(BuildContext b, Variable first, WeightOptions options) {
    weight = first;
    if (lowRank != null) {
      lowRank.build(b, first, options);
    }
  }

  /** The first weight, with its change. */
  protected final Tensor changedWeight() {
    return lowRank == null ? weight.value() : lowRank.value();
  }

  @Override
  public final List<Variable> savedVariables() {
    return lowRank == null || weight == null ? ownVariables() : lowRank.saved(ownVariables());
  }

  @Override
  public final Tensor savedValue(int i) {
    Variable v = savedVariables().get(i);
    return lowRank != null && v == weight ? lowRank.merged() : v.concrete();
  }

  @Override
  public final void afterLoad() {
    if (lowRank != null && weight != null) {
      lowRank.clear(); // files hold the changed weight
    }
    super.afterLoad();
  }
}
