package io.weft.systems.weights;

import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;

/**
 * How PyTorch orders the axes of a weight, compared with Keras. All are exact: shapes and order of
 * elements change, numbers do not.
 */
public final class Layout {
  private enum Kind {
    SAME,
    FLAT,
    LINEAR,
    CONV,
    DEPTHWISE
  }

  /** The same axes: embeddings, gains, offsets. */
  public static final Layout SAME = new Layout(Kind.SAME, 0);

  /** All axes as one: a bias with axes for heads and width. */
  public static final Layout FLAT = new Layout(Kind.FLAT, 0);

  /** {@code [in, out]} ↔ {@code [out, in]}. */
  public static final Layout LINEAR = linear(1);

  /**
   * {@code [k…, in, out]} ↔ {@code [out, in, k…]}; with Keras' and PyTorch's conventions also right
   * for transposed convolutions, {@code [k…, out, in]} ↔ {@code [in, out, k…]}.
   */
  public static final Layout CONV = new Layout(Kind.CONV, 0);

  /** {@code [k…, in, multiplier]} ↔ {@code [in · multiplier, 1, k…]}. */
  public static final Layout DEPTHWISE = new Layout(Kind.DEPTHWISE, 0);

  private final Kind kind;
  private final int inputAxes;

  private Layout(Kind kind, int inputAxes) {
    this.kind = kind;
    this.inputAxes = inputAxes;
  }

  /**
   * A matrix whose inputs or outputs have several axes here: {@code [in…, out…]} ↔ {@code [Π out, Π
   * in]}, with the first {@code inputAxes} axes as inputs.
   */
  public static Layout linear(int inputAxes) {
    return new Layout(Kind.LINEAR, inputAxes);
  }

  /** The shape that PyTorch gives a weight of this shape. */
  public Shape torchShape(Shape ours) {
    int r = ours.rank();
    switch (kind) {
      case FLAT:
        return Shape.of(ours.product(0, r));
      case LINEAR:
        return Shape.of(ours.product(inputAxes, r), ours.product(0, inputAxes));
      case CONV:
        return Shape.of(ours.dim(-1), ours.dim(-2)).plus(ours.slice(0, r - 2).dims());
      case DEPTHWISE:
        return Shape.of(ours.dim(-1) * ours.dim(-2), 1).plus(ours.slice(0, r - 2).dims());
      default:
        return ours;
    }
  }

  /** A weight of ours in PyTorch's order. */
  public Tensor toTorch(Tensor ours) {
    int r = ours.rank();
    Shape shape = torchShape(ours.shape());
    switch (kind) {
      case LINEAR:
        return Ops.transpose(Ops.reshape(ours, shape.dim(1), shape.dim(0)), 1, 0);
      case CONV:
        return Ops.transpose(ours, windowLast(r, r - 1, r - 2));
      case DEPTHWISE:
        return Ops.reshape(Ops.transpose(ours, windowLast(r, r - 2, r - 1)), shape.dims());
      default:
        return Ops.reshape(ours, shape.dims());
    }
  }

  /** A weight in PyTorch's order as ours of the given shape. */
  public Tensor toOurs(Tensor torch, Shape ours) {
    int r = ours.rank();
    switch (kind) {
      case LINEAR:
        return Ops.reshape(Ops.transpose(torch, 1, 0), ours.dims());
      case CONV:
        return Ops.transpose(torch, windowFirst(r, 1, 0));
      case DEPTHWISE:
        int[] axes = Shape.of(ours.dim(-2), ours.dim(-1)).plus(ours.slice(0, r - 2).dims()).dims();
        return Ops.transpose(Ops.reshape(torch, axes), windowFirst(r, 0, 1));
      default:
        return Ops.reshape(torch, ours.dims());
    }
  }

  private static int[] windowLast(int rank, int first, int second) {
    int[] axes = new int[rank];
    axes[0] = first;
    axes[1] = second;
    for (int i = 2; i < rank; i++) {
      axes[i] = i - 2;
    }
    return axes;
  }

  private static int[] windowFirst(int rank, int last2, int last) {
    int[] axes = new int[rank];
    for (int i = 0; i < rank - 2; i++) {
      axes[i] = i + 2;
    }
    axes[rank - 2] = last2;
    axes[rank - 1] = last;
    return axes;
  }

  @Override
  public String toString() {
    return kind.toString().toLowerCase(java.util.Locale.ROOT);
  }
}
