package io.weft.conformance;

import io.weft.config.Config;
import io.weft.training.Callback;
import io.weft.training.EarlyStopping;
import io.weft.training.LearningRateScheduler;
import io.weft.training.ReduceLROnPlateau;
import io.weft.training.SwapEMAWeights;
import io.weft.training.TerminateOnNaN;
import java.util.List;

/** Callbacks from the configs that training cases hold. */
final class Callbacks {
  private Callbacks() {}

  static Callback of(Config c) {
    Config k = c.config("config") == null ? Config.EMPTY : c.config("config");
    switch (c.string("class_name")) {
      case "EarlyStopping":
        return new EarlyStopping(
            text(k, "monitor", "val_loss"),
            number(k, "min_delta", 0),
            (int) number(k, "patience", 0),
            text(k, "mode", "auto"),
            k.get("baseline") instanceof Number n ? n.doubleValue() : null,
            Boolean.TRUE.equals(k.get("restore_best_weights")),
            (int) number(k, "start_from_epoch", 0));
      case "LearningRateScheduler":
        List<?> rates = (List<?>) k.get("learning_rates");
        return new LearningRateScheduler((epoch, now) -> ((Number) rates.get(epoch)).doubleValue());
      case "ReduceLROnPlateau":
        return new ReduceLROnPlateau(
            text(k, "monitor", "val_loss"),
            number(k, "factor", 0.1),
            (int) number(k, "patience", 10),
            text(k, "mode", "auto"),
            number(k, "min_delta", 1e-4),
            (int) number(k, "cooldown", 0),
            number(k, "min_lr", 0),
            false);
      case "TerminateOnNaN":
        return new TerminateOnNaN();
      case "SwapEMAWeights":
        return new SwapEMAWeights(Boolean.TRUE.equals(k.get("swap_on_epoch")));
      default:
        throw new Skip("callback '" + c.get("class_name") + "' is not in this version");
    }
  }

  private static String text(Config c, String key, String fallback) {
    return c.get(key) instanceof String s ? s : fallback;
  }

  private static double number(Config c, String key, double fallback) {
    return c.get(key) instanceof Number n ? n.doubleValue() : fallback;
  }
}
