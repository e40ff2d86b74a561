package io.weft.conformance;

import io.weft.autodiff.GradientTape;
import io.weft.config.Config;
import io.weft.config.Configurable;
import io.weft.layer.CallContext;
import io.weft.layer.Layer;
import io.weft.layer.Structure;
import io.weft.models.Model;
import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.tensor.TensorSpec;
import io.weft.tensor.Variable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/** One layer: outputs, gradients, masks, losses, state, shapes, config. */
final class LayerReplay {
  private LayerReplay() {}

  static void replay(CaseFile c, Comparison compare) {
    Config envelope = (Config) c.get("object");
    Layer layer = (Layer) Replay.restore(envelope.without("build_config"));
    run(c, compare, layer);
    if (!c.has("error")) {
      roundTrip(compare, layer, envelope);
    }
  }

  /** Everything but the config; also for the layers of systems. */
  static void run(CaseFile c, Comparison compare, Layer layer) {
    if (c.get("build_shape") instanceof List<?> l) {
      layer.build(CaseFile.shape(l));
    }
    if (c.has("build_args") || c.has("build_kwargs")) {
      build(c, layer);
      return;
    }
    if (!c.has("inputs")) {
      shapesOnly(c, compare, layer);
      return;
    }
    List<Object> inputs = Comparison.list(masked(c));
    Map<String, Object> kwargs = Comparison.map(c.value("call_kwargs"));
    if (inputs.isEmpty() && kwargs.isEmpty() && c.has("error")) {
      return;
    }
    if (containsSpecs(inputs) || containsSpecs(kwargs)) {
      infer(layer, inputs, kwargs);
      return;
    }
    buildFor(layer, inputs, kwargs);
    setWeights(c, compare, layer);
    List<Variable> weights = layer.weights();
    List<Variable> trainable = weights.stream().filter(Variable::trainable).toList();
    List<Tensor> sources = new ArrayList<>();
    Structure.tensors(List.of(inputs, kwargs)).forEach(sources::add);
    int arrays = sources.size();
    List<Tensor> out;
    List<Tensor> losses;
    List<Tensor> grads = null;
    try (GradientTape tape = GradientTape.open()) {
      out = layer.invoke(inputs, kwargs);
      losses = layer.losses();
      trainable.forEach(v -> sources.add(v.concrete())); // after the call: it may assign weights
      if (c.has("grads") && !c.flag("random")) {
        grads = gradients(c, tape, out, losses, sources);
      }
    } finally {
      CallContext.clear();
    }
    if (c.flag("random")) {
      RandomProperties.check(c, compare, layer, out);
    } else {
      compare.outputs("outputs", out, flat(c.value("outputs")));
    }
    if (c.has("output_masks")) {
      List<Object> masks = new ArrayList<>();
      out.forEach(t -> masks.add(t.mask()));
      compare.outputs("output_masks", masks, flat(c.value("output_masks")));
    }
    if (c.has("losses")) {
      compare.outputs("losses", losses, c.value("losses"));
    }
    if (grads != null) {
      compareGradients(c, compare, inputs, kwargs, grads);
      if (TorchLayout.of(c)) {
        Map<Variable, Tensor> of = new IdentityHashMap<>();
        for (int i = 0; i < trainable.size(); i++) {
          of.put(trainable.get(i), grads.get(arrays + i));
        }
        TorchLayout.gradients(c, compare, layer, of, Comparison.map(c.value("grads")));
      } else {
        weightGradients(c, compare, grads, arrays);
      }
    }
    if (c.has("weights_after")) {
      List<Object> after = new ArrayList<>();
      weights.forEach(v -> after.add(v.concrete()));
      compare.outputs("weights_after", after, weightArrays(c, "weights_after"));
    }
    then(c, compare, layer);
    shapes(c, compare, layer, inputs, kwargs);
  }

  /** Builds for shapes that the layer is to refuse. */
  private static void build(CaseFile c, Layer layer) {
    List<Shape> shapes = new ArrayList<>();
    collectShapes(c.get("build_args"), shapes);
    collectShapes(c.get("build_kwargs"), shapes);
    layer.build(shapes.toArray(Shape[]::new));
  }

  // ---------------------------------------------------------------- calling

  private static Object masked(CaseFile c) {
    Object inputs = c.value("inputs");
    Object masks = c.value("input_masks");
    if (masks == null) {
      return inputs;
    }
    Iterator<Object> m = Structure.leaves(masks).iterator();
    return Structure.map(
        inputs,
        t -> {
          Object mask = m.hasNext() ? m.next() : null;
          return t instanceof Tensor x && mask instanceof Tensor k ? x.withMask(k) : t;
        });
  }

  private static boolean containsSpecs(Object nest) {
    return Structure.leaves(nest).stream().anyMatch(TensorSpec.class::isInstance);
  }

  /** Makes the weights for these inputs without computing or changing anything. */
  static void buildFor(Layer layer, List<Object> inputs, Map<String, Object> kwargs) {
    infer(layer, inputs, kwargs);
  }

  /** Result specs of a call whose leaves are tensors or specs. */
  static List<TensorSpec> infer(Layer layer, List<?> inputs, Map<String, ?> kwargs) {
    List<Object> nest = List.of(inputs, kwargs);
    List<TensorSpec> specs = new ArrayList<>();
    List<Object> keys = new ArrayList<>();
    for (Object o : Structure.leaves(nest)) {
      if (o instanceof Tensor t && t.dtype() != DType.STRING) {
        specs.add(t.spec());
        keys.add(o);
      } else if (o instanceof TensorSpec s) {
        specs.add(s);
        keys.add(o);
      }
    }
    return layer.infer(
        specs,
        ts -> {
          Iterator<Tensor> it = ts.iterator();
          Object replaced =
              Structure.map(
                  nest,
                  o -> {
                    if (o instanceof Tensor t && t.dtype() != DType.STRING) {
                      Tensor r = it.next();
                      return t.mask() == null ? r : r.withMask(t.mask());
                    }
                    return o instanceof TensorSpec ? it.next() : o;
                  });
          List<Object> parts = Comparison.list(replaced);
          return layer.invoke(Comparison.list(parts.get(0)), Comparison.map(parts.get(1)));
        });
  }

  private static void setWeights(CaseFile c, Comparison compare, Layer layer) {
    if (TorchLayout.of(c)) {
      TorchLayout.setWeights(c, layer);
      return;
    }
    if (!c.has("weights")) {
      return;
    }
    List<Object> arrays = weightArrays(c, "weights");
    List<Variable> vars = recordedOrder(c, layer);
    if (vars.size() != arrays.size()) {
      compare.fail("weights: " + arrays.size() + " expected, " + vars + " came");
    }
    Map<Variable, Tensor> values = new IdentityHashMap<>();
    for (int i = 0; i < arrays.size() && i < vars.size(); i++) {
      Tensor t = (Tensor) arrays.get(i);
      values.put(vars.get(i), t == null ? vars.get(i).concrete() : t);
    }
    layer.setWeights(layer.weights().stream().map(values::get).toList());
  }

  /** Keras 2 lists the trainable weights first: of a layer, or of each part of a model. */
  private static List<Variable> recordedOrder(CaseFile c, Layer layer) {
    if (!String.valueOf(c.get("source")).contains("keras 2.")) {
      return layer.weights();
    }
    List<List<Variable>> parts = new ArrayList<>();
    if (layer instanceof Model) {
      layer.children().values().forEach(p -> parts.add(weights(p)));
    } else {
      parts.add(new ArrayList<>(layer.weights()));
    }
    List<Variable> out = new ArrayList<>();
    for (List<Variable> part : parts) {
      part.sort(Comparator.comparing(v -> !v.trainable()));
      out.addAll(part);
    }
    return out;
  }

  private static List<Variable> weights(Object part) {
    List<Variable> out = new ArrayList<>();
    for (Object l : part instanceof List<?> list ? list : List.of(part)) {
      out.addAll(((Layer) l).weights());
    }
    return out;
  }

  static List<Object> weightArrays(CaseFile c, String key) {
    List<Object> out = new ArrayList<>();
    for (Object w : Comparison.list(c.get(key))) {
      Config e = (Config) w;
      out.add(c.decode(e.get("array") instanceof String s ? ref(s, e) : null));
    }
    return out;
  }

  private static Config ref(String array, Config entry) {
    Config r = Config.of("array", array);
    return entry.has("as") ? r.with("as", entry.get("as")) : r;
  }

  private static List<Object> flat(Object nest) {
    return Structure.leaves(nest);
  }

  // ---------------------------------------------------------------- gradients

  private static List<Tensor> gradients(
      CaseFile c, GradientTape tape, List<Tensor> out, List<Tensor> losses, List<Tensor> sources) {
    List<Tensor> targets = new ArrayList<>();
    List<Tensor> seeds = new ArrayList<>();
    List<Object> dout = flat(c.value("dout"));
    for (int i = 0; i < out.size() && i < dout.size(); i++) {
      if (out.get(i).dtype().isFloating() && dout.get(i) instanceof Tensor d) {
        targets.add(out.get(i));
        seeds.add(Ops.cast(d, out.get(i).dtype()));
      }
    }
    if (c.flag("include_losses")) {
      for (Tensor l : losses) {
        targets.add(l);
        seeds.add(null);
      }
    }
    return tape.gradients(targets, seeds, sources);
  }

  private static void compareGradients(
      CaseFile c,
      Comparison compare,
      List<Object> inputs,
      Map<String, Object> kwargs,
      List<Tensor> grads) {
    Map<Object, Tensor> of = new IdentityHashMap<>();
    List<Tensor> leaves = Structure.tensors(List.of(inputs, kwargs));
    for (int i = 0; i < leaves.size(); i++) {
      of.put(leaves.get(i), grads.get(i));
    }
    Map<String, Object> expected = Comparison.map(c.value("grads"));
    gradNest(compare, "grads.inputs", inputs, expected.get("inputs"), of);
    if (c.has("grads_call_kwargs")) {
      Map<String, Object> kw = Comparison.map(c.value("grads_call_kwargs"));
      kw.forEach((k, e) -> gradNest(compare, "grads." + k, kwargs.get(k), e, of));
    }
  }

  private static void weightGradients(
      CaseFile c, Comparison compare, List<Tensor> grads, int arrays) {
    Map<String, Object> expected = Comparison.map(c.value("grads"));
    if (expected.get("weights") instanceof List<?> w) {
      for (int i = 0; i < w.size(); i++) {
        Tensor g = arrays + i < grads.size() ? grads.get(arrays + i) : null;
        gradient(compare, "grads.weights[" + i + "]", g, w.get(i));
      }
    }
    if (expected.get("weight_norms") instanceof Tensor norms) {
      weightNorms(compare, grads.subList(arrays, grads.size()), norms);
    }
  }

  /** Sum and L2 norm of each weight's gradient, of models with many weights. */
  private static void weightNorms(Comparison compare, List<Tensor> grads, Tensor norms) {
    compare.require(
        grads.size() == norms.dim(0),
        "grads.weight_norms: " + norms.dim(0) + " expected, " + grads.size() + " came");
    List<Tensor> rows = new ArrayList<>();
    for (Tensor g : grads) {
      Tensor some = g == null ? Tensor.scalar(0f) : g;
      rows.add(Ops.stack(List.of(Ops.sum(some), Ops.sqrt(Ops.sum(Ops.square(some)))), 0));
    }
    compare.gradients("grads.weight_norms", Ops.stack(rows, 0), norms);
  }

  private static void gradNest(
      Comparison compare, String what, Object inputs, Object expected, Map<Object, Tensor> of) {
    List<Object> in = Structure.leaves(inputs);
    List<Object> ex = Structure.leaves(expected);
    if (in.size() != ex.size()) {
      return;
    }
    for (int i = 0; i < in.size(); i++) {
      if (in.get(i) instanceof Tensor) {
        gradient(compare, what + "[" + i + "]", of.get(in.get(i)), ex.get(i));
      }
    }
  }

  static void gradient(Comparison compare, String what, Tensor actual, Object expected) {
    if (!(expected instanceof Tensor e)) {
      compare.noGradient(what, actual);
    } else if (actual == null) {
      compare.noGradient(what + " (none came)", e);
    } else {
      compare.gradients(what, actual, e);
    }
  }

  // ---------------------------------------------------------------- further checks

  private static void then(CaseFile c, Comparison compare, Layer layer) {
    int k = 0;
    for (Object o : Comparison.list(c.get("then"))) {
      Config step = (Config) o;
      List<Object> in = Comparison.list(c.decode(step.get("inputs")));
      List<Tensor> out = layer.invoke(in, Comparison.map(c.decode(step.get("call_kwargs"))));
      compare.outputs("then[" + k++ + "]", out, flat(c.decode(step.get("outputs"))));
    }
  }

  private static void shapes(
      CaseFile c,
      Comparison compare,
      Layer layer,
      List<Object> inputs,
      Map<String, Object> kwargs) {
    if (c.has("output_shape") && c.has("input_shape")) {
      List<TensorSpec> out = inferShapes(layer, inputs, kwargs, c.get("input_shape"));
      compareShapes(compare, "output_shape", out, c.get("output_shape"));
      if (c.has("output_dtype")) {
        List<Object> dtypes = Structure.leaves(c.get("output_dtype"));
        for (int i = 0; i < Math.min(dtypes.size(), out.size()); i++) {
          compare.require(
              out.get(i).dtype().kerasName().equals(dtypes.get(i)),
              "output_dtype: " + dtypes.get(i) + " expected, " + out.get(i).dtype() + " came");
        }
      }
    }
    for (Object o : Comparison.list(c.get("partial_shapes"))) {
      Config p = (Config) o;
      List<TensorSpec> out = inferShapes(layer, inputs, kwargs, p.get("input_shape"));
      compareShapes(compare, "partial_shapes " + p.get("input_shape"), out, p.get("output_shape"));
    }
  }

  /** The call's specs with its inputs' shapes replaced by the given ones. */
  private static List<TensorSpec> inferShapes(
      Layer layer, List<Object> inputs, Map<String, Object> kwargs, Object shapes) {
    List<Shape> flat = new ArrayList<>();
    collectShapes(shapes, flat);
    Iterator<Shape> it = flat.iterator();
    Object specs =
        Structure.map(
            inputs,
            o -> o instanceof Tensor t && it.hasNext() ? new TensorSpec(it.next(), t.dtype()) : o);
    Object given = kwargs;
    return infer(layer, Comparison.list(specs), withoutBatchConstants(inputs, given));
  }

  /** Keyword tensors whose first size is the batch size of the first input, with it unknown. */
  private static Map<String, Object> withoutBatchConstants(List<Object> inputs, Object kwargs) {
    List<Tensor> in = Structure.tensors(inputs);
    int batch = in.isEmpty() || in.get(0).rank() == 0 ? -1 : in.get(0).dim(0);
    return Comparison.map(
        Structure.map(
            kwargs,
            o ->
                o instanceof Tensor t && t.rank() > 0 && t.dim(0) == batch
                    ? new TensorSpec(t.shape().withDim(0, Shape.UNKNOWN), t.dtype())
                    : o));
  }

  static void collectShapes(Object v, List<Shape> out) {
    if (CaseFile.isShape(v)) {
      out.add(CaseFile.shape((List<?>) v));
    } else if (v instanceof List<?> l) {
      l.forEach(e -> collectShapes(e, out));
    } else if (v instanceof Config c) {
      new java.util.TreeMap<>(c.asMap()).values().forEach(e -> collectShapes(e, out));
    }
  }

  private static void compareShapes(
      Comparison compare, String what, List<TensorSpec> actual, Object expected) {
    List<Shape> want = new ArrayList<>();
    collectShapes(expected, want);
    List<Shape> got = actual.stream().map(TensorSpec::shape).toList();
    compare.require(got.equals(want), what + ": " + want + " expected, " + got + " came");
  }

  /** Cases without arrays: the layer is called on symbolic inputs. */
  private static void shapesOnly(CaseFile c, Comparison compare, Layer layer) {
    List<Object> inputs = new ArrayList<>();
    Iterator<Object> dtypes = Structure.leaves(c.get("input_dtype")).iterator();
    for (Object s : Comparison.list(c.get("input_shape"))) {
      inputs.add(specs(s, dtypes));
    }
    List<TensorSpec> out = infer(layer, inputs, Comparison.map(c.value("call_kwargs")));
    compareShapes(compare, "output_shape", out, c.get("output_shape"));
    if (c.get("weight_shapes") instanceof List<?> w) {
      List<Shape> want = new ArrayList<>();
      w.forEach(s -> want.add(CaseFile.shape((List<?>) s)));
      List<Shape> got = layer.weights().stream().map(Variable::shape).toList();
      compare.require(got.equals(want), "weight_shapes: " + want + " expected, " + got + " came");
    }
  }

  private static Object specs(Object shape, Iterator<Object> dtypes) {
    if (CaseFile.isShape(shape)) {
      Object d = dtypes.hasNext() ? dtypes.next() : "float32";
      return new TensorSpec(
          CaseFile.shape((List<?>) shape), DType.of(d instanceof String s ? s : "float32"));
    }
    List<Object> l = new ArrayList<>();
    Comparison.list(shape).forEach(s -> l.add(specs(s, dtypes)));
    return l;
  }

  /** The config is as recorded, and an object made of it has the same one. */
  static void roundTrip(Comparison compare, Configurable object, Config envelope) {
    Config own = object.getConfig().pure();
    compare.configs("config", own, envelope.get("config"), true);
    Object again = Replay.restore(envelope.with("config", own).without("build_config"));
    compare.configs("config (second)", ((Configurable) again).getConfig().pure(), own, true);
  }
}
