package io.weft.models;

import io.weft.config.Catalogue;
import io.weft.config.Entry;
import io.weft.losses.FunctionLoss;
import io.weft.metrics.MeanMetric;
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
    all.addAll(List.of(ValueMetric.MEAN, ValueMetric.SUM));
    all.addAll(FunctionSchedule.entries());
    all.addAll(Optimizers.entries());
    return all;
  }
}
