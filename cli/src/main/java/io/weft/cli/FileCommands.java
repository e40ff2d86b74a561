package io.weft.cli;

import io.weft.config.Registry;
import io.weft.format.ModelFiles;
import io.weft.format.SavedModel;
import io.weft.models.GraphSvg;
import io.weft.models.Model;
import io.weft.models.Models;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/** {@code summary}, {@code convert} and {@code plot}. */
final class FileCommands {
  private FileCommands() {}

  static int summary(String[] words, PrintStream out) {
    Options o = new Options(words, 1, Set.of(), Set.of());
    out.print(open(Path.of(o.rest(1, "a model file").get(0))).summary());
    return 0;
  }

  static int convert(String[] words, PrintStream out) {
    Options o = new Options(words, 1, Set.of(), Set.of());
    List<String> files = o.rest(2, "a file to read and a file to write");
    Model model = Models.load(Path.of(files.get(0)));
    model.save(Path.of(files.get(1)));
    out.println("wrote " + files.get(1));
    return 0;
  }

  static int plot(String[] words, PrintStream out) {
    Options o = new Options(words, 1, Set.of(), Set.of());
    List<String> files = o.rest(2, "a model file and an SVG file to write");
    String svg = GraphSvg.of(open(Path.of(files.get(0))));
    try {
      Files.writeString(Path.of(files.get(1)), svg);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    out.println("wrote " + files.get(1));
    return 0;
  }

  /** A model with its weights, or without where the file is a config. */
  static Model open(Path file) {
    boolean weights;
    try (SavedModel saved = ModelFiles.open(file)) {
      weights = saved.hasWeights();
    }
    return weights ? Models.load(file) : Models.build(file, Registry.standard());
  }
}
