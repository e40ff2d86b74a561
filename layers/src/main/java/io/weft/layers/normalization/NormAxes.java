package io.weft.layers.normalization;

import io.weft.config.Args;
import io.weft.layer.BuildContext;
import io.weft.tensor.Shape;
import java.util.Arrays;
import java.util.List;

/** Axes of normalizations. */
final class NormAxes {
  private NormAxes() {}

  /** One axis; a number with a point is brought to an integer, as Keras does. */
  static int one(Args args, String key, int fallback) {
    int axis = args.integer(key, fallback);
    args.note(key, axis);
    return axis;
  }

  /** A number that is written with a point. */
  static double real(Args args, String key, double fallback) {
    double d = args.number(key, fallback);
    args.note(key, d);
    return d;
  }

  /** One or more axes as given. */
  static int[] some(Args args) {
    int[] axes = args.intListOrNull("axis", -1);
    if (axes == null) {
      throw args.refuse("axis", "an integer or a list of integers");
    }
    return axes;
  }

  /**
   * Sorts a list of axes and writes it into the config as a list, as Keras does in build; gives the
   * sizes of these axes.
   */
  static Shape settle(Args args, int[] axes, BuildContext b) {
    if (args.noted().get("axis") instanceof List<?>) {
      Arrays.sort(axes);
    }
    args.note("axis", axes);
    Shape s = Shape.SCALAR;
    for (int a : axes) {
      b.input().axis(a);
      s = s.plus(b.known(0, a));
    }
    return s;
  }

  /** All axes but one. */
  static int[] others(int rank, int axis) {
    int[] o = new int[rank - 1];
    for (int i = 0; i < o.length; i++) {
      o[i] = i < axis ? i : i + 1;
    }
    return o;
  }
}
