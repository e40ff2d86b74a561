package io.weft.conformance;

import io.weft.autodiff.GradientTape;
import io.weft.config.Config;
import io.weft.config.Learner;
import io.weft.config.Parameters;
import io.weft.layer.Structure;
import io.weft.losses.Loss;
import io.weft.systems.fusionlab.Aggregation;
import io.weft.systems.fusionlab.CRPSLoss;
import io.weft.systems.fusionlab.Masks;
import io.weft.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Functions of the systems: losses made from their arguments, and helpers called by name. */
final class SystemFunctionReplay {
  private SystemFunctionReplay() {}

  /** What a case calls: its positional and its keyword arguments together. */
  private record Call(List<Object> inputs, Map<String, Object> kwargs, boolean defects) {
    Tensor tensor(int i) {
      return (Tensor) inputs.get(i);
    }

    Integer integer(String key) {
      return kwargs.get(key) instanceof Number n ? (Integer) n.intValue() : null;
    }

    /** The list that is the first argument. */
    List<Tensor> tensors() {
      return Structure.tensors(inputs.get(0));
    }

    String mode(String fallback) {
      Object mode = inputs.size() > 1 ? inputs.get(1) : kwargs.getOrDefault("mode", fallback);
      return mode == null ? null : String.valueOf(mode);
    }

    boolean flag(String key) {
      return Boolean.TRUE.equals(kwargs.get(key));
    }
  }

  private static final Map<String, Function<Call, Tensor>> HELPERS =
      Map.of(
          "aggregate_multiscale",
          c -> Aggregation.multiscale(c.tensors(), c.mode("auto")),
          "aggregate_multiscale_on_3d",
          c -> Aggregation.multiscaleOverTime(c.tensors(), c.mode("auto")),
          "aggregate_time_window_output",
          c -> Aggregation.timeWindow(c.tensor(0), c.mode(null)),
          "create_causal_mask",
          c -> c.defects() ? Masks.inverted(c.integer("size")) : Masks.causal(c.integer("size")),
          "pad_mask_from_lengths",
          c -> Masks.fromLengths(c.tensor(0), c.integer("max_len"), c.flag("invert")));

  static void replay(CaseFile c, Comparison compare) {
    List<Object> inputs = Comparison.list(c.value("inputs"));
    Map<String, Object> kwargs = Comparison.map(c.value("call_kwargs"));
    Function<Call, Tensor> helper = HELPERS.get(String.valueOf(c.get("class")));
    if (helper != null) {
      Tensor out = helper.apply(new Call(inputs, kwargs, c.has("defect")));
      compare.outputs("outputs", out, c.value("outputs"));
      return;
    }
    Config init = c.get("init") instanceof Config i ? i : Config.EMPTY;
    Loss loss =
        (Loss)
            SystemReplay.entry(c, Loss.class)
                .create(c.has("defect") ? init.with("defects", true) : init);
    loss.afterRestore(null);
    loss(c, compare, loss, inputs);
    Config own = loss.getConfig().pure();
    Loss again = (Loss) SystemReplay.entry(c, Loss.class).create(own);
    compare.configs("config (second)", again.getConfig().pure(), own, true);
  }

  private static void loss(CaseFile c, Comparison compare, Loss loss, List<Object> inputs) {
    List<Tensor> sources = new ArrayList<>(Structure.tensors(inputs));
    try (GradientTape tape = GradientTape.open()) {
      Tensor out = apply(loss, inputs);
      compare.outputs("outputs", out, c.value("outputs"));
      if (c.has("grads")) {
        Tensor dout = c.has("dout") ? c.tensor("dout") : null;
        List<Tensor> seeds = dout == null ? null : List.of(dout);
        List<Tensor> grads = tape.gradients(List.of(out), seeds, sources);
        List<Object> want = Structure.leaves(Comparison.map(c.value("grads")).get("inputs"));
        for (int i = 0; i < Math.min(want.size(), grads.size()); i++) {
          LayerReplay.gradient(compare, "grads[" + i + "]", grads.get(i), want.get(i));
        }
      }
    }
  }

  private static Tensor apply(Loss loss, List<Object> inputs) {
    Tensor y = (Tensor) inputs.get(0);
    Object p = inputs.size() > 1 ? inputs.get(1) : y; // a loss of scores has no predictions
    if (p instanceof Map<?, ?> map && loss instanceof CRPSLoss crps) {
      Map<String, Tensor> named = new LinkedHashMap<>();
      map.forEach((k, v) -> named.put(String.valueOf(k), (Tensor) v));
      return crps.score(y, named);
    }
    return loss.apply(y, (Tensor) p, null);
  }

  /** The signature of {@code call}; losses of scores take these in the place of targets. */
  static String callParams(Learner learner) {
    if (!(learner instanceof Loss loss)) {
      return null;
    }
    String name = loss.type().className();
    return Parameters.signature(
        name + ".call",
        name.equals("AnomalyLoss")
            ? List.of("anomaly_scores", "y_pred=None")
            : List.of("y_true", "y_pred"));
  }
}
