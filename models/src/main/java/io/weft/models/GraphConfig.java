package io.weft.models;

import io.weft.config.Config;
import io.weft.config.Configurable;
import io.weft.config.Registry;
import io.weft.error.ConfigException;
import io.weft.layer.Layer;
import io.weft.layer.Node;
import io.weft.layer.OpOperation;
import io.weft.layer.Operation;
import io.weft.layer.Structure;
import io.weft.layers.core.InputLayer;
import io.weft.ops.OpTable;
import io.weft.ops.PublicOp;
import io.weft.tensor.KerasTensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Functional graphs as configs and back (keras-formats.md 2.2 to 2.5). */
final class GraphConfig {
  private GraphConfig() {}

  // ---------------------------------------------------------------- writing

  static Config write(Functional model) {
    ModelGraph graph = model.graph();
    NodeCodec codec = new NodeCodec(graph);
    List<Object> layers = new ArrayList<>();
    for (Operation o : graph.operations()) {
      List<Object> inbound = new ArrayList<>();
      for (Node n : graph.nodesOf(o)) {
        if (!(o instanceof InputLayer)) {
          inbound.add(
              Config.of("args", codec.encode(n.args()), "kwargs", codec.encode(n.kwargs())));
        }
      }
      Config entry = (Config) ((Configurable) o).serialized();
      layers.add(entry.with("name", o.name()).with("inbound_nodes", inbound));
    }
    return Config.of(
        "name",
        model.name(),
        "trainable",
        model.trainable(),
        "layers",
        layers,
        "input_layers",
        codec.references(model.inputs()),
        "output_layers",
        codec.references(model.outputs()));
  }

  // ---------------------------------------------------------------- reading

  /** Operations made so far by name, and their calls. */
  private static final class Made {
    final Map<String, Operation> operations = new HashMap<>();
    final Map<String, List<Node>> nodes = new HashMap<>();
  }

  static Functional read(Config config, Registry registry, String where) {
    List<Object> entries = config.list("layers");
    if (entries == null || !config.has("input_layers") || !config.has("output_layers")) {
      throw new ConfigException(
          where
              + ".config: expected layers, input_layers and output_layers. Received: "
              + config.keys());
    }
    Made made = new Made();
    Map<String, List<Config>> pending = new LinkedHashMap<>();
    for (int i = 0; i < entries.size(); i++) {
      String at = where + ".config.layers[" + i + "]";
      if (!(entries.get(i) instanceof Config entry)) {
        throw new ConfigException(at + ": expected an object");
      }
      Operation o = operation(entry, registry, at);
      String name = entry.get("name") instanceof String s ? s : o.name();
      if (made.operations.put(name, o) != null) {
        throw new ConfigException(at + ": a second operation named '" + name + "'");
      }
      List<Node> nodes = new ArrayList<>();
      made.nodes.put(name, nodes);
      if (o instanceof InputLayer in) {
        nodes.add(ModelGraph.producer(in.output()));
      }
      List<Config> calls = new ArrayList<>();
      for (Object n : entry.get("inbound_nodes") instanceof List<?> l ? l : List.of()) {
        if (!(n instanceof Config c)) {
          throw new ConfigException(at + ".inbound_nodes: expected objects with args and kwargs");
        }
        calls.add(c);
      }
      if (!calls.isEmpty() && !(o instanceof InputLayer)) {
        pending.put(name, calls);
      }
    }
    replay(made, pending, where);
    Object inputs = ends(config.get("input_layers"), made, where + ".config.input_layers");
    Object outputs = ends(config.get("output_layers"), made, where + ".config.output_layers");
    Config own = Config.EMPTY;
    for (String key : List.of("name", "trainable")) {
      if (config.get(key) != null) {
        own = own.with(key, config.get(key));
      }
    }
    return new Functional(inputs, outputs, own);
  }

  private static Operation operation(Config entry, Registry registry, String at) {
    if (!Registry.isEnvelope(entry)) {
      throw new ConfigException(at + ": expected class_name and config. Received: " + entry.keys());
    }
    String module = entry.get("module") instanceof String m ? m : "";
    if (module.startsWith("keras.src.ops")
        || module.startsWith("keras.ops")
        || module.startsWith("keras.src.activations")) {
      return op(entry, module, at);
    }
    Object o = registry.restore(entry.without("name", "inbound_nodes"), at);
    if (!(o instanceof Layer l)) {
      throw new ConfigException(
          at + ": expected a layer or op. Received: '" + entry.get("class_name") + "'");
    }
    return l;
  }

  private static Operation op(Config entry, String module, String at) {
    PublicOp op = OpTable.ofClass(module, entry.string("class_name"));
    if (op == null) {
      throw new ConfigException(
          at + ": no op '" + entry.string("class_name") + "' of " + module + " is known");
    }
    Config c = entry.config("config");
    Map<String, Object> constructor = new LinkedHashMap<>();
    String name = entry.get("name") instanceof String s ? s : null;
    for (String key : c.keys()) {
      if (key.equals("name")) {
        name = c.get("name") instanceof String s ? s : name;
      } else if (op.params().stream().anyMatch(p -> p.name().equals(key))) {
        constructor.put(key, NodeCodec.decodeConstant(c.get(key)));
      } else if (c.get(key) != null) {
        throw new ConfigException(at + ": op " + op.className() + " has no argument '" + key + "'");
      }
    }
    return new OpOperation(op, name, constructor);
  }

  private static void replay(Made made, Map<String, List<Config>> pending, String where) {
    while (!pending.isEmpty()) {
      boolean progress = false;
      for (String name : List.copyOf(pending.keySet())) {
        List<Config> calls = pending.get(name);
        while (!calls.isEmpty() && ready(calls.get(0), made, where)) {
          Config call = calls.remove(0);
          made.nodes.get(name).add(node(made.operations.get(name), call, made, where));
          progress = true;
        }
        if (calls.isEmpty()) {
          pending.remove(name);
        }
      }
      if (!progress) {
        throw new ConfigException(
            where
                + ".config: the graph has a loop or refers to calls that do not exist, at "
                + pending.keySet());
      }
    }
  }

  private static Node node(Operation o, Config call, Made made, String where) {
    try {
      return Node.call(
          o,
          (List<?>)
              Structure.map(
                  NodeCodec.decode(call.get("args"), r -> tensor(r, made, where)), x -> x),
          kwargs(call, made, where));
    } catch (io.weft.error.ShapeException e) {
      throw new ConfigException(where + ": layer '" + o.name() + "': " + e.getMessage(), e);
    }
  }

  private static Map<String, Object> kwargs(Config call, Made made, String where) {
    Map<String, Object> m = new LinkedHashMap<>();
    if (call.get("kwargs") instanceof Config c) {
      c.asMap().forEach((k, v) -> m.put(k, NodeCodec.decode(v, r -> tensor(r, made, where))));
    }
    return m;
  }

  private static boolean ready(Config call, Made made, String where) {
    for (NodeCodec.Reference r : NodeCodec.referencesIn(call)) {
      List<Node> nodes = made.nodes.get(r.layer());
      if (nodes == null) {
        throw new ConfigException(where + ".config: no layer is named '" + r.layer() + "'");
      }
      if (r.node() >= nodes.size()) {
        return false;
      }
    }
    return true;
  }

  private static KerasTensor tensor(NodeCodec.Reference r, Made made, String where) {
    List<Node> nodes = made.nodes.get(r.layer());
    if (nodes == null
        || r.node() < 0
        || r.node() >= nodes.size()
        || r.tensor() < 0
        || r.tensor() >= nodes.get(r.node()).outputs().size()) {
      throw new ConfigException(where + ".config: there is no tensor " + r);
    }
    return nodes.get(r.node()).outputs().get(r.tensor());
  }

  /** The structure of inputs or outputs; a leaf is a list of a name and two indices. */
  private static Object ends(Object v, Made made, String where) {
    NodeCodec.Reference r = NodeCodec.reference(v);
    if (r != null) {
      // Keras counts the calls of a Functional from 1 here; older formats, brought up to date, from
      // 0
      int shift = made.operations.get(r.layer()) instanceof Functional && r.node() > 0 ? 1 : 0;
      return tensor(new NodeCodec.Reference(r.layer(), r.node() - shift, r.tensor()), made, where);
    }
    if (v instanceof List<?> l) {
      List<Object> out = new ArrayList<>();
      for (Object o : l) {
        out.add(ends(o, made, where));
      }
      return out;
    }
    if (v instanceof Config c) {
      Map<String, Object> out = new LinkedHashMap<>();
      c.asMap().forEach((k, o) -> out.put(k, ends(o, made, where)));
      return out;
    }
    throw new ConfigException(
        where + ": expected [name, node, tensor] or a nest of such. Received: " + Config.text(v));
  }
}
