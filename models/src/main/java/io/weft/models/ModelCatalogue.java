package io.weft.models;

import io.weft.config.Catalogue;
import io.weft.config.Entry;
import io.weft.losses.FunctionLoss;
import io.weft.metrics.Auc;
import io.weft.metrics.ConfusionMetric;
import io.weft.metrics.FBetaScore;
import io.weft.metrics.IoU;
import io.weft.metrics.MeanMetric;
import io.weft.metrics.R2Score;
import io.weft.metrics.ValueMetric;
import io.weft.optimizers.Optimizers;
import io.weft.schedules.FunctionSchedule;
import java.util.ArrayList;
import java.util.List;

/** The classes of this module, for {@link io.weft.config.Registry#standard}. */
public final class ModelCatalogue implements Catalogue {
  @Override
  public List<? extends Entry<?>> entries() {
    List<Entry<?>> all = new ArrayList<>(List.of(Functional.ENTRY, Sequential.TYPE));
    all.addAll(FunctionLoss.entries());
    all.addAll(MeanMetric.entries());
    all.addAll(ConfusionMetric.entries());
    all.addAll(IoU.entries());
    all.addAll(
        List.of(
            ValueMetric.MEAN,
            ValueMetric.SUM,
            Auc.TYPE,
            FBetaScore.TYPE,
            FBetaScore.F1,
            R2Score.TYPE));
    all.addAll(FunctionSchedule.entries());
    all.addAll(Optimizers.entries());
    return all;
  }
}
