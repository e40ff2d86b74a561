package io.weft.serialization.legacy;

import io.weft.config.Config;
import io.weft.config.Entry;
import io.weft.config.Registry;
import io.weft.layer.Layer;
import io.weft.ops.OpTable;
import io.weft.ops.PublicOp;
import java.util.Map;
import java.util.Set;

/** The modules that Keras 3 notes beside class names and Keras 2 does not. */
final class Modules {
  private static final Map<String, String> RENAMED =
      Map.of(
          "RandomNormalV2", "RandomNormal",
          "RandomUniformV2", "RandomUniform",
          "TruncatedNormalV2", "TruncatedNormal",
          "OrthogonalInitializer", "Orthogonal",
          "IdentityInitializer", "Identity",
          "RadialConstraint", "RadialConstraint");

  /** The layers whose configs do not say whether they are trainable. */
  private static final Set<String> UNTRAINABLE =
      Set.of(
          "InputLayer",
          "SpatialDropout1D",
          "SpatialDropout2D",
          "SpatialDropout3D",
          "Discretization",
          "HashedCrossing",
          "Pipeline");

  private Modules() {}

  /** The module of a layer class, of an op class of Keras 3's HDF5 files, or null if unknown. */
  static String ofLayer(String name, Config config, String module, int generation) {
    // layers say whether they are trainable, ops of the same names never do
    boolean layer = config.has("trainable") || UNTRAINABLE.contains(name);
    if (generation >= 3 && module == null && !layer) {
      PublicOp op = OpTable.ofClass("keras.src.ops.numpy", name);
      if (op != null && op.module() != null) {
        return op.module();
      }
    }
    Entry<?> e = Registry.standard().find(Layer.class, name);
    if (e != null) {
      return e.module();
    }
    return module != null && module.contains("keras") ? "keras.layers" : module;
  }

  /** An initializer, regularizer, constraint, activation or schedule without a module. */
  static Config component(String key, Config c) {
    String module = c.get("module") instanceof String m ? m : null;
    if (module == null || module.contains("keras")) {
      if (key.endsWith("initializer")) {
        module = "keras.initializers";
      } else if (key.endsWith("regularizer")) {
        module = "keras.regularizers";
      } else if (key.endsWith("constraint")) {
        module = "keras.constraints";
      } else if (key.equals("learning_rate")) {
        module = "keras.optimizers.schedules";
      } else if (key.endsWith("activation")) {
        module = "keras.layers";
      }
    }
    String name = c.string("class_name");
    Config config = c.get("config") instanceof Config inner ? inner : Config.EMPTY;
    if ("keras.initializers".equals(module)) {
      config = config.without("dtype");
      if (name.equals("VarianceScaling") && "normal".equals(config.get("distribution"))) {
        config = config.with("distribution", "truncated_normal");
      }
    }
    if (config.has("name") && config.get("name") == null) {
      config = config.without("name");
    }
    return Config.of(
        "module",
        module,
        "class_name",
        RENAMED.getOrDefault(name, name),
        "config",
        config,
        "registered_name",
        name.contains(">") ? name : null);
  }
}
