package io.weft.conformance;

import io.weft.autodiff.GradientTape;
import io.weft.config.Config;
import io.weft.layer.Constraint;
import io.weft.losses.Loss;
import io.weft.metrics.Metric;
import io.weft.metrics.ValueMetric;
import io.weft.optimizers.Optimizer;
import io.weft.schedules.LearningRateSchedule;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;
import io.weft.tensor.Variable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Losses, metrics, optimizers and schedules, each by itself. */
final class TrainingParts {
  private TrainingParts() {}

  static void loss(CaseFile c, Comparison compare) {
    Config envelope = (Config) c.get("object");
    Loss loss = (Loss) Replay.restore(envelope);
    Tensor p = c.tensor("y_pred");
    Tensor mask = c.tensor("mask");
    try (GradientTape tape = GradientTape.open()) {
      Tensor out =
          loss.apply(
              c.tensor("y_true"),
              mask == null ? p : p.withMask(mask),
              (Tensor) c.value("sample_weight"));
      compare.outputs("outputs", out.withMask(null), c.value("outputs"));
      if (c.has("grads")) {
        List<Tensor> g = tape.gradients(List.of(out), null, List.of(p));
        LayerReplay.gradient(
            compare, "grads", g.get(0), Comparison.map(c.value("grads")).get("y_pred"));
      }
    }
    LayerReplay.roundTrip(compare, loss, envelope);
  }

  static void metric(CaseFile c, Comparison compare) {
    Config envelope = (Config) c.get("object");
    Metric metric = (Metric) Replay.restore(envelope);
    LayerReplay.roundTrip(compare, metric, envelope);
    List<Object> results = Comparison.list(c.value("results"));
    int i = 0;
    for (Object u : Comparison.list(c.value("updates"))) {
      Map<String, Object> m = Comparison.map(u);
      Tensor w = (Tensor) m.get("sample_weight");
      if (m.get("values") instanceof Tensor v) {
        ((ValueMetric) metric).update(v, w);
      } else {
        Tensor p = (Tensor) m.get("y_pred");
        Tensor mask = (Tensor) m.get("mask");
        metric.update((Tensor) m.get("y_true"), mask == null ? p : p.withMask(mask), w);
      }
      if (i < results.size()) {
        compare.outputs("results[" + i + "]", metric.result(), results.get(i));
      }
      i++;
    }
    if (c.has("variables_after")) {
      List<Tensor> v = metric.variables().stream().map(Variable::concrete).toList();
      compare.outputs("variables_after", v, c.value("variables_after"));
    }
    if (c.has("result_after_reset")) {
      metric.reset();
      compare.outputs("result_after_reset", metric.result(), c.value("result_after_reset"));
    }
  }

  static void optimizer(CaseFile c, Comparison compare) {
    Config envelope = (Config) c.get("object");
    Optimizer optimizer = (Optimizer) Replay.restore(envelope);
    LayerReplay.roundTrip(compare, optimizer, envelope);
    List<Variable> vars = new ArrayList<>();
    for (Object o : Comparison.list(c.get("variables"))) {
      Config e = (Config) o;
      Tensor t = (Tensor) c.decode(Config.of("array", e.get("array")));
      if (e.has("as")) {
        t = (Tensor) c.decode(Config.of("array", e.get("array"), "as", e.get("as")));
      }
      String name = e.get("name") instanceof String s ? s : "variable";
      Variable v = new Variable(name, t, true);
      if (e.get("path") instanceof String path) {
        v.setPath(path);
      }
      if (e.get("constraint") instanceof Config k) {
        v.setConstraint((Constraint) Replay.restore(k));
      }
      vars.add(v);
    }
    if (c.get("exclude_from_weight_decay") instanceof List<?> l) {
      optimizer.excludeFromWeightDecay(
          l.stream().map(i -> vars.get(((Long) i).intValue())).toList());
    }
    optimizer.build(vars);
    List<Object> after = Comparison.list(c.value("after"));
    int step = 0;
    for (Object g : Comparison.list(c.value("grads_sequence"))) {
      List<Tensor> grads = new ArrayList<>();
      Comparison.list(g).forEach(t -> grads.add((Tensor) t));
      optimizer.apply(grads, vars);
      compare.outputs("after[" + step + "]", values(vars), after.get(step++));
    }
    if (c.has("optimizer_after")) {
      state(compare, "optimizer_after", optimizer, c);
    }
    if (c.has("after_finalize")) {
      optimizer.finalizeVariables();
      compare.outputs("after_finalize", values(vars), c.value("after_finalize"));
    }
  }

  /** Compares an optimizer's variables with those of a case, in order. */
  static void state(Comparison compare, String key, Optimizer optimizer, CaseFile c) {
    compare.outputs(key, values(optimizer.variables()), LayerReplay.weightArrays(c, key));
  }

  static List<Tensor> values(List<Variable> vars) {
    return vars.stream().map(Variable::concrete).toList();
  }

  static void schedule(CaseFile c, Comparison compare) {
    Config envelope = (Config) c.get("object");
    LearningRateSchedule s = (LearningRateSchedule) Replay.restore(envelope);
    LayerReplay.roundTrip(compare, s, envelope);
    List<Tensor> rates = new ArrayList<>();
    for (Object step : Comparison.list(c.get("steps"))) {
      rates.add(s.at(Tensor.scalar((long) (Long) step)));
    }
    compare.outputs("outputs", Ops.stack(rates, 0), c.value("outputs"));
  }
}
