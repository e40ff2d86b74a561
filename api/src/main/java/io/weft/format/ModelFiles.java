package io.weft.format;

import io.weft.error.ModelFormatException;
import io.weft.error.UnsupportedFeatureException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.ServiceLoader;

/** Opens and writes model files of every format on the path. */
public final class ModelFiles {
  private static final class Holder {
    static final List<ModelFormat> FORMATS = load();

    private static List<ModelFormat> load() {
      List<ModelFormat> all = new ArrayList<>();
      for (ModelFormat f :
          ServiceLoader.load(ModelFormat.class, ModelFiles.class.getClassLoader())) {
        all.add(f);
      }
      return List.copyOf(all);
    }
  }

  private ModelFiles() {}

  /** Opens a file or folder; its content decides on the format, then its name. */
  public static SavedModel open(Path file) {
    byte[] head = head(file);
    for (ModelFormat f : Holder.FORMATS) {
      if (f.canRead(file, head)) {
        return f.open(file);
      }
    }
    if (Holder.FORMATS.isEmpty()) {
      throw noFormats();
    }
    throw new ModelFormatException(
        file
            + ": expected one of "
            + names()
            + ". Received: "
            + (head.length == 0
                ? "an empty file, or a folder without config.json"
                : "a file that begins with the bytes " + HexFormat.of().formatHex(head)));
  }

  /** Writes a model in the format that the file's name asks for. */
  public static void write(Path file, Saveable model) {
    for (ModelFormat f : Holder.FORMATS) {
      if (f.canWrite(file)) {
        f.write(file, model);
        return;
      }
    }
    if (Holder.FORMATS.isEmpty()) {
      throw noFormats();
    }
    throw new UnsupportedFeatureException(
        file + ": expected a name that ends with .keras, .weights.h5, .h5 or .json");
  }

  private static List<String> names() {
    return Holder.FORMATS.stream().map(ModelFormat::name).toList();
  }

  private static UnsupportedFeatureException noFormats() {
    return new UnsupportedFeatureException(
        "Model files: no format is installed. Add weft-serialization to the class path.");
  }

  private static byte[] head(Path file) {
    if (Files.isDirectory(file)) {
      return new byte[0];
    }
    try {
      if (!Files.exists(file)) {
        throw new NoSuchFileException(file.toString());
      }
      try (InputStream in = Files.newInputStream(file)) {
        return in.readNBytes(8);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
