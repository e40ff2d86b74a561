package io.weft.layer;

import io.weft.config.Config;
import io.weft.config.Configurable;
import io.weft.config.Entry;
import io.weft.config.Registry;
import io.weft.error.ConfigException;
import io.weft.error.UnsupportedFeatureException;
import io.weft.tensor.DType;

/**
 * In which dtypes a layer computes and keeps its weights: a dtype's name for both, or {@code
 * mixed_float16} and {@code mixed_bfloat16} (weights float32).
 */
public final class DTypePolicy implements Configurable {
  public static final DTypePolicy FLOAT32 = new DTypePolicy("float32");

  /** The row of all kinds of policies that files hold. */
  public static final Entry<DTypePolicy> TYPE =
      new Entry<>(
          DTypePolicy.class,
          "keras",
          "DTypePolicy",
          null,
          DTypePolicy::ofConfig,
          "FloatDTypePolicy",
          "QuantizedDTypePolicy",
          "QuantizedFloat8DTypePolicy",
          "Policy");

  private final String name;
  private final DType compute;
  private final DType variable;

  /** A policy by its name. */
  public DTypePolicy(String name) {
    this.name = name;
    if (name.startsWith("mixed_")) {
      compute = DType.of(name.substring(6));
      variable = DType.FLOAT32;
      if (!compute.isHalf()) {
        throw new ConfigException(
            "dtype: expected mixed_float16 or mixed_bfloat16. Received: '" + name + "'");
      }
    } else if (name.contains("_from_")) {
      throw new UnsupportedFeatureException(
          "dtype '" + name + "': quantized layers are not supported yet. Load the float model.");
    } else {
      compute = DType.of(name);
      variable = compute;
    }
  }

  /**
   * A policy from a config value: null (float32), a name, an envelope of any Keras, or a policy.
   */
  public static DTypePolicy of(Object v) {
    if (v == null) {
      return FLOAT32;
    }
    if (v instanceof DTypePolicy p) {
      return p;
    }
    if (v instanceof String s) {
      return s.equals("float32") ? FLOAT32 : new DTypePolicy(s);
    }
    if (Registry.isEnvelope(v)) {
      Config c = ((Config) v).config("config");
      return ofConfig(c == null ? Config.EMPTY : c);
    }
    throw new ConfigException("dtype: expected a dtype or policy. Received: " + Config.text(v));
  }

  private static DTypePolicy ofConfig(Config c) {
    if (c.has("mode")) {
      return new DTypePolicy(c.get("mode") + "_from_" + c.get("source_name"));
    }
    if (c.get("name") instanceof String s) {
      return of(s);
    }
    throw new ConfigException("dtype: expected a policy with a name. Received: " + c);
  }

  public String name() {
    return name;
  }

  /** The dtype of inputs and results. */
  public DType compute() {
    return compute;
  }

  /** The dtype of weights. */
  public DType variable() {
    return variable;
  }

  @Override
  public Config getConfig() {
    return Config.of("name", name);
  }

  @Override
  public Object serialized() {
    return Config.of(
        "module",
        "keras",
        "class_name",
        "DTypePolicy",
        "config",
        getConfig(),
        "registered_name",
        null);
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof DTypePolicy p && p.name.equals(name);
  }

  @Override
  public int hashCode() {
    return name.hashCode();
  }

  @Override
  public String toString() {
    return name;
  }
}
