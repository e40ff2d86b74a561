package io.weft.fused;

import io.weft.tensor.Graph;
import io.weft.tensor.Op;
import io.weft.tensor.Ops;
import io.weft.tensor.Rules;
import io.weft.tensor.Tensor;
import io.weft.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.List;

/**
 * Several element-wise ops as one pass over memory. The body holds such ops only; all their results
 * have one shape, to which the inputs broadcast. Made by {@link io.weft.compile.Passes}.
 */
public record FusedElementwise(Graph body) implements Op {
  @Override
  public String name() {
    return "fused_elementwise";
  }

  @Override
  public List<TensorSpec> infer(List<TensorSpec> in) {
    Rules.require(in.equals(body.specs(body.inputs())), this, "the inputs of the body", in);
    return body.specs(body.outputs());
  }

  @Override
  public List<Tensor> decompose(List<Tensor> in) {
    List<TensorSpec> specs = body.specs(body.outputs());
    List<Tensor> y = body.call(in);
    List<Tensor> out = new ArrayList<>();
    for (int i = 0; i < y.size(); i++) {
      out.add(Ops.broadcastTo(y.get(i), specs.get(i).shape()));
    }
    return out;
  }
}
