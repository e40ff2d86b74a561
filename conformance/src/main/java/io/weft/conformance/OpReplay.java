package io.weft.conformance;

import io.weft.autodiff.GradientTape;
import io.weft.error.UnsupportedFeatureException;
import io.weft.layer.Structure;
import io.weft.layer.Symbolic;
import io.weft.ops.OpTable;
import io.weft.ops.PublicOp;
import io.weft.tensor.HostArray;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;
import io.weft.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/** One call of a function of Keras: of its ops, activations, losses and metrics. */
final class OpReplay {
  private OpReplay() {}

  static void replay(CaseFile c, Comparison compare) {
    String name = String.valueOf(c.get("op"));
    String function =
        name.startsWith("keras.ops.") ? name.substring(10) : name.replaceFirst("^keras\\.", "");
    if (FunctionReplay.holds(function)) {
      functions(c, compare, function);
      return;
    }
    PublicOp op;
    try {
      op = OpTable.function(function);
    } catch (UnsupportedFeatureException e) {
      throw new Skip(e.getMessage());
    }
    List<Object> args = Comparison.list(c.value("args"));
    Map<String, Object> kwargs = Comparison.map(c.value("kwargs"));
    if (Structure.leaves(List.of(args, kwargs)).stream().anyMatch(TensorSpec.class::isInstance)) {
      symbolic(c, compare, op, args, kwargs);
      return;
    }
    List<Tensor> sources = Structure.tensors(List.of(args, kwargs));
    try (GradientTape tape = GradientTape.open()) {
      Object out = op.call(op.bind(args, kwargs));
      compare.outputs("outputs", hosts(out), c.value("outputs"));
      if (c.has("grads")) {
        gradients(c, compare, tape, out, args, kwargs, sources);
      }
    }
  }

  private static void functions(CaseFile c, Comparison compare, String function) {
    List<Object> args = Comparison.list(c.value("args"));
    Map<String, Object> kwargs = Comparison.map(c.value("kwargs"));
    List<Tensor> sources = Structure.tensors(List.of(args, kwargs));
    try (GradientTape tape = GradientTape.open()) {
      Tensor out = FunctionReplay.call(function, args, kwargs);
      compare.outputs("outputs", List.of(out), c.value("outputs"));
      if (c.has("grads")) {
        gradients(c, compare, tape, out, args, kwargs, sources);
      }
    }
  }

  /** Arrays among results that are numbers of the host. */
  private static Object hosts(Object out) {
    return Structure.map(
        out,
        o ->
            o instanceof HostArray a
                ? Tensor.of(a)
                : o instanceof Integer i ? (Object) (long) i : o);
  }

  private static void gradients(
      CaseFile c,
      Comparison compare,
      GradientTape tape,
      Object out,
      List<Object> args,
      Map<String, Object> kwargs,
      List<Tensor> sources) {
    List<Tensor> targets = new ArrayList<>();
    List<Tensor> seeds = new ArrayList<>();
    List<Object> leaves = Structure.leaves(out);
    List<Object> dout = Structure.leaves(c.value("dout"));
    for (int i = 0; i < Math.min(leaves.size(), dout.size()); i++) {
      if (leaves.get(i) instanceof Tensor t
          && t.dtype().isFloating()
          && dout.get(i) instanceof Tensor d) {
        targets.add(t);
        seeds.add(Ops.cast(d, t.dtype()));
      }
    }
    List<Tensor> g = tape.gradients(targets, seeds, sources);
    Map<Object, Tensor> of = new IdentityHashMap<>();
    for (int i = 0; i < sources.size(); i++) {
      of.put(sources.get(i), g.get(i));
    }
    Map<String, Object> expected = Comparison.map(c.value("grads"));
    nest(compare, "grads", args, expected.get("inputs"), of);
    if (expected.get("kwargs") instanceof Map<?, ?> kw) {
      kw.forEach((k, e) -> nest(compare, "grads." + k, kwargs.get(k), e, of));
    }
  }

  private static void nest(
      Comparison compare, String what, Object args, Object expected, Map<Object, Tensor> of) {
    if (args instanceof List<?> a && expected instanceof List<?> e) {
      for (int i = 0; i < Math.min(a.size(), e.size()); i++) {
        nest(compare, what + "[" + i + "]", a.get(i), e.get(i), of);
      }
    } else if (args instanceof Tensor t) {
      LayerReplay.gradient(compare, what, of.get(t), expected);
    }
  }

  private static void symbolic(
      CaseFile c, Comparison compare, PublicOp op, List<Object> args, Map<String, Object> kwargs) {
    List<Object> nest = List.of(args, kwargs);
    List<TensorSpec> specs = new ArrayList<>();
    for (Object o : Structure.leaves(nest)) {
      if (o instanceof TensorSpec s) {
        specs.add(s);
      }
    }
    List<TensorSpec> out =
        Symbolic.inferOp(
            specs,
            ts -> {
              Iterator<Tensor> it = ts.iterator();
              List<Object> replaced =
                  Comparison.list(
                      Structure.map(nest, o -> o instanceof TensorSpec ? it.next() : o));
              return PublicOp.tensors(
                  op.call(
                      op.bind(Comparison.list(replaced.get(0)), Comparison.map(replaced.get(1)))));
            });
    compare.outputs("outputs", out, c.value("outputs"));
  }
}
