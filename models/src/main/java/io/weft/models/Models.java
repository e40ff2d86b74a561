package io.weft.models;

import io.weft.backend.Backends;
import io.weft.config.Config;
import io.weft.config.Registry;
import io.weft.error.ConfigException;
import io.weft.error.ModelFormatException;
import io.weft.error.ShapeException;
import io.weft.error.UnsupportedFeatureException;
import io.weft.error.WeftException;
import io.weft.format.LoadOptions;
import io.weft.format.ModelFiles;
import io.weft.format.SavedModel;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.function.Supplier;

/**
 * Models from files of every Keras: archives and folders, whole HDF5 models, JSON configs. Nothing
 * in a file is run; classes of one's own are made only if the registry knows them.
 */
public final class Models {
  /** Bytes of a file from which on the work of its model is worth a preparation. */
  private static final long LARGE = 1 << 16;

  private Models() {}

  /**
   * Loads a model with weights and, if it was compiled, its optimizer and the optimizer's state.
   */
  public static Model load(Path file) {
    return load(file, Registry.standard(), true);
  }

  /** Loads a model; {@code compile} false leaves optimizer, loss and metrics aside. */
  public static Model load(Path file, Registry registry, boolean compile) {
    return guarded(file, () -> loadWhole(file, registry, compile));
  }

  private static Model loadWhole(Path file, Registry registry, boolean compile) {
    if (file.toFile().length() >= LARGE) {
      Backends.current().prepare();
    }
    try (SavedModel saved = ModelFiles.open(file)) {
      Model model = restore(saved, registry, compile);
      if (!saved.hasWeights()) {
        throw new ModelFormatException(
            file + ": expected a model with weights. Received: a config only. Use Models.build");
      }
      saved.load(model, LoadOptions.STRICT.withOptimizer(compile));
      return model;
    }
  }

  /** Makes the model that a file describes, with fresh weights; JSON configs have no others. */
  public static Model build(Path file, Registry registry) {
    return guarded(
        file,
        () -> {
          try (SavedModel saved = ModelFiles.open(file)) {
            return restore(saved, registry, false);
          }
        });
  }

  /**
   * Lets through the exceptions that are documented. Whatever else a damaged file brings about, in
   * any layer, says that the file is damaged.
   */
  private static Model guarded(Path file, Supplier<Model> body) {
    try {
      return body.get();
    } catch (WeftException
        | ConfigException
        | ShapeException
        | UnsupportedFeatureException
        | UncheckedIOException e) {
      throw e;
    } catch (RuntimeException | StackOverflowError e) {
      throw new ModelFormatException(
          file + ": expected a model whose parts fit together. Received: " + e, e);
    }
  }

  /** Makes a model from its envelope, with fresh weights. */
  public static Model fromConfig(Config envelope, Registry registry) {
    return restore("model", envelope, registry, true);
  }

  private static Model restore(SavedModel saved, Registry registry, boolean compile) {
    Config config = saved.config();
    if (config == null) {
      throw new ModelFormatException(
          saved.file()
              + ": expected a whole model. Received: weights only. Make the model, then use"
              + " loadWeights");
    }
    return restore(saved.file(), config, registry, compile);
  }

  private static Model restore(String where, Config config, Registry registry, boolean compile) {
    Object made = registry.restore(config.without("compile_config"), where);
    if (!(made instanceof Model model)) {
      throw new ConfigException(
          where + ": expected a model. Received: " + Config.text(config.get("class_name")));
    }
    if (compile && config.get("compile_config") instanceof Config c && !c.isEmpty()) {
      model.compileFromConfig(c, registry);
    }
    return model;
  }
}
