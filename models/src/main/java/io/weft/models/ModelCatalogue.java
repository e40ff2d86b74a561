package io.weft.models;

import io.weft.config.Catalogue;
import io.weft.config.Entry;
import io.weft.losses.FunctionLoss;
import io.weft.metrics.MeanMetric;
import io.weft.metrics.ValueMetric;
import io.weft.optimizers.Adam;
import io.weft.optimizers.AdamW;
import io.weft.optimizers.RmsProp;
import io.weft.optimizers.Sgd;
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
    all.addAll(List.of(Sgd.TYPE, RmsProp.TYPE, Adam.TYPE, AdamW.TYPE));
    return all;
  }
}
