package io.weft.conformance;

import io.weft.config.Config;
import io.weft.layer.Structure;
import io.weft.ops.Complex;
import io.weft.tensor.DType;
import io.weft.tensor.HostArray;
import io.weft.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Collects the differences between what came out and what was recorded. */
final class Comparison {
  private static final int MOST = 12;

  private final List<String> differences = new ArrayList<>();
  private final double rtol;
  private final double atol;
  private final double gradRtol;
  private final double gradAtol;

  Comparison(CaseFile c) {
    rtol = c.number("rtol", 1e-5);
    atol = c.number("atol", 1e-5);
    gradRtol = c.number("grad_rtol", Math.max(rtol, 1e-4));
    gradAtol = c.number("grad_atol", Math.max(atol, 1e-4));
  }

  List<String> differences() {
    return differences;
  }

  void fail(String what) {
    if (differences.size() < MOST) {
      differences.add(what);
    }
  }

  void require(boolean ok, String what) {
    if (!ok) {
      fail(what);
    }
  }

  /**
   * Compares nests leaf by leaf; leaves are tensors, numbers, booleans, strings or {spec} objects.
   */
  void outputs(String what, Object actual, Object expected) {
    nest(what, actual, expected, rtol, atol);
  }

  /** As outputs, with the tolerances of gradients; null expects nothing or zeros. */
  void gradients(String what, Object actual, Object expected) {
    nest(what, actual, expected, gradRtol, gradAtol);
  }

  private void nest(String what, Object actual, Object expected, double rt, double at) {
    List<Object> a = Structure.leaves(actual);
    List<Object> e = Structure.leaves(expected);
    if (a.size() != e.size()) {
      fail(what + ": " + e.size() + " values expected, " + a.size() + " came");
      return;
    }
    for (int i = 0; i < a.size(); i++) {
      leaf(a.size() == 1 ? what : what + "[" + i + "]", a.get(i), e.get(i), rt, at);
    }
  }

  private void leaf(String what, Object actual, Object expected, double rt, double at) {
    if (expected instanceof Complex e && actual instanceof Complex a) {
      leaf(what + " real", a.real(), e.real(), rt, at);
      leaf(what + " imaginary", a.imaginary(), e.imaginary(), rt, at);
    } else if (expected instanceof Tensor e) {
      if (actual instanceof Tensor a) {
        tensors(what, a, e, rt, at);
      } else if (actual instanceof Number n && e.rank() == 0) {
        number(what, n.doubleValue(), e.item(), rt, at);
      } else {
        fail(what + ": " + e.spec() + " expected, " + actual + " came");
      }
    } else if (expected instanceof Number e) {
      if (actual instanceof Tensor a && a.rank() == 0) {
        number(what, a.item(), e.doubleValue(), rt, at);
      } else if (actual instanceof Number a) {
        number(what, a.doubleValue(), e.doubleValue(), rt, at);
      } else {
        fail(what + ": " + e + " expected, " + actual + " came");
      }
    } else if (expected instanceof Boolean && actual instanceof Tensor a && a.rank() == 0) {
      require((a.item() != 0) == (Boolean) expected, what + ": " + expected + " expected");
    } else if (!java.util.Objects.equals(actual, expected)) {
      fail(what + ": " + expected + " expected, " + actual + " came");
    }
  }

  private void number(String what, double a, double e, double rt, double at) {
    if (!close(a, e, rt, at)) {
      fail(what + ": " + e + " expected, " + a + " came");
    }
  }

  static boolean close(double a, double e, double rtol, double atol) {
    if (Double.isNaN(e) || Double.isInfinite(e)) {
      return Double.compare(a, e) == 0;
    }
    return Math.abs(a - e) <= atol + rtol * Math.abs(e);
  }

  private void tensors(String what, Tensor a, Tensor e, double rt, double at) {
    if (!a.shape().equals(e.shape()) || a.dtype() != e.dtype()) {
      fail(what + ": " + e.spec() + " expected, " + a.spec() + " came");
      return;
    }
    HostArray x = a.toHostArray();
    HostArray y = e.toHostArray();
    int wrong = 0;
    int worst = -1;
    double most = -1;
    for (int i = 0; i < y.size(); i++) {
      boolean ok;
      double diff = 0;
      if (e.dtype() == DType.STRING) {
        ok = ((String[]) x.data())[i].equals(((String[]) y.data())[i]);
      } else if (e.dtype().isFloating()) {
        ok = close(x.doubleAt(i), y.doubleAt(i), rt, at);
        diff = Math.abs(x.doubleAt(i) - y.doubleAt(i));
      } else {
        ok = x.longAt(i) == y.longAt(i);
      }
      if (!ok) {
        wrong++;
        if (worst < 0 || !(diff <= most)) {
          worst = i;
          most = diff;
        }
      }
    }
    if (wrong > 0) {
      fail(
          what
              + ": "
              + wrong
              + " of "
              + y.size()
              + " elements of "
              + e.spec()
              + " differ, most at "
              + worst
              + ": "
              + element(y, worst)
              + " expected, "
              + element(x, worst)
              + " came");
    }
  }

  private static Object element(HostArray a, int i) {
    if (a.dtype() == DType.STRING) {
      return ((String[]) a.data())[i];
    }
    return a.dtype().isFloating() ? (Object) a.doubleAt(i) : (Object) a.longAt(i);
  }

  /** Null or zeros, where no gradient was recorded. */
  void noGradient(String what, Tensor g) {
    if (g != null) {
      for (double d : g.toDoubleArray()) {
        if (d != 0) {
          fail(what + ": no gradient expected, " + d + " came");
          return;
        }
      }
    }
  }

  // ---------------------------------------------------------------- configs

  /** Same values everywhere; keys in the same order where {@code ordered}. */
  void configs(String what, Object actual, Object expected, boolean ordered) {
    if (expected instanceof Config e && actual instanceof Config a) {
      if (isPolicy(e) && isPolicy(a)) {
        require(
            policyName(a).equals(policyName(e)),
            what + ": " + policyName(e) + " expected, " + policyName(a) + " came");
        return;
      }
      List<String> ak = keys(a);
      List<String> ek = keys(e);
      if (!new java.util.TreeSet<>(ak).equals(new java.util.TreeSet<>(ek))) {
        fail(what + ": keys " + ek + " expected, " + ak + " came");
        return;
      }
      if (ordered && !ak.equals(ek)) {
        fail(what + ": key order " + ek + " expected, " + ak + " came");
      }
      for (String k : ek) {
        configs(what + "." + k, a.get(k), e.get(k), ordered);
      }
    } else if (expected instanceof List<?> e && actual instanceof List<?> a) {
      if (e.size() != a.size()) {
        fail(what + ": " + Config.text(e) + " expected, " + Config.text(a) + " came");
        return;
      }
      for (int i = 0; i < e.size(); i++) {
        configs(what + "[" + i + "]", a.get(i), e.get(i), ordered);
      }
    } else if (expected instanceof Number e && actual instanceof Number a) {
      boolean same =
          e.doubleValue() == a.doubleValue()
              || (Double.isNaN(e.doubleValue()) && Double.isNaN(a.doubleValue()));
      boolean kind = e instanceof Long == a instanceof Long;
      if (!same || !kind) {
        fail(what + ": " + e + " expected, " + a + " came");
      }
    } else if (!java.util.Objects.equals(expected, actual)) {
      fail(what + ": " + Config.text(expected) + " expected, " + Config.text(actual) + " came");
    }
  }

  private static List<String> keys(Config c) {
    List<String> k = new ArrayList<>(c.keys());
    k.removeAll(List.of("shared_object_id", "build_config", "compile_config"));
    return k;
  }

  private static boolean isPolicy(Config c) {
    return "DTypePolicy".equals(c.get("class_name"));
  }

  private static Object policyName(Config c) {
    return c.config("config").get("name");
  }

  static Map<String, Object> map(Object o) {
    @SuppressWarnings("unchecked")
    Map<String, Object> m = (Map<String, Object>) o;
    return m == null ? Map.of() : m;
  }

  static List<Object> list(Object o) {
    @SuppressWarnings("unchecked")
    List<Object> l = (List<Object>) o;
    return l == null ? List.of() : l;
  }
}
