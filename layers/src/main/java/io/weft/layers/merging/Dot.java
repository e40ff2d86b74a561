package io.weft.layers.merging;

import io.weft.config.Config;
import io.weft.error.ShapeException;
import io.weft.layer.LayerType;
import io.weft.ops.Normalizations;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * The product of two tensors, sample by sample, summed over one axis of each; with {@code
 * normalize} of their unit vectors along these axes.
 *
 * <p>Input: two tensors {@code (batch, …)} that agree in the size of {@code axes} (one for both, or
 * one for each, not the batch). Output: the batch, the first's other axes, the second's; {@code
 * (batch, 1)} for two vectors per sample. Masks are dropped.
 */
public final class Dot extends Merge {
  public static final LayerType<Dot> TYPE = LayerType.keras("Dot", Dot::new).takesList();

  private final int[] axes;
  private final boolean normalize;

  /** Over one axis of both, or over one of each. */
  public Dot(int... axes) {
    this(Config.of("axes", axes.length == 1 ? (Object) axes[0] : axes));
  }

  /** Restores a layer from its config. */
  public Dot(Config config) {
    super(TYPE, config, 2, 2);
    int[] given = args.intListOrNull("axes", null);
    if (given == null || given.length < 1 || given.length > 2) {
      throw args.refuse("axes", "an integer or two integers");
    }
    axes = given.length == 1 ? new int[] {given[0], given[0]} : given;
    normalize = args.bool("normalize", false);
  }

  private int axis(Shape s, int i) {
    int a = s.rank() < 2 ? 0 : s.axis(axes[i]);
    if (a == 0) {
      throw new ShapeException(
          label()
              + ": axes must not be the batch. Received: axis "
              + axes[i]
              + " of an input of shape "
              + s);
    }
    return a;
  }

  @Override
  void checkSizes(List<Shape> shapes) {
    int a = shapes.get(0).dim(axis(shapes.get(0), 0));
    int b = shapes.get(1).dim(axis(shapes.get(1), 1));
    if (a >= 0 && b >= 0 && a != b) {
      throw refuse("equal sizes at axes " + axes[0] + " and " + axes[1], shapes);
    }
  }

  @Override
  protected List<Shape> assumedShapes(List<Shape> inputs) {
    Shape s = inputs.get(0);
    Shape t = inputs.get(1);
    int a = axis(s, 0);
    int b = axis(t, 1);
    s = s.dim(a) < 0 ? s.withDim(a, t.dim(b)) : s;
    return List.of(s, t.dim(b) < 0 ? t.withDim(b, s.dim(a)) : t);
  }

  @Override
  protected Shape statedShape(List<Shape> inputs, int output, Shape inferred) {
    return inferred;
  }

  @Override
  public List<Tensor> call(List<Tensor> inputs, io.weft.layer.CallContext ctx) {
    checkCount(inputs.size());
    checkSizes(inputs.stream().map(Tensor::shape).toList());
    return List.of(merge(inputs, List.of()));
  }

  @Override
  Tensor merge(List<Tensor> inputs, List<Tensor> keep) {
    Tensor x = inputs.get(0);
    Tensor y = inputs.get(1);
    int a = axis(x.shape(), 0);
    int b = axis(y.shape(), 1);
    if (normalize) {
      x = Normalizations.normalize(x, new int[] {a}, 2, 1e-7);
      y = Normalizations.normalize(y, new int[] {b}, 2, 1e-7);
    }
    int[] left = others(x, a);
    int[] right = others(y, b);
    Shape sizes = Shape.of(x.dim(0));
    int m = 1;
    for (int i : left) {
      sizes = sizes.plus(x.dim(i));
      m *= x.dim(i);
    }
    int n = 1;
    for (int i : right) {
      sizes = sizes.plus(y.dim(i));
      n *= y.dim(i);
    }
    int k = x.dim(a);
    Tensor p = Ops.reshape(Ops.transpose(x, order(left, a, false)), x.dim(0), m, k);
    Tensor q = Ops.reshape(Ops.transpose(y, order(right, b, true)), y.dim(0), k, n);
    Shape out = sizes.rank() == 1 ? sizes.plus(1) : sizes;
    return Ops.reshape(Ops.matmul(p, q), out.dims());
  }

  /** Axes other than the batch and the one summed over. */
  private static int[] others(Tensor x, int axis) {
    List<Integer> l = new ArrayList<>();
    for (int i = 1; i < x.rank(); i++) {
      if (i != axis) {
        l.add(i);
      }
    }
    return l.stream().mapToInt(Integer::intValue).toArray();
  }

  /** The batch, the others, and the axis summed over before or behind them. */
  private static int[] order(int[] others, int axis, boolean axisFirst) {
    int[] p = new int[others.length + 2];
    System.arraycopy(others, 0, p, axisFirst ? 2 : 1, others.length);
    p[axisFirst ? 1 : p.length - 1] = axis;
    return p;
  }

  @Override
  protected List<Tensor> computeMasks(List<Tensor> inputs, List<Tensor> masks) {
    return Collections.singletonList(null);
  }
}
