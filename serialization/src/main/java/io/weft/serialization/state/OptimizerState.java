package io.weft.serialization.state;

import io.weft.serialization.hdf5.Hdf5Dataset;
import io.weft.tensor.Shape;
import io.weft.tensor.Variable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Pairs an optimizer's variables with those of a file whose writer ordered them otherwise: Keras 2
 * has no learning rate and always a momentum of SGD, Keras up to 3.9 puts Nadam's product of
 * momenta first, the optimizers before 2.11 write all first slots before all second ones.
 */
public final class OptimizerState {
  private OptimizerState() {}

  /** For each variable its dataset, or null to leave it alone; null if nothing fits. */
  public static List<Hdf5Dataset> match(List<Variable> variables, List<Hdf5Dataset> data) {
    for (List<Hdf5Dataset> candidate : candidates(variables, data)) {
      if (fits(variables, candidate)) {
        return candidate;
      }
    }
    return null;
  }

  private static List<List<Hdf5Dataset>> candidates(
      List<Variable> variables, List<Hdf5Dataset> data) {
    List<List<Hdf5Dataset>> all = new ArrayList<>();
    all.add(data);
    boolean hasRate = variables.size() > 1 && variables.get(1).name().equals("learning_rate");
    for (boolean insertRate : new boolean[] {false, true}) {
      if (data.isEmpty() || insertRate && !hasRate) {
        continue;
      }
      List<Hdf5Dataset> base = new ArrayList<>(data);
      if (insertRate) {
        base.add(1, null);
      }
      all.add(base);
      int head = hasRate ? 2 : 1;
      if (base.size() > head) {
        List<Hdf5Dataset> productLast = new ArrayList<>(base);
        productLast.add(productLast.remove(head));
        all.add(productLast);
        all.add(interleaved(base, head));
      }
      if (base.size() > variables.size()) {
        all.add(base.subList(0, variables.size()));
      }
    }
    return all;
  }

  /** a₁ a₂ … b₁ b₂ … as a₁ b₁ a₂ b₂ …. */
  private static List<Hdf5Dataset> interleaved(List<Hdf5Dataset> base, int head) {
    int n = (base.size() - head) / 2;
    if ((base.size() - head) % 2 != 0) {
      return Collections.emptyList();
    }
    List<Hdf5Dataset> out = new ArrayList<>(base.subList(0, head));
    for (int i = 0; i < n; i++) {
      out.add(base.get(head + i));
      out.add(base.get(head + n + i));
    }
    return out;
  }

  private static boolean fits(List<Variable> variables, List<Hdf5Dataset> data) {
    if (data.size() != variables.size()) {
      return false;
    }
    for (int i = 0; i < data.size(); i++) {
      Shape s = data.get(i) == null ? null : data.get(i).shape();
      if (s != null && !s.equals(variables.get(i).shape())) {
        return false;
      }
    }
    return true;
  }
}
