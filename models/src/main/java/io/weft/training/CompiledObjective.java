package io.weft.training;

import io.weft.config.Config;
import io.weft.error.ConfigException;
import io.weft.error.ShapeException;
import io.weft.layer.Measure;
import io.weft.losses.Loss;
import io.weft.losses.Losses;
import io.weft.metrics.Metric;
import io.weft.metrics.Metrics;
import io.weft.metrics.ValueMetric;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;
import io.weft.tensor.Variable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The losses and metrics of a compiled model, made when the first batch shows the shapes, and the
 * figures they keep.
 */
final class CompiledObjective {
  private final Compile compile;
  private final List<String> names;
  private final ValueMetric lossTracker = ValueMetric.mean("loss");
  private final Map<Integer, ValueMetric> outputTrackers = new LinkedHashMap<>();
  private List<Loss> losses;
  private List<Object> weights;
  private List<List<Metric>> metrics;
  private List<List<Metric>> weightedMetrics;

  CompiledObjective(Compile compile, List<String> outputNames) {
    this.compile = compile;
    this.names = outputNames;
  }

  private void resolve(List<Tensor> y, List<Tensor> p) {
    if (losses != null) {
      return;
    }
    int n = p.size();
    List<Object> specs = Compile.perOutput(compile.loss(), n, names, "loss");
    List<Loss> made = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      made.add(y.get(i) == null ? null : Losses.resolve(specs.get(i), y.get(i), p.get(i)));
    }
    weights =
        compile.lossWeights() == null
            ? Collections.nCopies(n, null)
            : Compile.perOutput(compile.lossWeights(), n, names, "loss_weights");
    if (made.stream().filter(java.util.Objects::nonNull).count() > 1) {
      for (int i = 0; i < n; i++) {
        if (made.get(i) != null) {
          outputTrackers.put(i, ValueMetric.mean(names.get(i) + "_loss"));
        }
      }
    }
    metrics = metrics(compile.metrics(), y, p, "metrics");
    weightedMetrics = metrics(compile.weightedMetrics(), y, p, "weighted_metrics");
    losses = made;
  }

  private List<List<Metric>> metrics(Object spec, List<Tensor> y, List<Tensor> p, String what) {
    List<List<Metric>> all = new ArrayList<>();
    int n = p.size();
    List<Object> per;
    if (spec == null) {
      per = Collections.nCopies(n, null);
    } else if (n == 1 && spec instanceof List<?>) {
      per = Collections.singletonList(spec);
    } else if (n > 1 && !(spec instanceof List<?>) && !(spec instanceof Config)) {
      throw new ConfigException(
          what + ": expected a list or a map for " + n + " outputs. Received: " + spec);
    } else {
      per = Compile.perOutput(spec, n, names, what);
    }
    for (int i = 0; i < n; i++) {
      List<Metric> l = new ArrayList<>();
      collect(per.get(i), y.get(i), p.get(i), l);
      all.add(l);
    }
    return all;
  }

  private static void collect(Object spec, Tensor y, Tensor p, List<Metric> out) {
    if (spec instanceof List<?> l) {
      l.forEach(s -> collect(s, y, p, out));
    } else if (spec != null) {
      out.add(Metrics.resolve(spec, y, p));
    }
  }

  /** The total loss: weighted losses of the outputs and the model's added losses. */
  Tensor loss(List<Tensor> y, List<Tensor> p, List<Tensor> w, List<Tensor> added, int batch) {
    if (y.size() != p.size()) {
      throw new ShapeException(
          "fit: expected a target for each of " + p.size() + " outputs. Received: " + y.size());
    }
    resolve(y, p);
    Tensor total = null;
    for (int i = 0; i < p.size(); i++) {
      if (losses.get(i) != null) {
        Tensor l = losses.get(i).apply(y.get(i), p.get(i), w.get(i));
        if (outputTrackers.get(i) != null) {
          outputTrackers.get(i).update(l, batchWeight(batch));
        }
        if (weights.get(i) instanceof Number k) {
          l = l.times(k.doubleValue());
        }
        total = total == null ? l : total.plus(l);
      }
    }
    for (Tensor a : added) {
      Tensor f = Ops.cast(a, io.weft.tensor.DType.FLOAT32);
      total = total == null ? f : total.plus(f);
    }
    if (total == null) {
      throw new ConfigException(
          "compile: no loss to compute. Give a loss, or add losses in the layers.");
    }
    if (total.rank() != 0) {
      throw new ShapeException(
          "compile: the loss must be a scalar. Received: "
              + total.shape()
              + " (is a reduction 'none'?)");
    }
    lossTracker.update(total, batchWeight(batch));
    return total;
  }

  private static Tensor batchWeight(int batch) {
    return Tensor.scalar((float) batch);
  }

  /** Takes a batch into the metrics. */
  void update(List<Tensor> y, List<Tensor> p, List<Tensor> w) {
    for (int i = 0; i < p.size(); i++) {
      for (Metric m : metrics.get(i)) {
        m.update(y.get(i), p.get(i), null);
      }
      for (Metric m : weightedMetrics.get(i)) {
        m.update(y.get(i), p.get(i), w.get(i));
      }
    }
  }

  /** Forgets all batches. */
  void reset() {
    lossTracker.reset();
    outputTrackers.values().forEach(Metric::reset);
    if (losses != null) {
      metrics.forEach(l -> l.forEach(Metric::reset));
      weightedMetrics.forEach(l -> l.forEach(Metric::reset));
    }
  }

  /** All figures by name: loss, metrics, per-output losses, metrics of layers. */
  Map<String, Tensor> results(List<Measure> ofLayers) {
    Map<String, Tensor> r = new LinkedHashMap<>();
    r.put("loss", lossTracker.result());
    Map<String, Integer> count = new HashMap<>();
    if (losses != null) {
      compiled(r, count);
    }
    // layers may use one name twice, or a compiled metric's: neither may hide the other
    for (Measure m : ofLayers) {
      String name = m.name();
      for (int k = 1; r.containsKey(name); k++) {
        name = m.name() + "_" + k;
      }
      r.put(name, m.result());
    }
    return r;
  }

  private void compiled(Map<String, Tensor> r, Map<String, Integer> count) {
    for (int i = 0; i < metrics.size(); i++) {
      for (Metric m : metrics.get(i)) {
        String name = prefixed(i, m.name());
        int k = count.merge(name, 1, Integer::sum) - 1;
        r.put(k == 0 ? name : name + "_" + k, m.result());
      }
    }
    for (int i = 0; i < weightedMetrics.size(); i++) {
      for (Metric m : weightedMetrics.get(i)) {
        String name = prefixed(i, m.name());
        if (count.putIfAbsent(name, 1) != null) {
          name = prefixed(i, "weighted_" + m.name());
          int k = count.merge(name, 1, Integer::sum) - 1;
          name = k == 0 ? name : name + "_" + k;
        }
        r.put(name, m.result());
      }
    }
    outputTrackers.values().forEach(t -> r.put(t.name(), t.result()));
  }

  private String prefixed(int output, String name) {
    return names.size() > 1 ? names.get(output) + "_" + name : name;
  }

  /** The means of the losses, then the metrics; those of several outputs once known. */
  List<Measure> measures() {
    List<Measure> all = new ArrayList<>(List.of(lossTracker));
    all.addAll(outputTrackers.values());
    all.addAll(allMetrics());
    return all;
  }

  /** The metrics and weighted metrics, once known. */
  List<Metric> allMetrics() {
    List<Metric> all = new ArrayList<>();
    if (losses != null) {
      metrics.forEach(all::addAll);
      weightedMetrics.forEach(all::addAll);
    }
    return all;
  }

  /** All state, for tests of what a failed step leaves behind. */
  List<Variable> variables() {
    List<Variable> v = new ArrayList<>(lossTracker.variables());
    outputTrackers.values().forEach(t -> v.addAll(t.variables()));
    allMetrics().forEach(m -> v.addAll(m.variables()));
    return v;
  }
}
