package io.weft.conformance;

import io.weft.config.Config;
import io.weft.config.Entry;
import io.weft.config.Registry;
import io.weft.error.ConfigException;
import io.weft.layer.Layer;
import io.weft.layer.Structure;
import io.weft.systems.fusionlab.VariableSelectionNetwork;
import io.weft.tensor.Tensor;
import java.util.List;
import java.util.Map;

/**
 * Layers of the systems that the library was made for, made from their constructor arguments.
 *
 * <p>Several systems have classes of the same name, so a class is looked up by the case's {@code
 * class} and {@code system}: the system is one of the words between the dots of the package that
 * the class is registered under, such as {@code fusionlab} in {@code fusionlab.nn.components},
 * {@code crossvit} in {@code timm.crossvit} or {@code diffusers} alone.
 */
final class SystemReplay {
  private SystemReplay() {}

  static void replay(CaseFile c, Comparison compare) {
    String name = String.valueOf(c.get("class"));
    Entry<?> entry = entry(String.valueOf(c.get("system")), name);
    Layer layer = asRecorded(c, (Layer) entry.create((Config) c.get("init")));
    if (c.flag("learner")) {
      learner(c, compare, layer);
      return;
    }
    LayerReplay.run(c, compare, layer);
    if (c.value("attributes") instanceof Map<?, ?> state
        && layer instanceof VariableSelectionNetwork selection) {
      List<Tensor> in = Structure.tensors(List.of(c.value("inputs"), c.value("call_kwargs")));
      compare.outputs(
          "variable_importances_",
          List.of(selection.importances(in.get(0), in.size() > 1 ? in.get(1) : null)),
          List.of(state.get("variable_importances_")));
    }
    if (c.get("params") instanceof Config p) {
      compare.require(
          Long.valueOf(layer.countParams()).equals(p.get("total")),
          "params: " + p.get("total") + " expected, " + layer.countParams() + " came");
    }
    Config own = layer.getConfig().pure();
    Layer again = (Layer) entry.create(own);
    compare.configs("config (second)", again.getConfig().pure(), own, true);
  }

  /** The row of a system's class; the case is skipped where there is none. */
  private static Entry<?> entry(String system, String className) {
    for (Entry<?> e : Registry.standard().entries()) {
      if (e.className().equals(className)
          && Layer.class.isAssignableFrom(e.kind())
          && List.of(e.module().split("\\.")).contains(system)) {
        return e;
      }
    }
    throw new Skip(system + "'s " + className + " is not in this version");
  }

  /**
   * The layer with the options that classes have where releases of the original differ, {@code
   * layout}, and where the original has a defect, {@code defects}.
   */
  private static Layer asRecorded(CaseFile c, Layer layer) {
    Layer recorded = layer;
    String source = String.valueOf(c.get("source"));
    for (String release : List.of("0.2", "0.3", "0.5")) {
      if (source.startsWith("fusionlab-learn " + release + ".")) {
        recorded = with(recorded, "layout", "fusionlab-" + release);
      }
    }
    if (c.has("defect")) {
      Layer before = recorded;
      recorded = with(recorded, "defects", true);
      if (recorded == before) {
        throw new Skip("a defect of the original, which has no compatibility option");
      }
    }
    return recorded;
  }

  /** The layer with one more argument, if its class has that. */
  private static Layer with(Layer layer, String key, Object value) {
    return layer.declares(key) ? layer.setParams(Map.of(key, value)) : layer;
  }

  /** What the original says of its parameters; texts of what it lost are information. */
  private static void learner(CaseFile c, Comparison compare, Layer layer) {
    equal(compare, "my_params", layer.myParams(), c.get("my_params"));
    // the signature of call grew with the versions; ours is that of the newest
    if (String.valueOf(c.get("source")).contains(" 0.5")) {
      equal(compare, "call_my_params", layer.callParams(), c.get("call_my_params"));
    }
    Map<String, Object> shallow = layer.getParams(false);
    equal(compare, "param_names", List.copyOf(shallow.keySet()), result(c, "param_names"));
    if (result(c, "get_params_shallow") instanceof Config want) {
      want.asMap()
          .forEach(
              (k, v) -> {
                if (v != null) {
                  equal(compare, "get_params." + k, shallow.get(k), v);
                }
              });
    }
    equal(
        compare,
        "get_params_deep_keys",
        List.copyOf(layer.getParams(true).keySet()),
        result(c, "get_params_deep_keys"));
    if (result(c, "summary") instanceof String text && !text.contains("None")) {
      equal(compare, "summary", layer.summary(), text);
    }
    if (c.has("set_params_unknown")) {
      try {
        layer.setParams(Map.of("nonsense", 1));
        compare.fail("set_params_unknown: to be refused, was accepted");
      } catch (ConfigException e) {
        compare.require(
            e.getMessage().contains("nonsense"), "set_params_unknown: the name is not named");
      }
    }
    if (Boolean.TRUE.equals(result(c, "set_params_empty_returns_self"))) {
      compare.require(
          layer.setParams(Map.of()) == layer, "set_params_empty_returns_self: another came");
    }
  }

  private static Object result(CaseFile c, String key) {
    return c.get(key) instanceof Config r ? r.get("result") : null;
  }

  private static void equal(Comparison compare, String what, Object got, Object want) {
    if (want != null) {
      Object g = got instanceof Integer i ? (Object) (long) i : got;
      compare.require(want.equals(g), what + ": " + want + " expected, " + g + " came");
    }
  }
}
