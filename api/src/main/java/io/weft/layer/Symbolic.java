package io.weft.layer;

import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.tensor.TensorSpec;
import io.weft.tensor.Trace;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Shapes and dtypes of results where some sizes are unknown: the function is captured with two fill
 * sizes in place of the unknown ones; what differs between the two is unknown. Nothing is computed,
 * and updates of variables are discarded.
 */
public final class Symbolic {
  /** Two primes that are unlikely as real sizes. */
  private static final int[] FILL = {211, 223};

  private static final ThreadLocal<Integer> ACTIVE = new ThreadLocal<>();

  private Symbolic() {}

  /** Specs of the results for partially known specs of the arguments. */
  public static List<TensorSpec> infer(
      List<TensorSpec> in, Function<List<Tensor>, List<Tensor>> body) {
    boolean known = in.stream().allMatch(s -> s.shape().isKnown());
    List<TensorSpec> a = probe(in, body, FILL[0]);
    if (known) {
      return a;
    }
    List<TensorSpec> b = probe(in, body, FILL[1]);
    List<TensorSpec> out = new ArrayList<>();
    for (int i = 0; i < a.size(); i++) {
      int[] d = a.get(i).shape().dims();
      for (int j = 0; j < d.length; j++) {
        if (d[j] != b.get(i).shape().dim(j)) {
          d[j] = Shape.UNKNOWN;
        }
      }
      out.add(new TensorSpec(Shape.of(d), a.get(i).dtype()));
    }
    return out;
  }

  private static List<TensorSpec> probe(
      List<TensorSpec> in, Function<List<Tensor>, List<Tensor>> body, int fill) {
    Integer old = ACTIVE.get();
    ACTIVE.set(fill);
    try {
      List<TensorSpec> filled = new ArrayList<>();
      for (TensorSpec s : in) {
        filled.add(new TensorSpec(s.shape().filled(fill), s.dtype()));
      }
      List<TensorSpec> out = new ArrayList<>();
      Trace.capture(
          filled,
          ts -> {
            List<Tensor> r = body.apply(ts);
            r.forEach(t -> out.add(t.spec()));
            return List.of();
          });
      return out;
    } finally {
      if (old == null) {
        ACTIVE.remove();
      } else {
        ACTIVE.set(old);
      }
    }
  }

  /** A shape seen inside a probe, with the fill size made unknown again. */
  static Shape unfilled(Shape s) {
    Integer fill = ACTIVE.get();
    if (fill == null) {
      return s;
    }
    int[] d = s.dims();
    for (int i = 0; i < d.length; i++) {
      d[i] = d[i] == fill ? Shape.UNKNOWN : d[i];
    }
    return Shape.of(d);
  }

  /** True while a probe runs on this thread. */
  public static boolean isActive() {
    return ACTIVE.get() != null;
  }
}
