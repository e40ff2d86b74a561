package io.weft.fused;

import io.weft.tensor.DType;
import io.weft.tensor.Graph;
import io.weft.tensor.Op;
import io.weft.tensor.Ops;
import io.weft.tensor.Reduction;
import io.weft.tensor.Rules;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Several element-wise ops as one pass over memory. The body holds such ops only; all their results
 * have one shape, to which the inputs broadcast. A result is stored, or summed over its leading
 * axes, or both, where the body names it twice. Made by {@link io.weft.compile.Passes}.
 *
 * @param summed for each result of the body, how many leading axes it is summed over; 0 where it is
 *     stored
 */
public record FusedElementwise(Graph body, List<Integer> summed) implements Op {
  /** The largest sums: more elements would not fit into the tile of a backend. */
  public static final int MOST_SUMS = 1024;

  public FusedElementwise {
    summed = List.copyOf(summed);
  }

  /** Whether an op is a sum that can be part of the op that makes its input. */
  public static boolean sums(Op op, List<TensorSpec> in) {
    if (!(op instanceof Reduction.Reduce r) || r.fold() != Reduction.Fold.SUM) {
      return false;
    }
    Shape x = in.get(0).shape();
    int axes = r.axes().size();
    return in.get(0).dtype() == DType.FLOAT32
        && axes > 0
        && r.axes().get(axes - 1) == axes - 1
        && x.size() > 0
        && x.size() <= Integer.MAX_VALUE
        && x.product(axes, x.rank()) <= MOST_SUMS;
  }

  /** The shape of all results of the body. */
  public Shape shape() {
    return body.specs().get(body.outputs().get(0)).shape();
  }

  @Override
  public String name() {
    return "fused_elementwise";
  }

  @Override
  public List<TensorSpec> infer(List<TensorSpec> in) {
    Rules.require(in.equals(body.specs(body.inputs())), this, "the inputs of the body", in);
    List<TensorSpec> out = new ArrayList<>();
    for (int i = 0; i < summed.size(); i++) {
      TensorSpec y = body.specs().get(body.outputs().get(i));
      int[] dims = y.shape().dims();
      Shape rest = Shape.of(Arrays.copyOfRange(dims, summed.get(i), dims.length));
      out.add(new TensorSpec(rest, y.dtype()));
    }
    return out;
  }

  @Override
  public List<Tensor> decompose(List<Tensor> in) {
    List<Tensor> y = body.call(in);
    List<Tensor> out = new ArrayList<>();
    for (int i = 0; i < y.size(); i++) {
      Tensor whole = Ops.broadcastTo(y.get(i), shape());
      int[] axes = IntStream.range(0, summed.get(i)).toArray();
      out.add(axes.length == 0 ? whole : Ops.sum(whole, axes, false));
    }
    return out;
  }
}
