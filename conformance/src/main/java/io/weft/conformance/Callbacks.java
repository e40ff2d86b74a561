package io.weft.conformance;

import io.weft.config.Config;
import io.weft.training.Callback;
import io.weft.training.EarlyStopping;

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
