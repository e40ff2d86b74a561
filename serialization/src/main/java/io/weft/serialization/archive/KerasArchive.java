package io.weft.serialization.archive;

import io.weft.error.ModelFormatException;
import io.weft.serialization.io.ByteSource;
import io.weft.serialization.io.ZipReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The members of a {@code .keras} file, or of the folder that Keras writes without zipping. */
public abstract sealed class KerasArchive implements AutoCloseable {
  public static final String METADATA = "metadata.json";
  public static final String CONFIG = "config.json";
  public static final String WEIGHTS = "model.weights.h5";
  public static final String NPZ_WEIGHTS = "model.weights.npz";
  public static final String ASSETS = "assets/";

  /** A config of a size that no model has is not read. */
  private static final long MAX_TEXT = 1L << 29;

  private final String name;

  private KerasArchive(String name) {
    this.name = name;
  }

  /** Opens a ZIP file or a folder; a ZIP file stays open until {@link #close}. */
  public static KerasArchive open(Path file) {
    if (Files.isDirectory(file)) {
      return new Folder(file);
    }
    ByteSource source = ByteSource.open(file);
    try {
      return new Zip(source);
    } catch (RuntimeException e) {
      source.close();
      throw e;
    }
  }

  /** The file, for messages. */
  public final String name() {
    return name;
  }

  /** Names of all members. */
  public abstract List<String> members();

  /** The checked content of a member; an absent one is refused. */
  public abstract ByteSource open(String member);

  public final boolean has(String member) {
    return members().contains(member);
  }

  /** The bytes of a text member. */
  public final byte[] text(String member) {
    try (ByteSource s = open(member)) {
      if (s.size() > MAX_TEXT) {
        throw new ModelFormatException(
            s.name() + ": expected at most " + MAX_TEXT + " bytes. Received: " + s.size());
      }
      return s.bytes(0, s.size());
    }
  }

  @Override
  public abstract void close();

  private static final class Zip extends KerasArchive {
    private final ByteSource source;
    private final ZipReader zip;

    Zip(ByteSource source) {
      super(source.name());
      this.source = source;
      this.zip = new ZipReader(source);
    }

    @Override
    public List<String> members() {
      return zip.names();
    }

    @Override
    public ByteSource open(String member) {
      return zip.open(member);
    }

    @Override
    public void close() {
      source.close();
    }
  }

  private static final class Folder extends KerasArchive {
    private static final int MAX_FILES = 65_536;

    private final Path folder;
    private final List<String> members = new ArrayList<>();

    Folder(Path folder) {
      super(folder.toString());
      this.folder = folder;
      // links are neither listed nor followed: they may lead out of the folder
      try (Stream<Path> files = Files.walk(folder)) {
        files
            .filter(f -> Files.isRegularFile(f, LinkOption.NOFOLLOW_LINKS))
            .limit(MAX_FILES)
            .forEach(f -> members.add(folder.relativize(f).toString().replace('\\', '/')));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public List<String> members() {
      return members;
    }

    @Override
    public ByteSource open(String member) {
      if (!members.contains(member)) {
        throw new ModelFormatException(
            name() + ": expected a file " + member + ". Received: only " + members);
      }
      return ByteSource.open(folder.resolve(member));
    }

    @Override
    public void close() {}
  }
}
