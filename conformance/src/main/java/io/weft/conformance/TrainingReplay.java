package io.weft.conformance;

import io.weft.config.Config;
import io.weft.config.Registry;
import io.weft.layer.Structure;
import io.weft.models.Model;
import io.weft.models.Models;
import io.weft.tensor.Tensor;
import io.weft.training.Callback;
import io.weft.training.Fit;
import io.weft.training.History;
import io.weft.training.Logs;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Training runs: history, weights, optimizer state, predictions and evaluation afterwards. */
final class TrainingReplay {
  private TrainingReplay() {}

  static void replay(CaseFile c, Comparison compare) {
    Model model = model(c);
    List<Callback> callbacks = callbacks(c);
    History history = model.fit(c.value("x"), c.value("y"), fit(c, callbacks));
    history(c, compare, history);
    c.write(model);
    if (c.has("weights_after")) {
      compare.outputs(
          "weights_after",
          TrainingParts.values(model.weights()),
          LayerReplay.weightArrays(c, "weights_after"));
    }
    if (c.has("optimizer_after")) {
      TrainingParts.state(compare, "optimizer_after", model.optimizer(), c);
    }
    if (c.has("predict_after")) {
      compare.outputs(
          "predict_after",
          ModelReplay.call(model, c.value("x")).stream().map(t -> t.withMask(null)).toList(),
          Structure.leaves(c.value("predict_after")));
    }
    if (c.has("evaluate_after")) {
      int batch = integer(c, "batch_size", 32);
      Logs logs = model.evaluate(c.value("x"), c.value("y"), c.value("sample_weight"), batch);
      Map<String, Object> want = Comparison.map(c.value("evaluate_after"));
      for (String name : want.keySet()) {
        compare.outputs("evaluate_after." + name, numbers(logs.vector(name)), want.get(name));
      }
    }
  }

  private static Model model(CaseFile c) {
    if (c.has("fetch")) {
      return Models.load(c.fetched(String.valueOf(c.get("fetch"))));
    }
    if (c.get("file") instanceof String file) {
      return Models.load(c.folder().resolve(file));
    }
    Config envelope = (Config) c.get("object");
    Replay.requireKnown(envelope);
    requireWholeLoss(envelope.config("compile_config").get("loss"));
    Model model = (Model) Registry.standard().restore(envelope.without("compile_config"), "object");
    List<Tensor> weights = new ArrayList<>();
    LayerReplay.weightArrays(c, "weights").forEach(t -> weights.add((Tensor) t));
    if (!model.isBuilt()) {
      ModelReplay.call(model, c.value("x"));
    }
    model.setWeights(weights);
    model.compileFromConfig(envelope.config("compile_config"), Registry.standard());
    return model;
  }

  /**
   * Keras 3.15 leaves Huber's delta out of configs: which loss was trained then is not recorded.
   */
  private static void requireWholeLoss(Object loss) {
    if (loss instanceof Config c
        && "Huber".equals(c.get("class_name"))
        && !c.config("config").has("delta")) {
      throw new Skip(
          "the config of the trained loss lacks Huber's delta, which Keras 3.15 does not write");
    }
  }

  private static int integer(CaseFile c, String key, int fallback) {
    return c.get(key) instanceof Long l ? l.intValue() : fallback;
  }

  private static Fit fit(CaseFile c, List<Callback> callbacks) {
    Fit fit =
        Fit.epochs(integer(c, "epochs", 1))
            .batchSize(integer(c, "batch_size", 32))
            .initialEpoch(integer(c, "initial_epoch", 0))
            .validationFreq(integer(c, "validation_freq", 1))
            .shuffle(false)
            .callbacks(callbacks.toArray(Callback[]::new));
    if (c.get("validation_freq") instanceof List<?> l) {
      fit = fit.validationEpochs(l.stream().map(e -> ((Long) e).intValue()).toList());
    }
    if (c.get("steps_per_epoch") instanceof Long s) {
      fit = fit.stepsPerEpoch(s.intValue());
    }
    if (c.has("sample_weight")) {
      fit = fit.sampleWeight(c.value("sample_weight"));
    }
    if (c.get("class_weight") instanceof Config w) {
      Map<Integer, Double> m = new HashMap<>();
      w.asMap().forEach((k, v) -> m.put(Integer.valueOf(k), ((Number) v).doubleValue()));
      fit = fit.classWeight(m);
    }
    if (c.has("validation_data")) {
      Map<String, Object> v = Comparison.map(c.value("validation_data"));
      fit = fit.validation(v.get("x"), v.get("y"), v.get("sample_weight"));
    }
    return fit;
  }

  private static List<Callback> callbacks(CaseFile c) {
    List<Callback> out = new ArrayList<>();
    for (Object o : Comparison.list(c.get("callbacks"))) {
      out.add(Callbacks.of((Config) o));
    }
    return out;
  }

  private static void history(CaseFile c, Comparison compare, History history) {
    Map<String, Object> want = Comparison.map(c.value("history"));
    for (String name : want.keySet()) {
      List<Object> epochs = new ArrayList<>();
      history.vectors(name).forEach(v -> epochs.add(numbers(v)));
      compare.outputs("history." + name, epochs, want.get(name));
    }
    compare.require(
        history.names().equals(want.keySet()),
        "history: " + want.keySet() + " expected, " + history.names() + " came");
  }

  private static Object numbers(double[] v) {
    if (v == null) {
      return null;
    }
    if (v.length == 1) {
      return v[0];
    }
    List<Object> l = new ArrayList<>();
    for (double d : v) {
      l.add(d);
    }
    return l;
  }
}
