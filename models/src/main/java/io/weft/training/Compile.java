package io.weft.training;

import io.weft.config.Config;
import io.weft.config.Registry;
import io.weft.error.ConfigException;
import io.weft.optimizers.Optimizer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What {@code compile} takes, in Keras' forms: a loss or metric is an object, a name or an
 * envelope; for several outputs a list by position or a map by output name. Immutable.
 */
public final class Compile {
  private final Optimizer optimizer;
  private final Object loss;
  private final Object lossWeights;
  private final Object metrics;
  private final Object weightedMetrics;
  private final int stepsPerExecution;
  private final boolean summedSlices;

  private Compile(
      Optimizer optimizer,
      Object loss,
      Object lossWeights,
      Object metrics,
      Object weightedMetrics,
      int stepsPerExecution,
      boolean summedSlices) {
    this.optimizer = optimizer;
    this.loss = Config.normal(loss);
    this.lossWeights = Config.normal(lossWeights);
    this.metrics = Config.normal(metrics);
    this.weightedMetrics = Config.normal(weightedMetrics);
    this.stepsPerExecution = stepsPerExecution;
    this.summedSlices = summedSlices;
    if (stepsPerExecution < 1) {
      throw new ConfigException(
          "compile: steps_per_execution must be a positive integer. Received: "
              + stepsPerExecution);
    }
  }

  /** Starts with an optimizer; RMSprop is Keras' default. */
  public static Compile with(Optimizer optimizer) {
    return new Compile(optimizer, null, null, null, null, 1, false);
  }

  /** One loss for all outputs, a list by position or a map by name. */
  public Compile loss(Object value) {
    return new Compile(
        optimizer, value, lossWeights, metrics, weightedMetrics, stepsPerExecution, summedSlices);
  }

  /** The loss of one named output. */
  public Compile loss(String output, Object value) {
    return loss(put(loss, output, value));
  }

  /** Factors of the losses: a number, a list or a map. */
  public Compile lossWeights(Object value) {
    return new Compile(
        optimizer, loss, value, metrics, weightedMetrics, stepsPerExecution, summedSlices);
  }

  /**
   * Metrics without sample weights: a list, for several outputs a list of lists or a map by name.
   */
  public Compile metrics(Object value) {
    return new Compile(
        optimizer, loss, lossWeights, value, weightedMetrics, stepsPerExecution, summedSlices);
  }

  /** The metrics of one named output. */
  public Compile metrics(String output, Object... values) {
    return metrics(put(metrics, output, List.of(values)));
  }

  /** Metrics with sample weights. */
  public Compile weightedMetrics(Object value) {
    return new Compile(
        optimizer, loss, lossWeights, metrics, value, stepsPerExecution, summedSlices);
  }

  /** How many batches are run between calls of batch callbacks; default 1. */
  public Compile stepsPerExecution(int steps) {
    return new Compile(optimizer, loss, lossWeights, metrics, weightedMetrics, steps, summedSlices);
  }

  /**
   * Whether the gradients of all look-ups of one row of an embedding table are summed before the
   * optimizer squares them (or takes their magnitude or norm). Default false: each look-up by
   * itself, as Keras on TensorFlow does; true is what Keras on JAX and PyTorch does. Files do not
   * hold this, because Keras knows no such argument.
   */
  public Compile summedSlices(boolean value) {
    return new Compile(
        optimizer, loss, lossWeights, metrics, weightedMetrics, stepsPerExecution, value);
  }

  private static Object put(Object map, String key, Object value) {
    Map<String, Object> m = new LinkedHashMap<>();
    if (map instanceof Config c) {
      m.putAll(c.asMap());
    }
    m.put(key, value);
    return m;
  }

  public Optimizer optimizer() {
    return optimizer;
  }

  int stepsPerExecution() {
    return stepsPerExecution;
  }

  boolean summedSlices() {
    return summedSlices;
  }

  Object loss() {
    return loss;
  }

  Object lossWeights() {
    return lossWeights;
  }

  Object metrics() {
    return metrics;
  }

  Object weightedMetrics() {
    return weightedMetrics;
  }

  /** The compile config of files (keras-formats.md 6.1). */
  public Config toConfig() {
    return Config.of(
        "optimizer",
        optimizer,
        "loss",
        loss,
        "loss_weights",
        lossWeights,
        "metrics",
        metrics,
        "weighted_metrics",
        weightedMetrics,
        "run_eagerly",
        false,
        "steps_per_execution",
        (long) stepsPerExecution,
        "jit_compile",
        false);
  }

  /** Reads a compile config; objects in it are restored with a registry. */
  public static Compile fromConfig(Config config, Registry registry) {
    Object o = config.get("optimizer");
    Optimizer optimizer;
    if (o instanceof String s) {
      optimizer = registry.named(Optimizer.class, s);
    } else if (registry.restore(o, "compile_config.optimizer") instanceof Optimizer made) {
      optimizer = made;
    } else {
      throw new ConfigException("compile_config.optimizer: expected an optimizer. Received: " + o);
    }
    int group = config.get("steps_per_execution") instanceof Long n ? Math.toIntExact(n) : 1;
    return with(optimizer)
        .stepsPerExecution(group)
        .loss(registry.restore(config.get("loss"), "compile_config.loss"))
        .lossWeights(config.get("loss_weights"))
        .metrics(registry.restore(config.get("metrics"), "compile_config.metrics"))
        .weightedMetrics(
            registry.restore(config.get("weighted_metrics"), "compile_config.weighted_metrics"));
  }

  /**
   * A value for each output: from a list by position, a map by output name, or one value for all
   * (or the only one).
   */
  static List<Object> perOutput(Object value, int outputs, List<String> names, String what) {
    List<Object> out = new ArrayList<>();
    if (value instanceof Config c && !Registry.isEnvelope(c)) {
      for (String k : c.keys()) {
        if (!names.contains(k)) {
          throw new ConfigException(
              what + ": expected names of outputs " + names + ". Received: '" + k + "'");
        }
      }
      names.forEach(n -> out.add(c.get(n)));
    } else if (value instanceof List<?> l && (outputs > 1 || l.size() == 1)) {
      if (l.size() != outputs) {
        throw new ConfigException(
            what
                + ": expected one entry for each of "
                + outputs
                + " outputs. Received: "
                + l.size());
      }
      out.addAll(l);
    } else {
      for (int i = 0; i < outputs; i++) {
        out.add(value);
      }
    }
    return out;
  }
}
