package io.weft.autodiff;

import io.weft.error.ShapeException;
import io.weft.error.UnsupportedFeatureException;
import io.weft.tensor.Ops;
import io.weft.tensor.Tape;
import io.weft.tensor.Tensor;
import io.weft.tensor.Vjp;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The reverse walk. Gradients of a value that is used several times are added in a fixed order. */
public final class Gradients {
  private Gradients() {}

  /** See {@link GradientTape#gradients}. */
  public static List<Tensor> of(
      List<Tape.Entry> entries, List<Tensor> outputs, List<Tensor> seeds, List<Tensor> sources) {
    Set<Tensor> reached = Collections.newSetFromMap(new IdentityHashMap<>());
    for (Tensor s : sources) {
      reached.add(s.identity());
    }
    List<Tape.Entry> live = new ArrayList<>();
    for (Tape.Entry e : entries) {
      if (e.inputs().stream().anyMatch(t -> reached.contains(t.identity()))) {
        live.add(e);
        e.outputs().stream()
            .filter(t -> t.dtype().isFloating())
            .forEach(t -> reached.add(t.identity()));
      }
    }
    Map<Tensor, Tensor> grads = new IdentityHashMap<>();
    for (int i = 0; i < outputs.size(); i++) {
      Tensor o = outputs.get(i);
      Tensor seed = seeds == null ? null : seeds.get(i);
      add(grads, o, seed == null ? Ops.ones(o.shape(), o.dtype()) : seed);
    }
    for (int i = live.size() - 1; i >= 0; i--) {
      backward(live.get(i), reached, grads);
    }
    List<Tensor> result = new ArrayList<>();
    for (Tensor s : sources) {
      result.add(grads.get(s.identity()));
    }
    return result;
  }

  private static void backward(Tape.Entry e, Set<Tensor> reached, Map<Tensor, Tensor> grads) {
    List<Tensor> out = e.outputs();
    Tensor[] dout = new Tensor[out.size()];
    boolean any = false;
    for (int i = 0; i < dout.length; i++) {
      dout[i] = grads.get(out.get(i).identity());
      any |= dout[i] != null;
    }
    if (!any) {
      return;
    }
    boolean[] needs = new boolean[e.inputs().size()];
    for (int i = 0; i < needs.length; i++) {
      Tensor t = e.inputs().get(i);
      needs[i] = t.dtype().isFloating() && reached.contains(t.identity());
    }
    List<Tensor> g = e.op().vjp(new Vjp(e.inputs(), out, dout, needs));
    if (g == null) {
      g = ofDecomposition(e, dout);
    }
    if (g.size() != needs.length) {
      throw new IllegalStateException(
          e.op().name() + ": vjp gave " + g.size() + " gradients for " + needs.length + " inputs");
    }
    for (int i = 0; i < needs.length; i++) {
      if (needs[i] && g.get(i) != null) {
        add(grads, e.inputs().get(i), g.get(i));
      }
    }
  }

  private static List<Tensor> ofDecomposition(Tape.Entry e, Tensor[] dout) {
    try (GradientTape tape = GradientTape.open()) {
      List<Tensor> all = e.op().decompose(e.inputs());
      if (all == null) {
        throw new UnsupportedFeatureException(
            e.op().name()
                + ": has no derivative. Stop the gradient before it with Ops.stopGradient.");
      }
      List<Tensor> outputs = new ArrayList<>();
      List<Tensor> seeds = new ArrayList<>();
      for (int i = 0; i < dout.length; i++) {
        if (dout[i] != null) {
          outputs.add(all.get(i));
          seeds.add(dout[i]);
        }
      }
      return tape.gradients(outputs, seeds, e.inputs());
    }
  }

  private static void add(Map<Tensor, Tensor> grads, Tensor of, Tensor g) {
    if (!g.spec().equals(of.spec())) {
      throw new ShapeException(
          "gradient: expected " + of.spec() + " as the value has. Received: " + g.spec());
    }
    grads.merge(of.identity(), g, (a, b) -> Ops.add(a, b));
  }
}
