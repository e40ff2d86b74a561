package io.weft.serialization.hdf5;

import io.weft.error.ModelFormatException;
import io.weft.serialization.hdf5.Metadata.Cursor;
import io.weft.serialization.io.ByteSource;
import io.weft.tensor.DType;
import io.weft.tensor.HostArray;
import io.weft.tensor.Shape;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/**
 * An HDF5 file or member of an archive, opened for reading. The tree of groups is walked once, with
 * limits on depth and number of nodes; elements are read when asked for. Malformed files raise a
 * {@link ModelFormatException} with file and path. Readable by any number of threads.
 */
public final class Hdf5File implements AutoCloseable {
  static final int MAX_NODES = 1 << 20;
  static final int MAX_DEPTH = 128;
  private static final byte[] SIGNATURE = {(byte) 0x89, 'H', 'D', 'F', '\r', '\n', 0x1a, '\n'};

  private final ByteSource source;
  private final Metadata file;
  private final Elementary elementary;
  private final Set<Long> open = new HashSet<>();
  private final Map<Long, Hdf5Group.Entry> known = new HashMap<>();
  private final Hdf5Group root;
  private int nodes;

  private Hdf5File(ByteSource source) {
    this.source = source;
    long base = start(source);
    if (base < 0) {
      throw new ModelFormatException(
          source.name() + ": expected an HDF5 file. Received: other bytes at its start");
    }
    ByteSource data = base == 0 ? source : source.slice(source.name(), base, source.size() - base);
    Cursor c = new Metadata(data, 8, 8).at(0, Math.min(128, data.size()));
    c.skip(8);
    int version = c.u8();
    long rootAddress;
    long end;
    if (version < 2) {
      c.skip(4);
      int offsets = c.u8();
      int lengths = c.u8();
      this.file = new Metadata(data, size(data, offsets), size(data, lengths));
      c = file.at(version == 0 ? 24 : 28, 6L * offsets);
      c.skip(2L * offsets);
      end = c.offset();
      c.skip(2L * offsets);
      rootAddress = c.offset();
    } else if (version < 4) {
      int offsets = c.u8();
      int lengths = c.u8();
      this.file = new Metadata(data, size(data, offsets), size(data, lengths));
      c = file.at(12, 4L * offsets);
      c.skip(2L * offsets);
      end = c.offset();
      rootAddress = c.offset();
    } else {
      throw new ModelFormatException(
          source.name() + ": expected an HDF5 superblock of version 0 to 3. Received: " + version);
    }
    if (end < 0 || end - base > data.size()) {
      throw new ModelFormatException(
          source.name()
              + ": expected a file of "
              + end
              + " bytes. Received: "
              + source.size()
              + "; it is truncated");
    }
    this.elementary = new Elementary(file);
    this.root = group(rootAddress, "/", ObjectHeader.read(file, rootAddress), 0);
  }

  /** Opens a file, which stays open until {@link #close}. */
  public static Hdf5File open(Path path) {
    return open(ByteSource.open(path));
  }

  /** Opens a file in memory or within another one; {@link #close} closes the source. */
  public static Hdf5File open(ByteSource source) {
    try {
      return new Hdf5File(source);
    } catch (RuntimeException | Error e) {
      source.close();
      throw e;
    }
  }

  /** True when the bytes hold an HDF5 signature where one may be. */
  public static boolean isHdf5(ByteSource source) {
    return start(source) >= 0;
  }

  /** The signature is at 0, 512, 1024, …; before it users may have put bytes of their own. */
  private static long start(ByteSource s) {
    for (long at = 0; at + 32 <= s.size() && at <= 1 << 20; at = at == 0 ? 512 : at * 2) {
      if (java.util.Arrays.equals(s.bytes(at, 8), SIGNATURE)) {
        return at;
      }
    }
    return -1;
  }

  private static int size(ByteSource s, int n) {
    if (n != 2 && n != 4 && n != 8) {
      throw new ModelFormatException(
          s.name() + ": expected addresses of 2, 4 or 8 bytes. Received: " + n);
    }
    return n;
  }

  /** The group that holds everything. */
  public Hdf5Group root() {
    return root;
  }

  @Override
  public void close() {
    source.close();
  }

  private String where(String path) {
    return source.name() + ": " + path;
  }

  private Hdf5Group group(long address, String path, ObjectHeader header, int depth) {
    if (!open.add(address)) {
      throw new ModelFormatException(
          where(path) + ": expected a tree. Received: a group that contains itself");
    }
    if (depth > MAX_DEPTH) {
      throw new ModelFormatException(
          where(path) + ": expected at most " + MAX_DEPTH + " levels. Received: more");
    }
    Map<String, Links.Target> links = Links.read(file, header);
    Map<String, Hdf5Group.Entry> children = new LinkedHashMap<>();
    for (Map.Entry<String, Links.Target> e : links.entrySet()) {
      children.put(e.getKey(), child(e.getValue(), path + e.getKey(), depth + 1));
    }
    open.remove(address);
    return new Hdf5Group(where(path), attributes(header), children);
  }

  private Hdf5Group.Entry child(Links.Target t, String path, int depth) {
    if (nodes++ > MAX_NODES) {
      throw new ModelFormatException(
          where(path) + ": expected at most " + MAX_NODES + " objects. Received: more");
    }
    if (t.refused() != null) {
      return new Hdf5Group.Entry(null, t.refused());
    }
    // one object under several names is walked once: few bytes must not become many nodes
    Hdf5Group.Entry entry = known.get(t.address());
    if (entry == null) {
      entry = object(t.address(), path, depth);
      known.put(t.address(), entry);
    }
    return entry;
  }

  private Hdf5Group.Entry object(long address, String path, int depth) {
    ObjectHeader header = ObjectHeader.read(file, address);
    if (header.first(ObjectHeader.SYMBOL_TABLE) != null
        || header.first(ObjectHeader.LINK_INFO) != null
        || header.first(ObjectHeader.LINK) != null) {
      return new Hdf5Group.Entry(group(address, path + "/", header, depth), null);
    }
    if (header.first(ObjectHeader.LAYOUT) != null) {
      return dataset(path, header);
    }
    return new Hdf5Group.Entry(null, "an object that is neither group nor dataset");
  }

  private Hdf5Group.Entry dataset(String path, ObjectHeader header) {
    ObjectHeader.Message typeMessage = header.first(ObjectHeader.DATATYPE);
    ObjectHeader.Message spaceMessage = header.first(ObjectHeader.DATASPACE);
    if (typeMessage == null || spaceMessage == null) {
      throw new ModelFormatException(
          where(path) + ": expected a dataset with type and shape. Received: one without");
    }
    if (typeMessage.shared() || spaceMessage.shared()) {
      return new Hdf5Group.Entry(null, "a dataset whose type is stored elsewhere");
    }
    Hdf5Type type = Hdf5Type.read(header.cursor(typeMessage));
    Shape shape = Dataspace.read(header.cursor(spaceMessage));
    Supplier<Map<String, Supplier<HostArray>>> attributes = attributes(header);
    if (type.kind() == Hdf5Type.Kind.OPAQUE && type.size() == 2) {
      Supplier<HostArray> name = attributes.get().get("dtype");
      HostArray text = name == null ? null : name.get();
      if (text != null
          && text.dtype() == DType.STRING
          && text.size() == 1
          && "bfloat16".equals(((String[]) text.data())[0])) {
        type = type.asBfloat16();
      }
    }
    DataReader reader = new DataReader(file, elementary, path, type, shape, header);
    return new Hdf5Group.Entry(
        new Hdf5Dataset(where(path), attributes, shape, type.dtype(), type.text(), reader::read),
        null);
  }

  private Supplier<Map<String, Supplier<HostArray>>> attributes(ObjectHeader header) {
    Map<String, Supplier<HostArray>> own = Attributes.read(elementary, header);
    return () -> own;
  }
}
