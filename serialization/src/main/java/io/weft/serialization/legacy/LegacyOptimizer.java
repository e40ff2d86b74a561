package io.weft.serialization.legacy;

import io.weft.format.Saveable;
import io.weft.serialization.state.Assignments;
import io.weft.tensor.Variable;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Optimizer state of old files by role: files of Keras 1 and 2 have no learning rate, and, before
 * 2.11, all first moments before all second ones. State that does not fit is left alone.
 */
final class LegacyOptimizer {
  /** Optimizers of Keras 3 that keep the slots of one variable together. */
  private static final Set<String> INTERLEAVED =
      Set.of("adam", "adam_w", "nadam", "adamax", "adadelta", "ftrl", "lamb");

  private LegacyOptimizer() {}

  static void load(
      Saveable optimizer,
      List<Variable> trained,
      List<StoredArray> stored,
      int generation,
      Assignments assignments) {
    List<Variable> variables = optimizer.savedVariables();
    List<StoredArray> matched =
        generation >= 3 ? stored : byRole(optimizer.autoName(), variables, trained, stored);
    if (matched == null || !fits(variables, matched)) {
      assignments.note(
          "optimizer keeps its state: expected "
              + variables.size()
              + " variables. Received: "
              + stored.size()
              + ", whose roles or shapes differ");
      return;
    }
    for (int i = 0; i < variables.size(); i++) {
      if (matched.get(i) != null) {
        assignments.add(variables.get(i), matched.get(i).read());
      }
    }
  }

  private static boolean fits(List<Variable> variables, List<StoredArray> arrays) {
    if (arrays.size() != variables.size()) {
      return false;
    }
    for (int i = 0; i < arrays.size(); i++) {
      if (arrays.get(i) != null && !arrays.get(i).shape().equals(variables.get(i).shape())) {
        return false;
      }
    }
    return true;
  }

  private static List<StoredArray> byRole(
      String word, List<Variable> variables, List<Variable> trained, List<StoredArray> stored) {
    int n = trained.size();
    List<StoredArray> rest = new ArrayList<>(stored);
    List<StoredArray> out = new ArrayList<>();
    StoredArray iteration = takeScalar(rest, trained);
    StoredArray product = takeScalar(rest, trained);
    out.add(iteration);
    if (variables.size() > 1 && variables.get(1).name().equals("learning_rate")) {
      out.add(null);
    }
    int wanted = variables.size() - out.size();
    boolean hasProduct = word.equals("nadam");
    wanted -= hasProduct ? 1 : 0;
    if (n == 0 || wanted % n != 0 || rest.size() < wanted) {
      return null;
    }
    int slots = wanted / n;
    List<List<StoredArray>> blocks = blocks(rest, trained, slots);
    if (blocks == null) {
      return null;
    }
    int together = INTERLEAVED.contains(word) ? Math.min(2, slots) : 1;
    for (int i = 0; i < n && together > 1; i++) {
      for (int b = 0; b < together; b++) {
        out.add(blocks.get(b).get(i));
      }
    }
    for (int b = together > 1 ? together : 0; b < slots; b++) {
      out.addAll(blocks.get(b));
    }
    if (hasProduct) {
      out.add(product);
    }
    return out;
  }

  /** The scalar in front, unless the model's first variable is a scalar too. */
  private static StoredArray takeScalar(List<StoredArray> rest, List<Variable> trained) {
    boolean scalar = !rest.isEmpty() && rest.get(0).shape().rank() == 0;
    if (!scalar || !trained.isEmpty() && trained.get(0).shape().rank() == 0) {
      return null;
    }
    return rest.remove(0);
  }

  /** Slot by slot, whether the file has them so or variable by variable. */
  private static List<List<StoredArray>> blocks(
      List<StoredArray> rest, List<Variable> trained, int slots) {
    int n = trained.size();
    boolean interleaved = slots > 1 && slots * n <= rest.size() && isInterleaved(rest);
    List<List<StoredArray>> blocks = new ArrayList<>();
    for (int b = 0; b < slots; b++) {
      List<StoredArray> block = new ArrayList<>();
      for (int i = 0; i < n; i++) {
        StoredArray a = rest.get(interleaved ? i * slots + b : b * n + i);
        if (!a.shape().equals(trained.get(i).shape())) {
          return null;
        }
        block.add(a);
      }
      blocks.add(block);
    }
    return blocks;
  }

  /** Keras 2.11 and later: {@code Adam/m/dense/kernel}, {@code Adam/v/dense/kernel}, …. */
  private static boolean isInterleaved(List<StoredArray> rest) {
    String[] first = rest.get(0).name().split("/", 3);
    String[] second = rest.get(1).name().split("/", 3);
    return first.length == 3
        && second.length == 3
        && !first[1].equals(second[1])
        && first[2].equals(second[2]);
  }
}
