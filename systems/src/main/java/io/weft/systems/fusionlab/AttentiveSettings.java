package io.weft.systems.fusionlab;

import io.weft.config.Args;

/** Arguments of attentive models that are settled after they were read. */
final class AttentiveSettings {
  private AttentiveSettings() {}

  /** A number of features that must be given, 0 for none. */
  static int width(Args args, String key) {
    int n = args.integer(key);
    if (n < 0) {
      throw args.refuse(key, "a number of features, 0 for none");
    }
    return n;
  }

  /** How the steps of the horizon become one vector. */
  static String aggregation(Args args) {
    return args.oneOf("final_agg", "last", "last", "average", "flatten");
  }

  /** Reads how scales are aggregated, which these models do not ask. */
  static void multiScaleAggregation(Args args) {
    if (args.any("multi_scale_agg", "last") != null) {
      args.oneOf("multi_scale_agg", "last", "last", "average", "flatten", "auto", "sum", "concat");
    }
  }

  /** The width of selected variables: that of hidden layers unless given. */
  static int selected(Args args, int hidden) {
    Integer units = args.integerOrNull("vsn_units", null);
    if (units != null && units < 1) {
      throw args.refuse("vsn_units", "null or a positive integer");
    }
    int settled = units == null ? hidden : units;
    args.note("vsn_units", settled);
    return settled;
  }

  /** What the future covers: {@code tft_like} or {@code pihal_like}. */
  static String mode(Args args, String fallback) {
    String given = args.stringOrNull("mode", null);
    return Architecture.mode(given, fallback, "tft_like", "pihal_like");
  }
}
