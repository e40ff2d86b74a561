package io.weft.cli;

import io.weft.models.Functional;
import io.weft.models.Model;
import io.weft.models.Models;
import io.weft.serialization.npz.Npz;
import io.weft.tensor.HostArray;
import io.weft.tensor.Tensor;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Predictions for the arrays of an NPZ file. */
final class Predict {
  private Predict() {}

  static int run(String[] words, PrintStream out) {
    Options o = new Options(words, 1, Set.of("out", "batch"), Set.of());
    List<String> files = o.rest(2, "a model file and an .npz file");
    Model model = Models.load(Path.of(files.get(0)));
    List<Tensor> x = inputs(model, Npz.read(Path.of(files.get(1))));
    List<Tensor> y = model.predictAll(x, o.count("batch", 32));
    Map<String, HostArray> results = new LinkedHashMap<>();
    List<String> names = model.outputNames();
    for (int i = 0; i < y.size(); i++) {
      String name = names.size() == y.size() ? names.get(i) : "output_" + i;
      results.put(results.containsKey(name) ? name + "_" + i : name, y.get(i).toHostArray());
    }
    if (o.has("out")) {
      Npz.write(Path.of(o.get("out", null)), results);
      out.println("wrote " + o.get("out", null));
    } else {
      results.forEach((name, a) -> print(name, a, out));
    }
    return 0;
  }

  /** Arrays by the names of the model's inputs if they all are there, else in the file's order. */
  private static List<Tensor> inputs(Model model, Map<String, HostArray> arrays) {
    List<String> names = new ArrayList<>();
    if (model instanceof Functional f) {
      f.flatInputs().forEach(t -> names.add(t.producer().producerName()));
    }
    List<Tensor> x = new ArrayList<>();
    if (!names.isEmpty() && arrays.keySet().containsAll(names)) {
      names.forEach(n -> x.add(Tensor.ofTrusted(arrays.get(n))));
      return x;
    }
    int wanted = names.isEmpty() ? 1 : names.size();
    if (arrays.size() != wanted) {
      throw new UsageException(
          "expected "
              + wanted
              + " arrays"
              + (names.isEmpty() ? "" : " (best named " + names + ")")
              + " in the .npz file. Received: "
              + arrays.keySet());
    }
    arrays.values().forEach(a -> x.add(Tensor.ofTrusted(a)));
    return x;
  }

  private static void print(String name, HostArray a, PrintStream out) {
    out.println(name + " " + a.dtype() + a.shape());
    int n = a.shape().rank() == 0 ? 1 : a.shape().dim(-1);
    for (int i = 0; i < a.size(); i += Math.max(1, n)) {
      StringBuilder s = new StringBuilder(" ");
      for (int k = i; k < i + n; k++) {
        s.append(' ').append(text(a, k));
      }
      out.println(s);
    }
  }

  private static String text(HostArray a, int k) {
    return a.data() instanceof String[] words
        ? words[k]
        : a.dtype().isFloating() ? "" + a.doubleAt(k) : "" + a.longAt(k);
  }
}
