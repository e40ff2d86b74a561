package io.weft.layers.merging;

import io.weft.config.Config;
import io.weft.layer.LayerType;
import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;

/**
 * Joins tensors along an axis.
 *
 * <p>Input: a list of tensors that agree in all sizes but that of {@code axis}. Output: the same
 * with the sum of the sizes. Mask: the inputs' masks joined, where an input without one counts as
 * kept; none if no input has one.
 */
public final class Concatenate extends Merge {
  public static final LayerType<Concatenate> TYPE =
      LayerType.keras("Concatenate", Concatenate::new).takesList();

  private final int axis;

  /** Along the last axis. */
  public Concatenate() {
    this(Config.EMPTY);
  }

  /** Along an axis, which may be negative; the batch is axis 0. */
  public Concatenate(int axis) {
    this(Config.of("axis", axis));
  }

  /** Restores a layer from its config. */
  public Concatenate(Config config) {
    super(TYPE, config);
    axis = args.integer("axis", -1);
  }

  @Override
  void checkSizes(List<Shape> shapes) {
    Shape first = shapes.get(0);
    int at = first.axis(axis);
    for (Shape s : shapes) {
      boolean fits = s.rank() == first.rank();
      for (int i = 0; i < first.rank() && fits; i++) {
        fits = i == at || s.dim(i) < 0 || first.dim(i) < 0 || s.dim(i) == first.dim(i);
      }
      if (!fits) {
        throw refuse("equal sizes but at axis " + axis, shapes);
      }
    }
  }

  @Override
  protected List<Shape> assumedShapes(List<Shape> inputs) {
    int rank = inputs.isEmpty() ? 0 : inputs.get(0).rank();
    if (rank == 0 || inputs.stream().anyMatch(s -> s.rank() != rank)) {
      return inputs;
    }
    int at = inputs.get(0).axis(axis);
    List<Shape> out = new ArrayList<>();
    for (Shape s : inputs) {
      Shape t = s;
      for (int i = 0; i < rank; i++) {
        for (Shape o : inputs) {
          t = i != at && t.dim(i) < 0 && o.dim(i) >= 0 ? t.withDim(i, o.dim(i)) : t;
        }
      }
      out.add(t);
    }
    return out;
  }

  /** Keras states the first input's sizes, also where another input's are known. */
  @Override
  protected Shape statedShape(List<Shape> inputs, int output, Shape inferred) {
    Shape first = inputs.get(0);
    int at = first.axis(axis);
    return inputs.stream().anyMatch(s -> s.dim(at) < 0)
        ? first.withDim(at, Shape.UNKNOWN)
        : first.withDim(at, inputs.stream().mapToInt(s -> s.dim(at)).sum());
  }

  @Override
  Tensor merge(List<Tensor> inputs, List<Tensor> keep) {
    checkSizes(inputs.stream().map(Tensor::shape).toList());
    return Ops.concatenate(inputs, axis);
  }

  @Override
  protected List<Tensor> computeMasks(List<Tensor> inputs, List<Tensor> masks) {
    if (masks.stream().allMatch(Objects::isNull)) {
      return Collections.singletonList(null);
    }
    List<Tensor> whole = new ArrayList<>();
    for (int i = 0; i < inputs.size(); i++) {
      Tensor x = inputs.get(i);
      Tensor m = masks.get(i);
      if (m == null) {
        whole.add(Ops.ones(x.shape(), DType.BOOL));
      } else if (m.rank() < x.rank()) {
        whole.add(Ops.broadcastTo(Ops.expandDims(Ops.cast(m, DType.BOOL), -1), x.shape()));
      } else {
        whole.add(m);
      }
    }
    return List.of(Ops.any(Ops.concatenate(whole, axis), new int[] {-1}, false));
  }
}
