package io.weft.serialization;

import io.weft.config.Config;
import io.weft.error.ModelFormatException;
import io.weft.format.LoadOptions;
import io.weft.format.ModelFormat;
import io.weft.format.Saveable;
import io.weft.format.SavedModel;
import io.weft.serialization.hdf5.Hdf5File;
import io.weft.serialization.io.AtomicFile;
import io.weft.serialization.io.ByteSource;
import io.weft.serialization.json.JsonCodec;
import io.weft.serialization.legacy.OldConfigs;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * JSON texts: the architecture of a model, as {@code model.to_json()} gives it, and the index of
 * weights that are split over several files ({@code .weights.json}).
 */
public final class JsonFormat implements ModelFormat {
  private static final int MAX_SHARDS = 100_000;

  @Override
  public String name() {
    return "JSON config";
  }

  @Override
  public boolean canRead(Path file, byte[] head) {
    for (byte b : head) {
      if (b != ' ' && b != '\n' && b != '\r' && b != '\t') {
        return b == '{' || b == (byte) 0xef && file.toString().endsWith(".json");
      }
    }
    return false;
  }

  @Override
  public boolean canWrite(Path file) {
    return file.toString().endsWith(".json") && !file.toString().endsWith(".weights.json");
  }

  @Override
  public SavedModel open(Path file) {
    Config json;
    try (ByteSource s = ByteSource.open(file)) {
      json = JsonCodec.read(file.toString(), s.bytes(0, s.size()));
    }
    if (json.get("weight_map") instanceof Config map && !json.has("class_name")) {
      return shards(file, map);
    }
    String version = json.get("keras_version") instanceof String v ? v : null;
    Config envelope = json.without("keras_version", "backend");
    return new Architecture(
        file.toString(), OldConfigs.modern(file.toString(), envelope, version), version);
  }

  @Override
  public void write(Path file, Saveable model) {
    byte[] text =
        JsonCodec.write(ConfigText.envelope(file.toString(), model))
            .getBytes(StandardCharsets.US_ASCII);
    AtomicFile.write(file, c -> c.write(ByteBuffer.wrap(text)));
  }

  /** Opens the shards of a map; each must be a plain name beside the index. */
  private static SavedModel shards(Path index, Config map) {
    Set<String> names = new LinkedHashSet<>();
    for (String path : map.keys()) {
      Object v = map.get(path);
      for (Object name : v instanceof List<?> l ? l : List.of(v == null ? "" : v)) {
        boolean plain = name instanceof String s && s.matches("[^/\\\\:\0]+") && !s.matches("\\.+");
        if (!plain) {
          throw new ModelFormatException(
              index
                  + ": weight_map: "
                  + path
                  + ": expected names of files beside the index. Received: "
                  + Config.text(name));
        }
        names.add((String) name);
      }
    }
    if (names.size() > MAX_SHARDS) {
      throw new ModelFormatException(
          index + ": expected at most " + MAX_SHARDS + " shards. Received: " + names.size());
    }
    List<Hdf5File> files = new ArrayList<>();
    try {
      for (String n : names) {
        files.add(Hdf5File.open(index.resolveSibling(n)));
      }
      return new WeightsOnly(index.toString(), files);
    } catch (RuntimeException e) {
      files.forEach(Hdf5File::close);
      throw e;
    }
  }

  /** A config without weights. */
  private record Architecture(String file, Config config, String kerasVersion)
      implements SavedModel {
    @Override
    public boolean hasWeights() {
      return false;
    }

    @Override
    public List<String> load(Saveable model, LoadOptions options) {
      throw new ModelFormatException(
          file + ": expected a file with weights. Received: a config only");
    }

    @Override
    public void close() {}
  }
}
