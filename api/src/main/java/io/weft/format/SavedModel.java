package io.weft.format;

import io.weft.config.Config;
import java.util.List;

/** A model file, opened: its config at once, its weights when a model asks for them. */
public interface SavedModel extends AutoCloseable {
  /** The name of the file, for messages. */
  String file();

  /**
   * The envelope of the model in the form of Keras 3, whatever wrote it; with {@code
   * compile_config} if the model was compiled. Null in a file that has weights only.
   */
  Config config();

  /** The version of Keras that wrote the file; null if the file does not say. */
  String kerasVersion();

  /** False in a file that has a config only. */
  boolean hasWeights();

  /**
   * Reads weights, optimizer state and assets into a built model. What is missing, surplus or of
   * another shape is reported together in one {@link io.weft.error.ModelFormatException}; then no
   * variable has changed.
   *
   * @return what was passed over, one sentence each
   */
  List<String> load(Saveable model, LoadOptions options);

  @Override
  void close();
}
