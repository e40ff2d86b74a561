package io.weft.serialization.npz;

import io.weft.error.ModelFormatException;
import io.weft.serialization.io.AtomicFile;
import io.weft.serialization.io.ByteSource;
import io.weft.serialization.io.ZipReader;
import io.weft.serialization.io.ZipWriter;
import io.weft.tensor.HostArray;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A {@code .npz} archive of arrays. Arrays are read when asked for; their names are the members'
 * without {@code .npy}. Other members, such as a JSON text beside the arrays, can be read as bytes.
 */
public final class Npz implements AutoCloseable {
  private static final String SUFFIX = ".npy";

  private final ByteSource source;
  private final ZipReader zip;

  private Npz(ByteSource source) {
    this.source = source;
    this.zip = new ZipReader(source);
  }

  /** Opens a file, which stays open until {@link #close}. */
  public static Npz open(Path file) {
    return open(ByteSource.open(file));
  }

  /** Opens an archive in memory or within another file; {@link #close} closes the source. */
  public static Npz open(ByteSource source) {
    try {
      return new Npz(source);
    } catch (RuntimeException e) {
      source.close();
      throw e;
    }
  }

  /** All arrays of a file by name, in file order. */
  public static Map<String, HostArray> read(Path file) {
    try (Npz npz = open(file)) {
      Map<String, HostArray> all = new LinkedHashMap<>();
      for (String name : npz.names()) {
        all.put(name, npz.array(name));
      }
      return all;
    }
  }

  /** Names of the arrays, in file order. */
  public List<String> names() {
    List<String> names = new ArrayList<>();
    for (String n : zip.names()) {
      if (n.endsWith(SUFFIX)) {
        names.add(n.substring(0, n.length() - SUFFIX.length()));
      }
    }
    return names;
  }

  public boolean has(String name) {
    return zip.has(name + SUFFIX);
  }

  /** Reads an array; an absent one is refused. */
  public HostArray array(String name) {
    return Npy.read(zip.open(name + SUFFIX));
  }

  /** True when there is a member of this full name, array or not. */
  public boolean hasMember(String member) {
    return zip.has(member);
  }

  /** The bytes of a member by its full name. */
  public byte[] bytes(String member) {
    ByteSource s = zip.open(member);
    return s.bytes(0, s.size());
  }

  @Override
  public void close() {
    source.close();
  }

  /**
   * Writes arrays as {@code numpy.savez} does, stored; the file is replaced whole or not at all.
   */
  public static void write(Path file, Map<String, HostArray> arrays) {
    for (String name : arrays.keySet()) {
      if (name.isEmpty() || name.startsWith("/") || name.contains("..")) {
        throw new ModelFormatException(
            file + ": expected array names that stay inside the archive. Received: '" + name + "'");
      }
    }
    AtomicFile.write(
        file,
        channel -> {
          ZipWriter zip = new ZipWriter(channel);
          for (Map.Entry<String, HostArray> e : arrays.entrySet()) {
            HostArray a = e.getValue();
            zip.add(e.getKey() + SUFFIX, null, Npy.size(a), out -> Npy.write(a, out));
          }
          zip.finish();
        });
  }
}
