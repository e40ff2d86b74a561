package io.weft.ops;

import io.weft.error.ConfigException;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code rearrange}: axes named, split, permuted and joined by a pattern. */
final class EinopsOps {
  private static final Pattern AXIS = Pattern.compile("\\w+|\\(.*?\\)");
  private static final Pattern WORD = Pattern.compile("\\w+");

  private EinopsOps() {}

  static List<PublicOp> table() {
    return List.of(
        PublicOp.of(
            "rearrange",
            "einops",
            "Rearrange",
            "tensor, pattern, **axes_lengths",
            a -> rearrange(a.tensor("tensor"), a.string("pattern"), a.keywords("axes_lengths"))));
  }

  private static List<String> matches(Pattern p, String text) {
    List<String> l = new ArrayList<>();
    Matcher m = p.matcher(text);
    while (m.find()) {
      l.add(m.group());
    }
    return l;
  }

  private static Tensor rearrange(Tensor x, String pattern, Map<?, ?> lengths) {
    String[] sides = pattern.split("->", -1);
    List<String> in = sides.length == 2 ? matches(AXIS, sides[0]) : List.of();
    if (sides.length != 2 || in.size() != x.rank()) {
      throw refuse(pattern, x, lengths);
    }
    Map<String, Integer> sizes = new HashMap<>();
    for (Map.Entry<?, ?> e : lengths.entrySet()) {
      if (!(e.getValue() instanceof Number n)) {
        throw refuse(pattern, x, lengths);
      }
      sizes.put(String.valueOf(e.getKey()), n.intValue());
    }
    List<String> names = new ArrayList<>();
    Shape split = Shape.SCALAR;
    for (int i = 0; i < in.size(); i++) {
      List<String> group = matches(WORD, in.get(i));
      infer(group, in.get(i).startsWith("("), x.dim(i), sizes);
      for (String n : group) {
        if (names.contains(n)) {
          throw refuse(pattern, x, lengths);
        }
        names.add(n);
        split = split.plus(sizes.get(n));
      }
    }
    List<String> order = matches(WORD, sides[1]);
    if (order.size() != names.size() || !names.containsAll(order)) {
      throw refuse(pattern, x, lengths);
    }
    int[] perm = order.stream().mapToInt(names::indexOf).toArray();
    Tensor y = Ops.reshape(x, split.dims());
    y = perm.length == 0 ? y : Ops.transpose(y, perm);
    Shape joined = Shape.SCALAR;
    for (String axis : matches(AXIS, sides[1])) {
      int n = 1;
      for (String name : matches(WORD, axis)) {
        n *= sizes.get(name);
      }
      joined = joined.plus(n);
    }
    return Ops.reshape(y, joined.dims());
  }

  /** Fills in the one size of a group that is not given. */
  private static void infer(
      List<String> group, boolean joined, int size, Map<String, Integer> sizes) {
    int known = 1;
    String open = null;
    for (String n : group) {
      if (joined && sizes.containsKey(n)) {
        known *= sizes.get(n);
      } else {
        open = n;
      }
    }
    if (open != null) {
      sizes.put(open, known == 0 ? 0 : size / known);
    }
  }

  private static ConfigException refuse(String pattern, Tensor x, Map<?, ?> lengths) {
    return new ConfigException(
        "rearrange: pattern must name each axis once on both sides, such as 'b h w c -> b (h w) c'."
            + " Received: pattern='"
            + pattern
            + "', "
            + lengths
            + ", x "
            + x.shape());
  }
}
