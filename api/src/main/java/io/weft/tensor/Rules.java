package io.weft.tensor;

import io.weft.error.ShapeException;
import java.util.ArrayList;
import java.util.List;

/** Checks and small helpers shared by the shape rules of ops. */
public final class Rules {
  private Rules() {}

  /** Refuses inputs: {@code matmul: expected … Received: …}. */
  public static void require(boolean ok, Op op, String expected, List<TensorSpec> in) {
    if (!ok) {
      throw refused(op, expected, in);
    }
  }

  /**
   * What {@link #require} throws; for checks whose text is long in the making: joining a record
   * into it costs a process some 20 ms the first time.
   */
  static ShapeException refused(Op op, String expected, List<TensorSpec> in) {
    return new ShapeException(op.name() + ": expected " + expected + ". Received: " + in);
  }

  /** The one dtype that all inputs share. */
  public static DType sameDType(Op op, List<TensorSpec> in) {
    DType d = in.get(0).dtype();
    for (TensorSpec s : in) {
      require(s.dtype() == d, op, "inputs of one dtype", in);
    }
    return d;
  }

  /** One output. */
  public static List<TensorSpec> one(Shape shape, DType dtype) {
    return List.of(new TensorSpec(shape, dtype));
  }

  /** An int array as the list that a record's equality understands. */
  public static List<Integer> list(int... values) {
    List<Integer> l = new ArrayList<>(values.length);
    for (int v : values) {
      l.add(v);
    }
    return List.copyOf(l);
  }

  public static int[] array(List<Integer> values) {
    int[] a = new int[values.size()];
    for (int i = 0; i < a.length; i++) {
      a[i] = values.get(i);
    }
    return a;
  }

  /** Axes made non-negative, sorted and checked for doubles; null means all axes. */
  public static List<Integer> axes(Shape shape, int[] axes) {
    if (axes == null) {
      int[] all = new int[shape.rank()];
      for (int i = 0; i < all.length; i++) {
        all[i] = i;
      }
      return list(all);
    }
    int[] a = new int[axes.length];
    for (int i = 0; i < a.length; i++) {
      a[i] = shape.axis(axes[i]);
    }
    java.util.Arrays.sort(a);
    for (int i = 1; i < a.length; i++) {
      if (a[i] == a[i - 1]) {
        throw new ShapeException("axis: each axis may stand once. Received: " + list(axes));
      }
    }
    return list(a);
  }
}
