package io.weft.models;

import io.weft.config.Catalogue;
import io.weft.config.Entry;
import io.weft.config.Section;
import io.weft.layer.Layer;
import io.weft.losses.FunctionLoss;
import io.weft.losses.Loss;
import io.weft.metrics.Auc;
import io.weft.metrics.ConfusionMetric;
import io.weft.metrics.FBetaScore;
import io.weft.metrics.IoU;
import io.weft.metrics.MeanMetric;
import io.weft.metrics.Metric;
import io.weft.metrics.R2Score;
import io.weft.metrics.ValueMetric;
import io.weft.optimizers.Optimizer;
import io.weft.optimizers.Optimizers;
import io.weft.schedules.FunctionSchedule;
import io.weft.schedules.LearningRateSchedule;
import java.util.ArrayList;
import java.util.List;

/** The classes of this module, for {@link io.weft.config.Registry#standard}. */
public final class ModelCatalogue implements Catalogue {
  private static final List<String> MODELS = List.of("Functional", "Sequential");

  @Override
  public List<Section> sections() {
    return List.of(
        Section.ofClasses(Layer.class, "keras.models", MODELS, this),
        Section.of(Loss.class, "keras.losses", this),
        Section.of(Metric.class, "keras.metrics", this),
        Section.of(LearningRateSchedule.class, "keras.optimizers.schedules", this),
        Section.of(Optimizer.class, "keras.optimizers", this));
  }

  @Override
  public List<? extends Entry<?>> rows(String module) {
    return switch (module) {
      case "keras.losses" -> FunctionLoss.entries();
      case "keras.metrics" -> metrics();
      case "keras.optimizers.schedules" -> FunctionSchedule.entries();
      case "keras.optimizers" -> Optimizers.entries();
      default -> Catalogue.super.rows(module);
    };
  }

  @Override
  public Entry<?> row(String module, String className) {
    return switch (className) {
      case "Functional" -> Functional.ENTRY;
      case "Sequential" -> Sequential.TYPE;
      default -> null;
    };
  }

  private static List<Entry<?>> metrics() {
    List<Entry<?>> all = new ArrayList<>(MeanMetric.entries());
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
    return all;
  }
}
