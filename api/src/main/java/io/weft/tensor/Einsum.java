package io.weft.tensor;

import io.weft.error.ShapeException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Einstein sums as transposes, sums and batched matrix products, two operands at a time from the
 * left.
 */
final class Einsum {
  /** Stands for axis i of an ellipsis: characters that no equation uses. */
  private static final char DOTS = '\ue000';

  private Einsum() {}

  static Tensor of(String equation, List<Tensor> operands) {
    String eq = equation.replace(" ", "");
    int arrow = eq.indexOf("->");
    String[] in = (arrow < 0 ? eq : eq.substring(0, arrow)).split(",", -1);
    if (in.length != operands.size()) {
      throw refuse(equation, operands, "as many subscripts as operands");
    }
    int dots = 0;
    List<String> labels = new ArrayList<>();
    List<Tensor> xs = new ArrayList<>();
    for (int i = 0; i < in.length; i++) {
      Tensor x = operands.get(i);
      int named = in[i].replace("...", "").length();
      boolean ellipsis = in[i].contains("...");
      if (named > x.rank() || (!ellipsis && named != x.rank())) {
        throw refuse(equation, operands, "one letter for each axis");
      }
      int extra = x.rank() - named;
      dots = Math.max(dots, extra);
      labels.add(in[i].replace("...", dotLabels(extra)));
      xs.add(x);
    }
    Map<Character, Integer> sizes = new LinkedHashMap<>();
    for (int i = 0; i < xs.size(); i++) {
      collect(equation, operands, labels.get(i), xs.get(i), sizes);
    }
    String out =
        arrow < 0
            ? implicitOutput(labels, dots)
            : eq.substring(arrow + 2).replace("...", dotLabels(dots));
    for (char c : out.toCharArray()) {
      if (!sizes.containsKey(c) || out.indexOf(c) != out.lastIndexOf(c)) {
        throw refuse(equation, operands, "output letters that stand once and in an input");
      }
    }
    Tensor x = xs.get(0);
    String l = labels.get(0);
    for (int i = 0; i < xs.size(); i++) {
      String later = out + String.join("", labels.subList(i + 1, labels.size()));
      if (i == 0) {
        String[] nl = new String[1];
        x = reduceAlone(x, l, later, nl);
        l = nl[0];
      } else {
        String[] nl = new String[1];
        Tensor y = reduceAlone(xs.get(i), labels.get(i), later + l, nl);
        StringBuilder result = new StringBuilder();
        x = product(x, l, y, nl[0], later, sizes, result);
        l = result.toString();
      }
    }
    int[] perm = new int[out.length()];
    for (int i = 0; i < perm.length; i++) {
      perm[i] = l.indexOf(out.charAt(i));
    }
    if (l.length() != out.length()) {
      List<Integer> sum = new ArrayList<>();
      for (int i = 0; i < l.length(); i++) {
        if (out.indexOf(l.charAt(i)) < 0) {
          sum.add(i);
        }
      }
      x = Ops.reduce(Reduction.Fold.SUM, x, Rules.array(sum), false);
      StringBuilder kept = new StringBuilder();
      for (char c : l.toCharArray()) {
        if (out.indexOf(c) >= 0) {
          kept.append(c);
        }
      }
      for (int i = 0; i < perm.length; i++) {
        perm[i] = kept.indexOf(String.valueOf(out.charAt(i)));
      }
    }
    x = perm.length == 0 ? x : Ops.transpose(x, perm);
    int[] shape = new int[out.length()];
    for (int i = 0; i < shape.length; i++) {
      shape[i] = sizes.get(out.charAt(i));
    }
    return Ops.broadcastTo(x, Shape.of(shape));
  }

  private static String dotLabels(int n) {
    StringBuilder s = new StringBuilder();
    for (int i = n - 1; i >= 0; i--) {
      s.append((char) (DOTS + i));
    }
    return s.toString();
  }

  private static String implicitOutput(List<String> labels, int dots) {
    String all = String.join("", labels);
    StringBuilder s = new StringBuilder(dotLabels(dots));
    all.chars()
        .filter(c -> c < DOTS && all.indexOf(c) == all.lastIndexOf(c))
        .sorted()
        .forEach(c -> s.append((char) c));
    return s.toString();
  }

  private static void collect(
      String equation,
      List<Tensor> operands,
      String label,
      Tensor x,
      Map<Character, Integer> sizes) {
    for (int a = 0; a < label.length(); a++) {
      char c = label.charAt(a);
      int n = x.dim(a);
      Integer old = sizes.get(c);
      if (old == null || old == 1) {
        sizes.put(c, n);
      } else if (n != old && n != 1) {
        throw refuse(equation, operands, "equal sizes for equal letters");
      }
    }
  }

  /** Takes diagonals of repeated letters and sums letters that nothing later needs. */
  private static Tensor reduceAlone(Tensor x, String label, String later, String[] newLabel) {
    for (int i = 0; i < label.length(); i++) {
      int j = label.indexOf(label.charAt(i), i + 1);
      if (j > 0) {
        return reduceAlone(
            diagonal(x, i, j), label.substring(0, j) + label.substring(j + 1), later, newLabel);
      }
    }
    List<Integer> sum = new ArrayList<>();
    StringBuilder kept = new StringBuilder();
    for (int i = 0; i < label.length(); i++) {
      if (later.indexOf(label.charAt(i)) < 0) {
        sum.add(i);
      } else {
        kept.append(label.charAt(i));
      }
    }
    newLabel[0] = kept.toString();
    return sum.isEmpty() ? x : Ops.reduce(Reduction.Fold.SUM, x, Rules.array(sum), false);
  }

  private static Tensor diagonal(Tensor x, int i, int j) {
    int n = x.dim(i);
    Shape eye = Shape.SCALAR;
    for (int a = 0; a < x.rank(); a++) {
      eye = eye.plus(a == i || a == j ? n : 1);
    }
    Tensor r = Ops.arange(n);
    int[] ri = Shape.of(new int[x.rank()]).filled(1).dims();
    java.util.Arrays.fill(ri, 1);
    int[] rj = ri.clone();
    ri[i] = n;
    rj[j] = n;
    Tensor on = Ops.broadcastTo(Ops.equal(Ops.reshape(r, ri), Ops.reshape(r, rj)), eye);
    return Ops.reduce(Reduction.Fold.SUM, Ops.where(on, x, Ops.zerosLike(x)), new int[] {j}, false);
  }

  private static Tensor product(
      Tensor x,
      String lx,
      Tensor y,
      String ly,
      String later,
      Map<Character, Integer> sizes,
      StringBuilder result) {
    StringBuilder batch = new StringBuilder();
    StringBuilder sum = new StringBuilder();
    StringBuilder left = new StringBuilder();
    StringBuilder right = new StringBuilder();
    for (int i = 0; i < lx.length(); i++) {
      char c = lx.charAt(i);
      int j = ly.indexOf(c);
      if (j < 0) {
        left.append(c);
      } else if (later.indexOf(c) >= 0) {
        batch.append(c);
      } else {
        sum.append(c);
      }
    }
    for (char c : ly.toCharArray()) {
      if (lx.indexOf(c) < 0) {
        right.append(c);
      }
    }
    Tensor a = arrange(x, lx, batch + "" + left + sum, sizes, sum.toString());
    Tensor b = arrange(y, ly, batch + "" + sum + right, sizes, sum.toString());
    int[] ba = leading(a, batch.length());
    int[] bb = leading(b, batch.length());
    int m = product(left, sizes);
    int k = product(sum, sizes);
    int n = product(right, sizes);
    Tensor r =
        Ops.matmul(
            Ops.reshape(a, Shape.of(ba).plus(m, k).dims()),
            Ops.reshape(b, Shape.of(bb).plus(k, n).dims()));
    result.append(batch).append(left).append(right);
    Shape s = r.shape().slice(0, batch.length());
    for (char c : (left + "" + right).toCharArray()) {
      s = s.plus(sizes.get(c));
    }
    return Ops.reshape(r, s.dims());
  }

  private static int[] leading(Tensor t, int n) {
    return t.shape().slice(0, n).dims();
  }

  private static int product(CharSequence label, Map<Character, Integer> sizes) {
    long n = 1;
    for (int i = 0; i < label.length(); i++) {
      n *= sizes.get(label.charAt(i));
      if (n > Integer.MAX_VALUE) {
        throw new ShapeException(
            "einsum: expected at most 2^31-1 elements along '"
                + label
                + "'. Received: sizes "
                + sizes
                + ". Split the product.");
      }
    }
    return (int) n;
  }

  /** Axes in a new order; letters that are not batch letters get their full size. */
  private static Tensor arrange(
      Tensor x, String label, String order, Map<Character, Integer> sizes, String sum) {
    int[] perm = new int[order.length()];
    for (int i = 0; i < perm.length; i++) {
      perm[i] = label.indexOf(order.charAt(i));
    }
    Tensor t = Ops.transpose(x, perm);
    Shape s = t.shape();
    for (int i = 0; i < perm.length; i++) {
      if (sum.indexOf(order.charAt(i)) >= 0) {
        s = s.withDim(i, sizes.get(order.charAt(i)));
      }
    }
    return Ops.broadcastTo(t, s);
  }

  private static ShapeException refuse(String equation, List<Tensor> operands, String expected) {
    return new ShapeException(
        "einsum '"
            + equation
            + "': expected "
            + expected
            + ". Received: "
            + operands.stream().map(Tensor::spec).toList());
  }
}
