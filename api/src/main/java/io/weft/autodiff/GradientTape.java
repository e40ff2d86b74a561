package io.weft.autodiff;

import io.weft.tensor.Tape;
import io.weft.tensor.Tensor;
import io.weft.tensor.Variable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Records a computation and differentiates it. Belongs to the thread that opened it; works eagerly
 * and inside a capture; tapes may be nested for higher orders.
 *
 * <pre>{@code
 * try (GradientTape tape = GradientTape.open()) {
 *   Tensor loss = Ops.mean(Ops.square(model.apply(x).minus(y)));
 *   Map<Variable, Tensor> g = tape.gradient(loss, model.trainableWeights());
 * }
 * }</pre>
 */
public final class GradientTape implements AutoCloseable {
  private final Tape tape = Tape.open();
  private boolean open = true;

  private GradientTape() {}

  public static GradientTape open() {
    return new GradientTape();
  }

  /**
   * The gradient of a scalar with respect to variables; a variable without influence is left out.
   */
  public Map<Variable, Tensor> gradient(Tensor loss, List<Variable> variables) {
    List<Tensor> sources = new ArrayList<>();
    for (Variable v : variables) {
      sources.add(v.raw());
    }
    List<Tensor> g = gradients(List.of(loss), null, sources);
    Map<Variable, Tensor> result = new LinkedHashMap<>();
    for (int i = 0; i < g.size(); i++) {
      if (g.get(i) != null) {
        result.put(variables.get(i), g.get(i));
      }
    }
    return result;
  }

  /**
   * Σ sum(outputs·seeds) differentiated with respect to {@code sources} (tensors that were used in
   * the recording); null seeds are ones, null results mean no influence.
   */
  public List<Tensor> gradients(List<Tensor> outputs, List<Tensor> seeds, List<Tensor> sources) {
    return Gradients.of(List.copyOf(tape.entries()), outputs, seeds, sources);
  }

  @Override
  public void close() {
    if (open) {
      open = false;
      tape.close();
    }
  }
}
