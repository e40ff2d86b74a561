package io.weft.conformance;

import io.weft.config.Config;
import io.weft.config.Registry;
import io.weft.error.ModelFormatException;
import io.weft.format.LoadOptions;
import io.weft.format.ModelFiles;
import io.weft.format.SavedModel;
import io.weft.layer.Layer;
import io.weft.layer.Structure;
import io.weft.models.Model;
import io.weft.models.Models;
import io.weft.tensor.Tensor;
import io.weft.tensor.Variable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Whole models and their files: every file of a case must give the same model. */
final class ModelReplay {
  private ModelReplay() {}

  static void replay(CaseFile c, Comparison compare) {
    if (c.has("error")) {
      hostile(c, compare);
      return;
    }
    if (c.has("fetch")) {
      fetched(c, compare);
      return;
    }
    boolean first = true;
    for (Object o : Comparison.list(c.get("files"))) {
      Config f = (Config) o;
      Model model = load(c, f);
      check(c, compare, f.string("file"), model);
      if (first) {
        c.write(model);
        first = false;
      }
    }
  }

  /** Files of a corpus kept elsewhere; each of them must give the model. */
  private static void fetched(CaseFile c, Comparison compare) {
    if (c.has("custom_objects")) {
      throw new Skip("needs the classes " + c.get("custom_objects"));
    }
    String load = c.has("load") ? String.valueOf(c.get("load")) : "whole";
    for (Object name : oneOrMore(c.get("fetch"))) {
      Path file = c.fetched(String.valueOf(name));
      switch (load) {
        case "whole" -> {
          requireKnown(file);
          check(c, compare, String.valueOf(name), Models.load(file));
        }
        case "weights" -> {
          Model model = (Model) Replay.restore(c.get("object"));
          model.loadWeights(file, LoadOptions.STRICT);
          check(c, compare, String.valueOf(name), model);
        }
        case "json+weights" -> {
          requireKnown(file);
          Model model = Models.build(file, Registry.standard());
          for (Object weights : oneOrMore(c.get("fetch_weights"))) {
            model.loadWeights(c.fetched(String.valueOf(weights)), LoadOptions.STRICT);
          }
          check(c, compare, String.valueOf(name), model);
        }
        default -> throw new Skip("files that are loaded as '" + load + "' are not known");
      }
    }
  }

  private static List<Object> oneOrMore(Object v) {
    return v instanceof List<?> ? Comparison.list(v) : List.of(v);
  }

  /** The model of one file of a case. */
  static Model load(CaseFile c, Config f) {
    Path path = c.folder().resolve(f.string("file"));
    boolean weightsOnly =
        f.string("format").contains("weights") || f.string("format").equals("shards");
    if (!weightsOnly) {
      requireKnown(path);
      return Models.load(path);
    }
    Path config = c.folder().resolve(f.string("config"));
    requireKnown(config);
    Model model = Models.build(config, Registry.standard());
    model.loadWeights(path, LoadOptions.STRICT.withByName(Boolean.TRUE.equals(f.get("by_name"))));
    return model;
  }

  private static void requireKnown(Path file) {
    try (SavedModel saved = ModelFiles.open(file)) {
      Replay.requireKnown(saved.config());
    }
  }

  private static void check(CaseFile c, Comparison compare, String file, Model model) {
    List<Tensor> out = call(model, c.value("inputs"));
    compare.outputs(file + ": outputs", out, Structure.leaves(c.value("outputs")));
    // weights of CuDNN layers are recorded in their own layout
    if (c.has("weights") && !String.valueOf(c.get("layers")).contains("CuDNN")) {
      weights(c, compare, file, model);
    }
    if (c.get("parameters") instanceof Config p) {
      count(compare, file + ": total", p.get("total"), model.weights());
      count(compare, file + ": trainable", p.get("trainable"), model.trainableWeights());
    }
    // classes and optimizer state of Keras 1 and 2 are read as those of Keras 3, which differ
    boolean current = String.valueOf(c.get("source")).startsWith("keras 3");
    if (current && c.has("layers")) {
      layers(c, compare, file, model);
    }
    if (current
        && c.get("optimizer") instanceof Config o
        && !file.contains("weights")
        && model.optimizer() != null) {
      List<Object> want = new ArrayList<>();
      for (Object v : Comparison.list(o.get("variables"))) {
        want.add(c.decode(Config.of("array", ((Config) v).get("array"))));
      }
      compare.outputs(
          file + ": optimizer", TrainingParts.values(model.optimizer().variables()), want);
    }
  }

  /** Low-rank weights are left out: Keras merges them into the kernel when it saves. */
  private static void weights(CaseFile c, Comparison compare, String file, Model model) {
    List<Object> want = LayerReplay.weightArrays(c, "weights");
    List<Object> entries = Comparison.list(c.get("weights"));
    List<Tensor> got = new ArrayList<>(TrainingParts.values(model.weights()));
    if (got.size() == want.size()) {
      for (int i = want.size() - 1; i >= 0; i--) {
        if (String.valueOf(((Config) entries.get(i)).get("path")).contains("lora_")) {
          want.remove(i);
          got.remove(i);
        }
      }
    }
    compare.outputs(file + ": weights", got, want);
  }

  /** Calls a model with inputs in any of the forms that cases hold. */
  static List<Tensor> call(Model model, Object inputs) {
    return model.invoke(
        java.util.Collections.singletonList(inputs), java.util.Map.of("training", false));
  }

  private static void count(Comparison compare, String what, Object want, List<Variable> vars) {
    long n = vars.stream().mapToLong(v -> v.shape().size()).sum();
    compare.require(Long.valueOf(n).equals(want), what + ": " + want + " expected, " + n + " came");
  }

  private static void layers(CaseFile c, Comparison compare, String file, Model model) {
    List<String> want = new ArrayList<>();
    for (Object o : Comparison.list(c.get("layers"))) {
      want.add(((Config) o).get("name") + ":" + ((Config) o).get("class_name"));
    }
    List<String> got = new ArrayList<>();
    for (Layer l : model.layers()) {
      got.add(l.name() + ":" + l.type().pythonName());
    }
    java.util.Collections.sort(want);
    java.util.Collections.sort(got);
    compare.require(got.equals(want), file + ": layers " + want + " expected, " + got + " came");
  }

  private static void hostile(CaseFile c, Comparison compare) {
    boolean either =
        c.flag("either")
            || (c.get("error") instanceof Config e && Boolean.TRUE.equals(e.get("either")));
    Path path =
        c.has("fetch")
            ? c.fetched(String.valueOf(oneOrMore(c.get("fetch")).get(0)))
            : c.folder().resolve(String.valueOf(c.get("file")));
    try {
      Model model = Models.load(path);
      if (!either) {
        compare.fail("the file is to be refused, it was loaded");
      } else if (c.has("outputs")) {
        compare.outputs(
            "outputs", call(model, c.value("inputs")), Structure.leaves(c.value("outputs")));
      }
    } catch (RuntimeException e) {
      compare.require(
          e instanceof ModelFormatException || Replay.isDocumented(e),
          "refused by an internal error: " + Replay.describe(e));
    }
  }
}
