package io.weft.control;

import io.weft.error.UnsupportedFeatureException;
import io.weft.tensor.Graph;
import io.weft.tensor.Op;
import io.weft.tensor.Rules;
import io.weft.tensor.Tensor;
import io.weft.tensor.TensorSpec;
import io.weft.tensor.Trace;
import io.weft.tensor.Vjp;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A loop that goes on while a condition holds, at most {@code most} times (negative: no limit).
 * Inputs: the carried values, the captures of the condition, those of the body; outputs: the
 * carried values at the end.
 */
public record While(Graph condition, Graph body, int carries, int most) implements Op {
  @Override
  public String name() {
    return "while_loop";
  }

  @Override
  public List<TensorSpec> infer(List<TensorSpec> in) {
    List<TensorSpec> out = body.specs(body.outputs());
    Rules.require(out.equals(in.subList(0, carries)), this, "a body that keeps the specs", in);
    return out;
  }

  /** By way of a scan over {@code most} steps, which stand still once the condition fails. */
  @Override
  public List<Tensor> vjp(Vjp v) {
    if (most < 0) {
      throw new UnsupportedFeatureException(
          "while_loop: the derivative of a captured loop needs a limit. Give maximum_iterations, or"
              + " use scan.");
    }
    List<Tensor> in = new ArrayList<>();
    for (int i = 0; i < v.inputs(); i++) {
      in.add(v.in(i));
    }
    int c = condition.inputs().size(); // the carried values and its captures
    Trace.Captured captured =
        Trace.captureInner(
            Control.specs(in),
            x -> {
              Control.Step s =
                  Control.scan(
                      (now, none) -> {
                        Tensor go = condition.call(joined(now, x.subList(carries, c))).get(0);
                        return new Control.Step(
                            Control.cond(
                                go,
                                () -> body.call(joined(now, x.subList(c, x.size()))),
                                () -> now),
                            List.of());
                      },
                      x.subList(0, carries),
                      List.of(),
                      most,
                      false);
              return s.carries();
            });
    List<Tensor> seeds = new ArrayList<>();
    for (int i = 0; i < carries; i++) {
      seeds.add(v.hasDout(i) ? v.dout(i) : null);
    }
    List<Integer> wanted = new ArrayList<>();
    for (int i = 0; i < in.size(); i++) {
      if (v.needs(i)) {
        wanted.add(i);
      }
    }
    List<Tensor> grads = Inner.gradients(captured.graph(), in, seeds, wanted);
    Tensor[] result = new Tensor[in.size()];
    for (int i = 0; i < grads.size(); i++) {
      result[wanted.get(i)] = grads.get(i);
    }
    return Arrays.asList(result);
  }

  private static List<Tensor> joined(List<Tensor> a, List<Tensor> b) {
    List<Tensor> all = new ArrayList<>(a);
    all.addAll(b);
    return all;
  }
}
