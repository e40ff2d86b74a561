package io.weft.systems.fusionlab;

import io.weft.config.Args;

/** What {@link HALNet} and {@link BaseAttentive} are told, after it was read. */
record AttentiveSettings(
    Widths widths,
    double[] quantiles,
    int embed,
    int hidden,
    int lstmUnits,
    int attention,
    int heads,
    double rate,
    int window,
    int memory,
    int[] scales,
    String aggregation,
    String activation,
    boolean residuals,
    boolean selects,
    int selected,
    boolean wholeFuture,
    Release release) {

  /** The sizes of inputs and outputs, which stand first. */
  record Widths(int staticDim, int dynamicDim, int futureDim, int outputs, int horizon) {
    static Widths read(Args args) {
      return new Widths(
          width(args, "static_input_dim"),
          args.positiveInt("dynamic_input_dim"),
          width(args, "future_input_dim"),
          args.positiveInt("output_dim", 1),
          args.positiveInt("forecast_horizon", 1));
    }
  }

  /** Reads what stands between {@code quantiles} and {@code vsn_units}, in this order. */
  static AttentiveSettings read(Args args, Widths widths) {
    double[] quantiles = Quantiles.orNull(args, "quantiles", args.any("quantiles", null));
    int embed = args.positiveInt("embed_dim", 32);
    int hidden = args.positiveInt("hidden_units", 64);
    int lstm = args.positiveInt("lstm_units", 64);
    int attention = args.positiveInt("attention_units", 32);
    int heads = args.positiveInt("num_heads", 4);
    double rate = args.fraction("dropout_rate", 0.1);
    int window = args.positiveInt("max_window_size", 10);
    int memory = args.positiveInt("memory_size", 100);
    int[] scales = Parts.scales(args, "scales");
    multiScaleAggregation(args);
    return new AttentiveSettings(
        widths,
        quantiles,
        embed,
        hidden,
        lstm,
        attention,
        heads,
        rate,
        window,
        memory,
        scales,
        aggregation(args),
        Parts.activation(args, "activation", "relu"),
        args.bool("use_residuals", true),
        args.bool("use_vsn", true),
        selected(args, hidden),
        false,
        null);
  }

  /** The same with what classes read at places of their own. */
  AttentiveSettings with(String mode, Release known) {
    return new AttentiveSettings(
        widths,
        quantiles,
        embed,
        hidden,
        lstmUnits,
        attention,
        heads,
        rate,
        window,
        memory,
        scales,
        aggregation,
        activation,
        residuals,
        selects,
        selected,
        mode.equals("tft_like"),
        known);
  }

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
