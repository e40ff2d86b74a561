package io.weft.conformance;

import io.weft.config.Config;
import io.weft.layer.Layer;
import io.weft.layer.Structure;
import io.weft.tensor.DType;
import io.weft.tensor.HostArray;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** Statistical properties of layers and initializers whose numbers are random. */
final class RandomProperties {
  private RandomProperties() {}

  // ---------------------------------------------------------------- initializers

  static void initializer(CaseFile c, Comparison compare, Tensor t) {
    double[] v = t.toDoubleArray();
    for (Object o : Comparison.list(c.get("properties"))) {
      Config p = (Config) o;
      String name = p.string("name");
      switch (name) {
        case "mean" -> near(compare, name, mean(v), p);
        case "std" -> near(compare, name, std(v), p);
        case "within" -> within(compare, v, p);
        case "orthogonal" -> orthogonal(compare, t, p);
        default -> throw new Skip("property '" + name + "' is not known");
      }
    }
  }

  private static void near(Comparison compare, String name, double got, Config p) {
    double want = ((Number) p.get("value")).doubleValue();
    double tolerance = ((Number) p.get("tolerance")).doubleValue();
    compare.require(
        Math.abs(got - want) <= tolerance,
        name + ": " + want + " ± " + tolerance + " expected, " + got + " came");
  }

  private static void within(Comparison compare, double[] v, Config p) {
    double lo = ((Number) p.get("min")).doubleValue();
    double hi = ((Number) p.get("max")).doubleValue();
    for (double d : v) {
      if (!(d >= lo && d <= hi)) {
        compare.fail("within: [" + lo + ", " + hi + "] expected, " + d + " came");
        return;
      }
    }
  }

  private static void orthogonal(Comparison compare, Tensor t, Config p) {
    int n = t.dim(-1);
    int m = (int) (t.shape().size() / n);
    double[] v = t.toDoubleArray();
    boolean tall = m >= n;
    int k = tall ? n : m;
    double gain = ((Number) p.get("gain")).doubleValue();
    double tolerance = ((Number) p.get("tolerance")).doubleValue();
    for (int i = 0; i < k; i++) {
      for (int j = 0; j < k; j++) {
        double s = 0;
        for (int r = 0; r < (tall ? m : n); r++) {
          s += tall ? v[r * n + i] * v[r * n + j] : v[i * n + r] * v[j * n + r];
        }
        double want = i == j ? gain * gain : 0;
        compare.require(
            Math.abs(s - want) <= tolerance, "orthogonal: " + want + " expected, " + s + " came");
      }
    }
  }

  private static double mean(double[] v) {
    double s = 0;
    for (double d : v) {
      s += d;
    }
    return s / v.length;
  }

  private static double std(double[] v) {
    double m = mean(v);
    double s = 0;
    for (double d : v) {
      s += (d - m) * (d - m);
    }
    return Math.sqrt(s / v.length);
  }

  // ---------------------------------------------------------------- layers

  static void check(CaseFile c, Comparison compare, Layer layer, List<Tensor> out) {
    List<TensorSpec> want = new ArrayList<>();
    collect(c.get("outputs"), want);
    List<TensorSpec> got = out.stream().map(Tensor::spec).toList();
    compare.require(got.equals(want), "outputs: " + want + " expected, " + got + " came");
    Map<String, Object> kwargs = Comparison.map(c.value("call_kwargs"));
    Tensor x = Structure.tensors(c.value("inputs")).get(0);
    Tensor y = out.get(0);
    for (Object o : Comparison.list(c.get("properties"))) {
      property((Config) o, compare, layer, x, y, kwargs);
    }
  }

  private static void collect(Object v, List<TensorSpec> out) {
    if (v instanceof Config c && c.has("shape")) {
      out.add(CaseFile.spec(c));
    } else if (v instanceof Config c) {
      c.asMap().values().forEach(e -> collect(e, out));
    } else if (v instanceof List<?> l) {
      l.forEach(e -> collect(e, out));
    }
  }

  private static void property(
      Config p, Comparison compare, Layer layer, Tensor x, Tensor y, Map<String, Object> kwargs) {
    String name = p.string("name");
    switch (name) {
      case "values_are_zero_or_scaled_input" -> zeroOrScaled(p, compare, x, y);
      case "zero_fraction_near" -> {
        Shape s = CaseFile.shape(p.list("statistic_shape"));
        double[] v = call(layer, constant(s, x.dtype()), kwargs);
        int zeros = 0;
        for (double d : v) {
          zeros += d == 0 ? 1 : 0;
        }
        near(compare, name, (double) zeros / v.length, p);
      }
      case "constant_mask_over_axes" -> constantMask(p, compare, layer, x, kwargs);
      case "ratio_mean", "ratio_std", "difference_mean", "difference_std" ->
          statistics(name, p, compare, layer, x, kwargs);
      case "preserves_mean_and_variance_of_standard_normal" -> {
        Tensor in = normal(large(x), x.dtype());
        double[] v = call(layer, in, kwargs);
        double tolerance = 5 * 2 / Math.sqrt(v.length);
        compare.require(Math.abs(mean(v)) <= tolerance, name + ": mean " + mean(v));
        compare.require(Math.abs(std(v) - 1) <= tolerance, name + ": std " + std(v));
      }
      default -> throw new Skip("property '" + name + "' is not known");
    }
  }

  private static void zeroOrScaled(Config p, Comparison compare, Tensor x, Tensor y) {
    double scale = ((Number) p.get("scale")).doubleValue();
    double[] a = x.toDoubleArray();
    double[] b = y.toDoubleArray();
    for (int i = 0; i < b.length; i++) {
      boolean ok =
          b[i] == 0 || Math.abs(b[i] - a[i] * scale) <= 1e-2 * Math.abs(a[i] * scale) + 1e-6;
      if (!ok) {
        compare.fail("values_are_zero_or_scaled_input: " + a[i] + " became " + b[i]);
        return;
      }
    }
  }

  private static void constantMask(
      Config p, Comparison compare, Layer layer, Tensor x, Map<String, Object> kwargs) {
    Tensor y = layer.invoke(List.of(constant(x.shape(), x.dtype())), kwargs).get(0);
    HostArray h = y.toHostArray();
    int[] axes = p.list("axes").stream().mapToInt(a -> ((Long) a).intValue()).toArray();
    Map<String, Boolean> seen = new java.util.HashMap<>();
    int[] d = y.shape().dims();
    for (int i = 0; i < h.size(); i++) {
      int rest = i;
      int[] at = new int[d.length];
      for (int k = d.length - 1; k >= 0; k--) {
        at[k] = rest % d[k];
        rest /= d[k];
      }
      for (int a : axes) {
        at[a] = 0;
      }
      boolean zero = h.doubleAt(i) == 0;
      Boolean old = seen.putIfAbsent(java.util.Arrays.toString(at), zero);
      if (old != null && old != zero) {
        compare.fail("constant_mask_over_axes: the drop pattern changes along " + p.list("axes"));
        return;
      }
    }
  }

  private static void statistics(
      String name,
      Config p,
      Comparison compare,
      Layer layer,
      Tensor x,
      Map<String, Object> kwargs) {
    Tensor in = constant(large(x), x.dtype());
    double[] v = call(layer, in, kwargs);
    for (int i = 0; i < v.length; i++) {
      v[i] = name.startsWith("ratio") ? v[i] : v[i] - 1;
    }
    double want = ((Number) p.get("value")).doubleValue();
    double spread = std(v);
    double got = name.endsWith("mean") ? mean(v) : spread;
    double tolerance = 5 * Math.max(spread, 1e-6) / Math.sqrt(v.length) * 2;
    compare.require(
        Math.abs(got - want) <= tolerance,
        name + ": " + want + " ± " + tolerance + " expected, " + got + " came");
  }

  private static Shape large(Tensor x) {
    return x.shape().withDim(0, Math.max(1, (int) (400_000 / (x.shape().size() / x.dim(0)))));
  }

  private static double[] call(Layer layer, Tensor x, Map<String, Object> kwargs) {
    return layer.invoke(List.of(x), kwargs).get(0).toDoubleArray();
  }

  private static Tensor constant(Shape s, DType d) {
    return fill(s, d, () -> 1.0);
  }

  private static Tensor normal(Shape s, DType d) {
    SplittableRandom r = new SplittableRandom(7);
    return fill(s, d, r::nextGaussian);
  }

  private static Tensor fill(Shape s, DType d, java.util.function.DoubleSupplier f) {
    HostArray a = HostArray.zeros(d, s);
    for (int i = 0; i < a.size(); i++) {
      a.set(i, f.getAsDouble());
    }
    return Tensor.ofTrusted(a);
  }
}
