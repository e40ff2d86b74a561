package io.weft.serialization.hdf5;

import io.weft.serialization.io.AtomicFile;
import io.weft.serialization.io.Elements;
import io.weft.tensor.HostArray;
import io.weft.tensor.Shape;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Writes a tree of groups as h5py does with its default settings: superblock 0, symbol tables,
 * object headers of version 1, contiguous data, texts in global heaps. All addresses are known
 * before the first byte is written, so the file is one stream: metadata first, then the elements.
 */
public final class Hdf5Writer {
  private static final int LEAF_K = 4;
  private static final int INTERNAL_K = 16;
  private static final int SUPERBLOCK = 96;
  private static final long UNDEFINED = -1;

  private record Placed(GroupBuilder.Data data, long address) {}

  private final Bytes meta = new Bytes();
  private final HeapWriter heap = new HeapWriter();
  private final List<Placed> data = new ArrayList<>();

  /** Positions in the metadata of addresses that count from the start of the heaps or the data. */
  private final List<Integer> heapFields = new ArrayList<>();

  private final List<Integer> dataFields = new ArrayList<>();
  private final byte[] head;
  private final long size;
  private long dataSize;

  /** Lays the file out; the tree must not change afterwards. */
  public Hdf5Writer(GroupBuilder root) {
    meta.zeros(SUPERBLOCK);
    long[] group = group(root);
    long heapStart = meta.size();
    byte[] heaps = heap.toBytes();
    long dataStart = heapStart + heaps.length;
    for (int at : heapFields) {
      meta.patch(at, meta.get(at) + heapStart);
    }
    for (int at : dataFields) {
      meta.patch(at, meta.get(at) + dataStart);
    }
    size = dataStart + dataSize;
    superblock(group);
    meta.raw(heaps);
    head = meta.toArray();
  }

  /** Writes a file, replaced whole or not at all. */
  public static void write(Path file, GroupBuilder root) {
    new Hdf5Writer(root).write(file);
  }

  /** Writes a file, replaced whole or not at all. */
  public void write(Path file) {
    AtomicFile.write(
        file,
        channel -> {
          OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 16);
          writeTo(out);
          out.flush();
        });
  }

  /** The exact number of bytes that {@link #writeTo} writes. */
  public long size() {
    return size;
  }

  /** Writes the file; elements are asked for one dataset at a time. */
  public void writeTo(OutputStream out) throws IOException {
    out.write(head);
    long at = 0;
    for (Placed p : data) {
      out.write(new byte[(int) (p.address - at)]);
      HostArray a = p.data.elements().get();
      if (a.dtype() != p.data.dtype() || !a.shape().equals(p.data.shape())) {
        throw new IllegalStateException(
            "HDF5: expected "
                + p.data.dtype()
                + p.data.shape()
                + " to write. Received: "
                + a.dtype()
                + a.shape());
      }
      Elements.write(a, out);
      at = p.address + (long) a.size() * a.dtype().bytes();
    }
    out.write(new byte[(int) (dataSize - at)]);
  }

  private void superblock(long[] group) {
    Bytes b = new Bytes();
    b.raw(new byte[] {(byte) 0x89, 'H', 'D', 'F', '\r', '\n', 0x1a, '\n'});
    b.raw(new byte[] {0, 0, 0, 0, 0, 8, 8, 0});
    b.u16(LEAF_K).u16(INTERNAL_K).u32(0);
    b.u64(0).u64(UNDEFINED).u64(size).u64(UNDEFINED);
    // the root's symbol table entry
    b.u64(0).u64(group[0]).u32(1).u32(0).u64(group[1]).u64(group[2]);
    meta.patch(0, b.toArray());
  }

  /** Writes a group after everything in it; gives addresses of header, tree and local heap. */
  private long[] group(GroupBuilder g) {
    List<byte[]> names = new ArrayList<>();
    List<long[]> objects = new ArrayList<>();
    for (Map.Entry<String, Object> e : g.children.entrySet()) {
      names.add(e.getKey().getBytes(StandardCharsets.UTF_8));
      objects.add(
          e.getValue() instanceof GroupBuilder child
              ? group(child)
              : new long[] {dataset((GroupBuilder.Data) e.getValue())});
    }
    Bytes strings = new Bytes();
    strings.u64(0);
    int[] nameAt = new int[names.size()];
    for (int i = 0; i < nameAt.length; i++) {
      nameAt[i] = strings.size();
      strings.raw(names.get(i)).raw(new byte[] {0}).align8();
    }
    long heapAt = meta.size();
    meta.text("HEAP").u32(0).u64(strings.size()).u64(1).u64(heapAt + 32).raw(strings.toArray());
    long treeAt = tree(nameAt, objects);
    long headerAt = meta.size();
    HeaderWriter h = new HeaderWriter(meta);
    h.message(ObjectHeader.SYMBOL_TABLE, new Bytes().u64(treeAt).u64(heapAt), 0);
    g.attributes.forEach((name, a) -> attribute(h, name, a));
    h.finish();
    return new long[] {headerAt, treeAt, heapAt};
  }

  /** Leaves of at most 8 names, under as many levels of nodes of at most 32 as it takes. */
  private long tree(int[] nameAt, List<long[]> objects) {
    List<long[]> level = new ArrayList<>();
    for (int i = 0; i < nameAt.length; i += 2 * LEAF_K) {
      int n = Math.min(2 * LEAF_K, nameAt.length - i);
      level.add(new long[] {meta.size(), nameAt[i + n - 1]});
      meta.text("SNOD").raw(new byte[] {1, 0}).u16(n);
      for (int k = i; k < i + n; k++) {
        long[] o = objects.get(k);
        boolean isGroup = o.length == 3;
        meta.u64(nameAt[k]).u64(o[0]).u32(isGroup ? 1 : 0).u32(0);
        meta.u64(isGroup ? o[1] : 0).u64(isGroup ? o[2] : 0);
      }
      meta.zeros((2 * LEAF_K - n) * 40);
    }
    int height = 0;
    do {
      List<long[]> above = new ArrayList<>();
      long first = meta.size();
      int nodeSize = 24 + (2 * INTERNAL_K + 1) * 8 + 2 * INTERNAL_K * 8;
      int count = Math.max(1, (level.size() + 2 * INTERNAL_K - 1) / (2 * INTERNAL_K));
      for (int i = 0; i < count; i++) {
        int from = i * 2 * INTERNAL_K;
        int n = Math.min(2 * INTERNAL_K, level.size() - from);
        meta.text("TREE").raw(new byte[] {0, (byte) height}).u16(n);
        meta.u64(i > 0 ? first + (long) (i - 1) * nodeSize : UNDEFINED);
        meta.u64(i + 1 < count ? first + (long) (i + 1) * nodeSize : UNDEFINED);
        meta.u64(from == 0 ? 0 : level.get(from - 1)[1]);
        for (int k = from; k < from + n; k++) {
          meta.u64(level.get(k)[0]).u64(level.get(k)[1]);
        }
        meta.zeros((2 * INTERNAL_K - n) * 16);
        above.add(
            new long[] {first + (long) i * nodeSize, n == 0 ? 0 : level.get(from + n - 1)[1]});
      }
      level = above;
      height++;
    } while (level.size() > 1);
    return level.get(0)[0];
  }

  private long dataset(GroupBuilder.Data d) {
    long bytes = (long) d.shape().intSize() * d.dtype().bytes();
    long headerAt = meta.size();
    HeaderWriter h = new HeaderWriter(meta);
    h.message(ObjectHeader.DATASPACE, space(d.shape()), 0);
    h.message(ObjectHeader.DATATYPE, TypeWriter.type(d.dtype()), 1);
    // allocated late, written if set, defined as zero: the defaults of the library
    h.message(ObjectHeader.FILL_VALUE, new Bytes().raw(new byte[] {2, 2, 2, 1}).u32(0), 1);
    Bytes layout = new Bytes().raw(new byte[] {3, 1});
    if (bytes == 0) {
      layout.u64(UNDEFINED).u64(0);
      h.message(ObjectHeader.LAYOUT, layout, 0);
    } else {
      layout.u64(dataSize).u64(bytes);
      dataFields.add(h.message(ObjectHeader.LAYOUT, layout, 0) + 2);
      data.add(new Placed(d, dataSize));
      dataSize += bytes + 7 & ~7L;
    }
    d.attributes().forEach((name, a) -> attribute(h, name, a));
    h.finish();
    return headerAt;
  }

  private static Bytes space(Shape s) {
    Bytes b = new Bytes().raw(new byte[] {1, (byte) s.rank(), (byte) (s.rank() > 0 ? 1 : 0), 0});
    b.u32(0);
    for (int twice = 0; twice < 2; twice++) {
      for (int d : s.dims()) {
        b.u64(d);
      }
    }
    return b;
  }

  private void attribute(HeaderWriter h, String name, GroupBuilder.Attribute a) {
    byte[] rawName = name.getBytes(StandardCharsets.UTF_8);
    int width = TypeWriter.fixedWidth(a);
    Bytes type = TypeWriter.type(a, width);
    Bytes space = space(a.value().shape());
    Bytes b = new Bytes().u16(1).u16(rawName.length + 1).u16(type.size()).u16(space.size());
    b.raw(rawName).raw(new byte[] {0}).align8();
    b.raw(type.toArray()).align8().raw(space.toArray()).align8();
    List<Integer> references = new ArrayList<>();
    for (int i = 0; i < a.value().size(); i++) {
      if (!(a.value().data() instanceof String[] texts)) {
        break;
      }
      byte[] text = texts[i].getBytes(StandardCharsets.UTF_8);
      if (a.text() == GroupBuilder.Text.FIXED) {
        b.raw(text).zeros(width - text.length);
      } else if (text.length == 0) {
        b.u32(0).u64(0).u32(0);
      } else {
        long[] at = heap.add(text);
        references.add(b.size() + 4);
        b.u32(text.length).u64(at[0]).u32((int) at[1]);
      }
    }
    if (!(a.value().data() instanceof String[])) {
      b.elements(a.value());
    }
    if (b.size() > 65_000) {
      throw new IllegalArgumentException(
          "HDF5: expected an attribute of at most 64 KB. Received: " + name);
    }
    int bodyAt = h.message(ObjectHeader.ATTRIBUTE, b, 0);
    for (int r : references) {
      heapFields.add(bodyAt + r);
    }
  }
}
