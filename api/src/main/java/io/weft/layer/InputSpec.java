package io.weft.layer;

import io.weft.error.ShapeException;
import io.weft.tensor.Shape;
import java.util.Map;

/**
 * What a layer accepts as one input: exact, least and greatest rank (null = any) and fixed sizes of
 * axes (negative axes count from the end). Unknown sizes pass.
 */
public record InputSpec(
    Integer ndim, Integer minNdim, Integer maxNdim, Map<Integer, Integer> axes) {
  public static InputSpec rank(int ndim) {
    return new InputSpec(ndim, null, null, Map.of());
  }

  public static InputSpec minRank(int minNdim) {
    return new InputSpec(null, minNdim, null, Map.of());
  }

  /** The same with a fixed size for an axis. */
  public InputSpec withAxis(int axis, int size) {
    Map<Integer, Integer> m = new java.util.TreeMap<>(axes);
    m.put(axis, size);
    return new InputSpec(ndim, minNdim, maxNdim, Map.copyOf(m));
  }

  /** Refuses a shape that does not fit, naming the layer and the input. */
  public void check(String layer, int input, Shape shape) {
    if (ndim != null && shape.rank() != ndim) {
      throw refuse(layer, input, "rank " + ndim, shape);
    }
    if (maxNdim != null && shape.rank() > maxNdim) {
      throw refuse(layer, input, "a rank of at most " + maxNdim, shape);
    }
    if (minNdim != null && shape.rank() < minNdim) {
      throw refuse(layer, input, "a rank of at least " + minNdim, shape);
    }
    for (Map.Entry<Integer, Integer> e : axes.entrySet()) {
      int axis = e.getKey();
      int size = e.getValue();
      int a = axis < 0 ? axis + shape.rank() : axis;
      if (a >= 0 && a < shape.rank() && shape.dim(a) >= 0 && shape.dim(a) != size) {
        throw refuse(layer, input, "size " + size + " at axis " + axis, shape);
      }
    }
  }

  private static ShapeException refuse(String layer, int input, String expected, Shape shape) {
    return new ShapeException(
        layer + ": input " + input + ": expected " + expected + ". Received: shape " + shape);
  }
}
