package io.weft.conformance;

import io.weft.config.Config;
import io.weft.layer.Layer;
import io.weft.serialization.safetensors.Safetensors;
import io.weft.systems.weights.StateDict;
import io.weft.systems.weights.StateDictOptions;
import io.weft.systems.weights.TorchEntry;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;
import io.weft.tensor.Variable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Weights and their gradients in cases with {@code layout: torch}: named and laid out as in the
 * state dict of the original.
 */
final class TorchLayout {
  private TorchLayout() {}

  /** Whether a case's weights are PyTorch's. */
  static boolean of(CaseFile c) {
    return "torch".equals(c.get("layout"));
  }

  /** Loads the case's weights by name; names left over on either side are differences. */
  static void setWeights(CaseFile c, Layer layer) {
    if (c.get("file") instanceof String file) {
      Path path = c.folder().resolve(file);
      StateDict.loadSafetensors(layer, path);
      try (Safetensors s = Safetensors.open(path)) {
        List<Object> order = Comparison.list(c.get("weights_order"));
        if (!s.names().equals(new LinkedHashSet<>(order))) {
          throw new Skip(file + " holds other tensors than weights_order says");
        }
      }
    } else if (c.has("weights")) {
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      List<Object> arrays = LayerReplay.weightArrays(c, "weights");
      List<Object> entries = Comparison.list(c.get("weights"));
      boolean tables = false;
      for (int i = 0; i < arrays.size(); i++) {
        if (arrays.get(i) instanceof Tensor t) {
          tensors.put(((Config) entries.get(i)).string("path"), t);
        } else {
          tables = true; // computed by the layer itself, which keeps it
        }
      }
      StateDict.load(layer, tensors, tables ? StateDictOptions.LENIENT : StateDictOptions.STRICT);
    }
  }

  /** Compares the gradients of the trainable weights, whole or by their sums and norms. */
  static void gradients(
      CaseFile c,
      Comparison compare,
      Layer layer,
      Map<Variable, Tensor> grads,
      Map<String, Object> expected) {
    if (!c.has("trainable_order")) {
      return;
    }
    StateDict dict = StateDict.of(layer);
    Map<String, Tensor> byName = new LinkedHashMap<>();
    for (Object name : Comparison.list(c.get("trainable_order"))) {
      TorchEntry e = dict.find((String) name);
      byName.put((String) name, e == null ? null : e.join(grads::get));
    }
    List<Object> names = Comparison.list(c.get("trainable_order"));
    List<Object> whole = Comparison.list(expected.get("weights"));
    for (int i = 0; i < whole.size(); i++) {
      String name = (String) names.get(i);
      LayerReplay.gradient(
          compare,
          "grads.weights " + name,
          byName.get(name),
          shaped(whole.get(i), byName.get(name)));
    }
    if (expected.get("weight_norms") instanceof Tensor norms) {
      List<Tensor> rows = new ArrayList<>();
      for (Object name : names) {
        rows.add(sumAndNorm(byName.get((String) name)));
      }
      compare.gradients("grads.weight_norms of " + names, Ops.stack(rows, 0), norms);
    }
  }

  /** Parameters that the state dict counts once more, since weights stand under several names. */
  static long tied(CaseFile c, Layer layer) {
    StateDict dict = StateDict.of(layer);
    List<Object> names = new ArrayList<>(Comparison.list(c.get("weights_order")));
    Comparison.list(c.get("weights")).forEach(w -> names.add(((Config) w).string("path")));
    long all = 0;
    Set<Variable> once = Collections.newSetFromMap(new IdentityHashMap<>());
    for (Object name : names) {
      TorchEntry e = dict.find((String) name);
      if (e != null) {
        all += e.shape().size();
        once.addAll(e.parts());
      }
    }
    return all - once.stream().mapToLong(v -> v.shape().size()).sum();
  }

  /** A 1×1 convolution of the original may be a linear layer here. */
  private static Object shaped(Object expected, Tensor actual) {
    return expected instanceof Tensor e
            && actual != null
            && e.rank() > actual.rank()
            && e.shape().size() == actual.shape().size()
        ? Ops.reshape(e, actual.shape().dims())
        : expected;
  }

  private static Tensor sumAndNorm(Tensor g) {
    double sum = 0;
    double squares = 0;
    if (g != null) {
      for (double d : g.toDoubleArray()) {
        sum += d;
        squares += d * d;
      }
    }
    return Tensor.of(new float[] {(float) sum, (float) Math.sqrt(squares)}, 2);
  }
}
