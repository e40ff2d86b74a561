package io.weft.format;

import java.nio.file.Path;

/** The service of a kind of model file. Implementations have no state. */
public interface ModelFormat {
  /** A word for messages, such as {@code .keras archive}. */
  String name();

  /**
   * Whether this format reads a file.
   *
   * @param file a file or folder; its name decides where the content does not
   * @param head the first bytes, at most 8; empty for a folder
   */
  boolean canRead(Path file, byte[] head);

  /** Whether this format writes files of such a name. */
  boolean canWrite(Path file);

  /** Opens a file for reading. */
  SavedModel open(Path file);

  /**
   * Writes a model; the file is replaced whole or not at all. A format with configs needs a model
   * that is {@link io.weft.config.Configurable} too.
   */
  void write(Path file, Saveable model);
}
