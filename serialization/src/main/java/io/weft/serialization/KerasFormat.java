package io.weft.serialization;

import io.weft.config.Config;
import io.weft.error.ModelFormatException;
import io.weft.format.LoadOptions;
import io.weft.format.ModelFormat;
import io.weft.format.Saveable;
import io.weft.format.SavedModel;
import io.weft.serialization.archive.KerasArchive;
import io.weft.serialization.hdf5.Hdf5File;
import io.weft.serialization.hdf5.Hdf5Writer;
import io.weft.serialization.io.AtomicFile;
import io.weft.serialization.io.ZipWriter;
import io.weft.serialization.json.JsonCodec;
import io.weft.serialization.legacy.OldConfigs;
import io.weft.serialization.state.ImpliedSizes;
import io.weft.serialization.state.StateReader;
import io.weft.serialization.state.StateWalk;
import io.weft.serialization.state.StateWriter;
import io.weft.serialization.state.WeightStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The {@code .keras} archive of Keras 2.12 and later, zipped or as a folder. */
public final class KerasFormat implements ModelFormat {
  @Override
  public String name() {
    return ".keras archive";
  }

  @Override
  public boolean canRead(Path file, byte[] head) {
    return head.length == 0
        ? Files.exists(file.resolve(KerasArchive.CONFIG))
        : head.length > 1 && head[0] == 'P' && head[1] == 'K';
  }

  @Override
  public boolean canWrite(Path file) {
    return file.toString().endsWith(".keras") || Files.isDirectory(file);
  }

  @Override
  public SavedModel open(Path file) {
    KerasArchive archive = KerasArchive.open(file);
    try {
      return new Opened(archive);
    } catch (RuntimeException e) {
      archive.close();
      throw e;
    }
  }

  @Override
  public void write(Path file, Saveable model) {
    LocalDateTime now = LocalDateTime.now();
    byte[] config = text(ConfigText.envelope(file.toString(), model));
    byte[] metadata = text(ConfigText.metadata(now));
    Hdf5Writer weights = new Hdf5Writer(StateWriter.groups(model));
    Map<String, byte[]> assets = StateWriter.assets(model);
    if (Files.isDirectory(file)) {
      writeFolder(file, config, metadata, weights, assets);
      return;
    }
    AtomicFile.write(
        file,
        channel -> {
          ZipWriter zip = new ZipWriter(channel);
          zip.add(KerasArchive.METADATA, metadata);
          zip.add(KerasArchive.CONFIG, config);
          zip.add(KerasArchive.WEIGHTS, now, weights.size(), weights::writeTo);
          for (Map.Entry<String, byte[]> e : assets.entrySet()) {
            byte[] b = e.getValue();
            zip.add(KerasArchive.ASSETS + e.getKey(), now, b.length, out -> out.write(b));
          }
          zip.finish();
        });
  }

  /** The config comes last: without it the folder is no model yet. */
  private static void writeFolder(
      Path folder, byte[] config, byte[] metadata, Hdf5Writer weights, Map<String, byte[]> assets) {
    weights.write(folder.resolve(KerasArchive.WEIGHTS));
    for (Map.Entry<String, byte[]> e : assets.entrySet()) {
      Path file = folder.resolve(KerasArchive.ASSETS + e.getKey());
      try {
        Files.createDirectories(file.getParent());
      } catch (IOException x) {
        throw new UncheckedIOException(x);
      }
      AtomicFile.write(file, c -> c.write(ByteBuffer.wrap(e.getValue())));
    }
    AtomicFile.write(
        folder.resolve(KerasArchive.METADATA), c -> c.write(ByteBuffer.wrap(metadata)));
    AtomicFile.write(folder.resolve(KerasArchive.CONFIG), c -> c.write(ByteBuffer.wrap(config)));
  }

  private static byte[] text(Config c) {
    return JsonCodec.write(c).getBytes(StandardCharsets.US_ASCII);
  }

  /** An archive, opened. */
  private static final class Opened implements SavedModel {
    private final KerasArchive archive;
    private final String version;
    private final Config config;

    Opened(KerasArchive archive) {
      this.archive = archive;
      this.version =
          archive.has(KerasArchive.METADATA)
                  && read(KerasArchive.METADATA).get("keras_version") instanceof String s
              ? s
              : null;
      Config noted =
          OldConfigs.modern(
              archive.name() + ": " + KerasArchive.CONFIG, read(KerasArchive.CONFIG), version);
      this.config = hasWeights() ? ImpliedSizes.complete(noted, this::shapes) : noted;
    }

    /** The weights of the file, whose shapes stay known when it is closed again. */
    private WeightStore shapes() {
      WeightStore store = new WeightStore();
      try (Hdf5File h5 = Hdf5File.open(archive.open(KerasArchive.WEIGHTS))) {
        store.add(h5.root());
      }
      return store;
    }

    private Config read(String member) {
      return JsonCodec.read(archive.name() + ": " + member, archive.text(member));
    }

    @Override
    public String file() {
      return archive.name();
    }

    @Override
    public Config config() {
      return config;
    }

    @Override
    public String kerasVersion() {
      return version;
    }

    @Override
    public boolean hasWeights() {
      return archive.has(KerasArchive.WEIGHTS);
    }

    @Override
    public List<String> load(Saveable model, LoadOptions options) {
      if (!hasWeights()) {
        throw new ModelFormatException(
            archive.name()
                + ": expected a member "
                + KerasArchive.WEIGHTS
                + ". Received: "
                + (archive.has(KerasArchive.NPZ_WEIGHTS)
                    ? "weights as pickled NPZ, which are never read"
                    : "only " + archive.members()));
      }
      WeightStore store = new WeightStore();
      try (Hdf5File h5 = Hdf5File.open(archive.open(KerasArchive.WEIGHTS))) {
        store.add(h5.root());
        List<String> notes =
            new ArrayList<>(StateReader.load(archive.name(), store, model, options));
        loadAssets(model);
        return notes;
      }
    }

    private void loadAssets(Saveable model) {
      List<String> names = new ArrayList<>();
      for (String m : archive.members()) {
        if (m.startsWith(KerasArchive.ASSETS)) {
          names.add(m);
        }
      }
      if (names.isEmpty()) {
        return;
      }
      StateWalk.walk(
          model,
          (path, s) -> {
            String prefix = KerasArchive.ASSETS + (path.isEmpty() ? "" : path + "/");
            Map<String, byte[]> own = new LinkedHashMap<>();
            for (String n : names) {
              if (n.startsWith(prefix) && n.indexOf('/', prefix.length()) < 0) {
                own.put(n.substring(prefix.length()), archive.text(n));
              }
            }
            if (!own.isEmpty()) {
              s.loadAssets(own);
            }
          });
    }

    @Override
    public void close() {
      archive.close();
    }
  }
}
