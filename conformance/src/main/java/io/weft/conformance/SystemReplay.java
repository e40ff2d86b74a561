package io.weft.conformance;

import io.weft.config.Config;
import io.weft.config.Entry;
import io.weft.config.Registry;
import io.weft.layer.Layer;
import io.weft.layer.Structure;
import io.weft.systems.diffusers.Scheduler;
import io.weft.systems.fusionlab.VariableSelectionNetwork;
import io.weft.systems.perceiver.FourierPositionEncoding;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Layers of the systems that the library was made for, made from their constructor arguments.
 *
 * <p>Several systems have classes of the same name, so a class is looked up by the case's {@code
 * class} and {@code system}: the system is one of the words between the dots of the package that
 * the class is registered under, such as {@code fusionlab} in {@code fusionlab.nn.components},
 * {@code crossvit} in {@code timm.crossvit} or {@code diffusers} alone.
 */
final class SystemReplay {
  private static final Pattern OUTPUT_SIZE = Pattern.compile("output_size (\\d+) x (\\d+)");

  private SystemReplay() {}

  static void replay(CaseFile c, Comparison compare) {
    if (c.flag("function")) {
      SystemFunctionReplay.replay(c, compare);
      return;
    }
    if (c.flag("learner")) {
      LearnerReplay.replay(c, compare);
      return;
    }
    if (c.has("tables")) {
      SchedulerReplay.replay(c, compare, entry(c, Scheduler.class));
      return;
    }
    Entry<?> entry = entry(c, Layer.class);
    Layer layer = asRecorded(c, (Layer) entry.create((Config) c.get("init")));
    Matcher size = OUTPUT_SIZE.matcher(String.valueOf(c.get("note")));
    if (size.find()) {
      c.addCallArgument(
          "output_size", List.of(Integer.valueOf(size.group(1)), Integer.valueOf(size.group(2))));
    }
    if (layer instanceof FourierPositionEncoding fourier) {
      positions(c, compare, fourier);
    } else {
      LayerReplay.run(c, compare, layer);
    }
    if (c.value("attributes") instanceof Map<?, ?> state
        && layer instanceof VariableSelectionNetwork selection) {
      List<Tensor> in = Structure.tensors(List.of(c.value("inputs"), c.value("call_kwargs")));
      compare.outputs(
          "variable_importances_",
          List.of(selection.importances(in.get(0), in.size() > 1 ? in.get(1) : null)),
          List.of(state.get("variable_importances_")));
    }
    if (c.get("params") instanceof Config p) {
      long count = layer.countParams() + (TorchLayout.of(c) ? TorchLayout.tied(c, layer) : 0);
      compare.require(
          Long.valueOf(count).equals(p.get("total")),
          "params: " + p.get("total") + " expected, " + count + " came");
    }
    Config own = layer.getConfig().pure();
    Layer again = (Layer) entry.create(own);
    compare.configs("config (second)", again.getConfig().pure(), own, true);
  }

  /**
   * The table of a position encoding. The recording holds element 0 of what the original gives,
   * which without {@code concat_pos} has no batch axis, so that element 0 is the first position.
   */
  private static void positions(CaseFile c, Comparison compare, FourierPositionEncoding fourier) {
    Tensor table = fourier.table();
    boolean batched = !Boolean.FALSE.equals(((Config) c.get("init")).get("concat_pos"));
    Tensor recorded = batched ? table : Ops.take(table, Tensor.scalar(0), 0);
    compare.outputs("outputs", List.of(recorded), Structure.leaves(c.value("outputs")));
  }

  /** The row of a system's class; the case is skipped where there is none. */
  static Entry<?> entry(CaseFile c, Class<?> kind) {
    String system = String.valueOf(c.get("system"));
    String className = String.valueOf(c.get("class"));
    for (Entry<?> e : Registry.standard().entries()) {
      if (e.className().equals(className)
          && kind.isAssignableFrom(e.kind())
          && List.of(e.module().split("\\.")).contains(system)) {
        return e;
      }
    }
    throw new Skip(system + "'s " + className + " is not in this version");
  }

  /**
   * The layer with the options that classes have where releases of the original differ, {@code
   * layout}, where the original has a defect, {@code defects}, and where the case holds
   * probabilities, {@code returnProbabilities}.
   */
  static Layer asRecorded(CaseFile c, Layer layer) {
    Layer recorded = layer;
    String source = String.valueOf(c.get("source"));
    for (String release : List.of("0.2", "0.3", "0.5")) {
      if (source.startsWith("fusionlab-learn " + release + ".")) {
        recorded = with(recorded, "layout", "fusionlab-" + release);
      }
    }
    if (c.get("processor") instanceof String p && !p.equals("added_kv")) {
      recorded = with(recorded, "processor", p.equals("fused") ? "scaled_dot_product" : p);
    }
    if (c.get("outputs") instanceof Config o && o.has("probabilities")) {
      recorded = with(recorded, "returnProbabilities", true);
    }
    // SelfDoc's arguments do not tell its two attentions apart, the note does
    if (String.valueOf(c.get("note")).contains("value from input 0, key from input 1")) {
      recorded = with(recorded, "sources", List.of(0, 1, 0));
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
}
