package io.weft.cli;

import io.weft.config.Config;
import io.weft.config.Registry;
import io.weft.format.ModelFiles;
import io.weft.format.SavedModel;
import io.weft.models.Model;
import io.weft.ops.OpTable;
import io.weft.tensor.Variable;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** What is in a file, and everything in it that Weft does not support. */
final class Inspect {
  private Inspect() {}

  static int run(String[] words, PrintStream out) {
    Options o = new Options(words, 1, Set.of(), Set.of());
    Path file = Path.of(o.rest(1, "a model file").get(0));
    Set<String> unsupported = new TreeSet<>();
    boolean readable;
    try (SavedModel saved = ModelFiles.open(file)) {
      out.println("file: " + file);
      String version = saved.kerasVersion();
      out.println("written by: " + (version == null ? "not stated" : "Keras " + version));
      Config config = saved.config();
      if (config == null) {
        out.println("content: weights only");
        return 0;
      }
      out.println(
          "content: "
              + config.get("class_name")
              + (saved.hasWeights() ? " with weights" : ", config only"));
      Map<String, Integer> classes = new TreeMap<>();
      walk(config.without("compile_config"), classes, unsupported);
      classes.forEach((c, n) -> out.println("  " + n + " x " + c));
      if (config.get("compile_config") instanceof Config c && !c.isEmpty()) {
        out.println("compiled: " + name(c.get("optimizer")) + ", loss " + name(c.get("loss")));
        walk(c, new TreeMap<>(), unsupported);
      }
      readable = unsupported.isEmpty();
    }
    if (readable) {
      weights(file, out);
      out.println("supported: everything");
      return 0;
    }
    out.println("not supported:");
    unsupported.forEach(u -> out.println("  " + u));
    return 1;
  }

  private static String name(Object v) {
    return v instanceof Config c && c.get("class_name") instanceof String s ? s : String.valueOf(v);
  }

  private static void walk(Object v, Map<String, Integer> classes, Set<String> unsupported) {
    if (v instanceof List<?> l) {
      l.forEach(e -> walk(e, classes, unsupported));
      return;
    }
    if (!(v instanceof Config c)) {
      return;
    }
    if (Registry.isEnvelope(c)) {
      note(c, classes, unsupported);
    }
    c.asMap().values().forEach(e -> walk(e, classes, unsupported));
  }

  private static void note(Config c, Map<String, Integer> classes, Set<String> unsupported) {
    String name = c.string("class_name");
    String module = String.valueOf(c.get("module"));
    if (name.equals("__lambda__")) {
      unsupported.add("a Python lambda: code in files is never run");
      return;
    }
    if (name.startsWith("__") || name.contains("DTypePolicy") || name.equals("function")) {
      return;
    }
    boolean op = module.startsWith("keras.src.ops");
    boolean layer =
        op || module.contains("layers") || module.contains("models") || module.equals("keras");
    if (layer) {
      classes.merge(name + (op ? " (op)" : ""), 1, Integer::sum);
    }
    boolean known =
        op ? OpTable.ofClass(module, name) != null : Registry.standard().entryOf(c) != null;
    if (!known) {
      unsupported.add(name + " of " + module);
    }
  }

  private static void weights(Path file, PrintStream out) {
    Model model = FileCommands.open(file);
    for (Variable v : model.weights()) {
      out.println("  " + v.path() + " " + v.spec() + (v.trainable() ? "" : " frozen"));
    }
    out.println("parameters: " + (model.isBuilt() ? model.countParams() : "none before the build"));
  }
}
