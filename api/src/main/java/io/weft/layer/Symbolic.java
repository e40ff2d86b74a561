package io.weft.layer;

import io.weft.error.ConfigException;
import io.weft.error.ShapeException;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.tensor.TensorSpec;
import io.weft.tensor.Trace;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/**
 * Shapes and dtypes of results where some sizes are unknown: the function is captured with two fill
 * sizes in place of the unknown ones; what differs between the two is unknown. Nothing is computed,
 * and updates of variables are discarded.
 */
public final class Symbolic {
  /** Two primes that are unlikely as real sizes. */
  private static final int[] FILL = {211, 223};

  /** Two sizes that can be cut into up to 8 pieces, or 10 or 12. */
  private static final int[] DIVISIBLE = {840, 1680};

  /** How many choices of sizes are tried for one op. */
  private static final int ATTEMPTS = 400;

  private static final ThreadLocal<Integer> ACTIVE = new ThreadLocal<>();

  private Symbolic() {}

  /** Specs of the results for partially known specs of the arguments. */
  public static List<TensorSpec> infer(
      List<TensorSpec> in, Function<List<Tensor>, List<Tensor>> body) {
    boolean known = true;
    for (TensorSpec s : in) {
      known &= s.shape().isKnown();
    }
    List<TensorSpec> a = probe(in, body, FILL[0]);
    if (known) {
      return a;
    }
    return merged(a, probe(in, body, FILL[1]));
  }

  /** What both agree on; other sizes are unknown. */
  private static List<TensorSpec> merged(List<TensorSpec> a, List<TensorSpec> b) {
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

  /**
   * {@link #infer} for ops, whose unknown sizes often follow from a known size beside them or from
   * an attribute: where the fill sizes are refused, others are tried for one unknown size, then for
   * two. What no choice suits is refused as it was at first.
   */
  public static List<TensorSpec> inferOp(
      List<TensorSpec> in, Function<List<Tensor>, List<Tensor>> body) {
    try {
      return infer(in, body);
    } catch (ShapeException | ConfigException first) {
      List<TensorSpec> out =
          in.stream().allMatch(s -> s.shape().isKnown()) ? null : search(in, body);
      if (out == null) {
        throw first;
      }
      return out;
    }
  }

  private static List<TensorSpec> search(
      List<TensorSpec> in, Function<List<Tensor>, List<Tensor>> body) {
    Set<Integer> sizes = new LinkedHashSet<>(List.of(1));
    int unknown = 0;
    for (TensorSpec s : in) {
      for (int d : s.shape().dims()) {
        unknown += d < 0 ? 1 : 0;
        if (d > 0) {
          sizes.add(d);
        }
      }
    }
    sizes.addAll(List.of(2, 3, 4, 5, 6, 7, 8, 9));
    for (int[] choice : choices(unknown, sizes)) {
      List<TensorSpec> out = attempt(in, body, choice);
      if (out != null) {
        return out;
      }
    }
    return null;
  }

  /** Sizes for the unknown ones, 0 leaving one open: none chosen, then one, then two. */
  private static List<int[]> choices(int unknown, Set<Integer> sizes) {
    List<int[]> all = new ArrayList<>();
    all.add(new int[unknown]);
    for (int i = 0; i < unknown; i++) {
      for (int size : sizes) {
        int[] one = new int[unknown];
        one[i] = size;
        all.add(one);
      }
    }
    for (int i = 0; i < unknown; i++) {
      for (int j = i + 1; j < unknown; j++) {
        for (int size : sizes) {
          for (int other : sizes) {
            int[] two = new int[unknown];
            two[i] = size;
            two[j] = other;
            all.add(two);
          }
        }
      }
    }
    return all.subList(0, Math.min(ATTEMPTS, all.size()));
  }

  /** The specs for unknown sizes chosen in order, 0 leaving one open; null if they are refused. */
  private static List<TensorSpec> attempt(
      List<TensorSpec> in, Function<List<Tensor>, List<Tensor>> body, int[] chosen) {
    try {
      return merged(
          probe(chosen(in, chosen, DIVISIBLE[0]), body, DIVISIBLE[0]),
          probe(chosen(in, chosen, DIVISIBLE[1]), body, DIVISIBLE[1]));
    } catch (ShapeException | ConfigException e) {
      return null;
    }
  }

  private static List<TensorSpec> chosen(List<TensorSpec> in, int[] chosen, int fill) {
    List<TensorSpec> out = new ArrayList<>();
    int k = 0;
    for (TensorSpec s : in) {
      int[] d = s.shape().dims();
      for (int i = 0; i < d.length; i++) {
        if (d[i] < 0) {
          d[i] = chosen[k] == 0 ? fill : chosen[k];
          k++;
        }
      }
      out.add(new TensorSpec(Shape.of(d), s.dtype()));
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
      Function<List<Tensor>, List<Tensor>> specs =
          ts -> {
            List<Tensor> r = body.apply(ts);
            for (Tensor t : r) {
              out.add(t.spec());
            }
            return List.of();
          };
      CallContext.apart(() -> Trace.capture(filled, specs));
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
