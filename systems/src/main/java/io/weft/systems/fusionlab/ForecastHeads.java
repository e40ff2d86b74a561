package io.weft.systems.fusionlab;

import io.weft.config.Config;
import io.weft.layer.BuildContext;
import io.weft.layer.DTypePolicy;
import io.weft.layer.Layer;
import io.weft.layers.wrapper.TimeDistributed;
import io.weft.tensor.Index;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** The projections at the end of temporal fusion transformers. */
final class ForecastHeads {
  private ForecastHeads() {}

  /** One projection at each step for each quantile, one if there are none. */
  static List<TimeDistributed> of(double[] quantiles, int outputs, DTypePolicy policy) {
    List<TimeDistributed> heads = new ArrayList<>();
    for (int i = 0; i < (quantiles == null ? 1 : quantiles.length); i++) {
      Config c = Config.of("layer", Parts.dense(outputs, null, policy), "dtype", policy);
      heads.add(Layer.fromConfig(TimeDistributed.TYPE, c));
    }
    return heads;
  }

  /** Makes the weights for features of this width. */
  static void build(BuildContext b, List<TimeDistributed> heads, int width) {
    heads.forEach(h -> b.build(h, Shape.of(Shape.UNKNOWN, Shape.UNKNOWN, width)));
  }

  /** The last steps, all if there are fewer. */
  static Tensor lastSteps(Tensor x, int steps) {
    return x.dim(1) <= steps ? x : x.get(Index.all(), Index.from(x.dim(1) - steps));
  }

  /**
   * {@code (batch, steps, outputs)}, or with quantiles {@code (batch, steps, quantiles, outputs)},
   * the last axis left out where there is one output.
   */
  static Tensor apply(List<TimeDistributed> heads, Tensor x, boolean quantiles) {
    // all steps in one product instead of one for each
    List<Tensor> out = heads.stream().map(h -> h.layer().apply(x)).toList();
    if (!quantiles) {
      return out.get(0);
    }
    return out.get(0).dim(-1) == 1 ? Ops.concatenate(out, -1) : Ops.stack(out, 2);
  }
}
