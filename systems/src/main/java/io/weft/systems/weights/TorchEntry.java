package io.weft.systems.weights;

import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.tensor.TensorSpec;
import io.weft.tensor.Variable;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * One tensor of a state dict and the variables it holds.
 *
 * @param name its full name, such as {@code down_blocks.0.resnets.0.conv1.weight}
 * @param layout how each variable lies in it
 * @param parts the variables; several are stacked along the tensor's first axis
 */
public record TorchEntry(String name, Layout layout, List<Variable> parts) {
  public TorchEntry {
    parts = List.copyOf(parts);
  }

  /** A tensor that holds one variable. */
  public static TorchEntry of(String name, Layout layout, Variable variable) {
    return new TorchEntry(name, layout, List.of(variable));
  }

  /** A tensor that holds several variables, stacked along its first axis. */
  public static TorchEntry stacked(String name, Layout layout, Variable... parts) {
    return new TorchEntry(name, layout, List.of(parts));
  }

  /** The same under a name that begins with {@code prefix}. */
  TorchEntry under(String prefix) {
    return new TorchEntry(prefix + name, layout, parts);
  }

  /** The tensor's shape. */
  public Shape shape() {
    Shape s = layout.torchShape(parts.get(0).shape());
    int first = 0;
    for (Variable v : parts) {
      first += layout.torchShape(v.shape()).dim(0);
    }
    return parts.size() == 1 ? s : s.withDim(0, first);
  }

  /** The tensor's dtype. */
  public DType dtype() {
    return parts.get(0).dtype();
  }

  /** The tensor with what {@code values} gives for each variable; null where it gives null. */
  public Tensor join(Function<Variable, Tensor> values) {
    List<Tensor> pieces = new ArrayList<>();
    boolean any = false;
    for (Variable v : parts) {
      Tensor t = values.apply(v);
      any |= t != null;
      pieces.add(layout.toTorch(t == null ? Ops.zeros(v.shape(), v.dtype()) : t));
    }
    return !any ? null : pieces.size() == 1 ? pieces.get(0) : Ops.concatenate(pieces, 0);
  }

  /** The variables' new values, in the order of {@link #parts}. */
  List<Tensor> cut(Tensor torch) {
    Tensor whole = Ops.reshape(torch, shape().dims());
    List<Tensor> out = new ArrayList<>();
    int at = 0;
    for (Variable v : parts) {
      Shape s = layout.torchShape(v.shape());
      Tensor piece = whole;
      if (parts.size() > 1) {
        int[] starts = new int[s.rank()];
        starts[0] = at;
        piece = Ops.slice(whole, starts, s.dims());
        at += s.dim(0);
      }
      out.add(Ops.cast(layout.toOurs(piece, v.shape()), v.dtype()));
    }
    return out;
  }

  /**
   * Whether a tensor fits: its shape is ours but for window axes of size 1 at the end (a 1×1
   * convolution is a linear layer on channels), and its numbers are of the same kind.
   */
  boolean accepts(TensorSpec given) {
    return dtype().isFloating() == given.dtype().isFloating()
        && withoutOnes(given.shape()).equals(withoutOnes(shape()));
  }

  private static Shape withoutOnes(Shape s) {
    int r = s.rank();
    while (r > 2 && s.dim(r - 1) == 1) {
      r--;
    }
    return s.slice(0, r);
  }
}
