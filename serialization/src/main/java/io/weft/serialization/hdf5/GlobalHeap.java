package io.weft.serialization.hdf5;

import io.weft.serialization.hdf5.Metadata.Cursor;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * The texts of variable length. Each text is decoded once however often it is referred to, so a
 * small file cannot become a large heap.
 */
final class GlobalHeap {
  private final Metadata file;
  private final Map<Long, Map<Integer, long[]>> collections = new HashMap<>();
  private final Map<String, String> texts = new HashMap<>();

  GlobalHeap(Metadata file) {
    this.file = file;
  }

  /** The text that a reference (length, collection, index) names; no collection means empty. */
  synchronized String text(Cursor reference) {
    long length = reference.u32();
    long address = reference.offset();
    int index = (int) reference.u32();
    if (length == 0 || address == 0 || address == -1) {
      return "";
    }
    String key = address + "/" + index + "/" + length;
    String known = texts.get(key);
    if (known == null) {
      Map<Integer, long[]> collection = collections.get(address);
      if (collection == null) {
        collection = collection(address);
        collections.put(address, collection);
      }
      long[] range = collection.get(index);
      if (range == null || length > range[1]) {
        throw file.broken(
            "a text of " + length + " bytes in the heap at " + address, "none at index " + index);
      }
      byte[] b = file.source.bytes(range[0], length);
      known = Hdf5Type.fixedText(b, 0, b.length);
      texts.put(key, known);
    }
    return known;
  }

  /** Position and size of every object of a collection. */
  private Map<Integer, long[]> collection(long address) {
    Cursor c = file.at(address, 8 + file.lengthSize);
    c.signature("GCOL");
    c.skip(4);
    long size = c.length();
    int head = 8 + file.lengthSize;
    c = file.at(address, size);
    c.skip(head);
    Map<Integer, long[]> objects = new HashMap<>();
    while (c.remaining() >= head) {
      int index = c.u16();
      c.skip(6);
      long length = c.length();
      if (index == 0) {
        break;
      }
      objects.put(index, new long[] {address + c.position(), length});
      c.skip(Math.min(c.remaining(), padded(length)));
    }
    return objects;
  }

  private long padded(long length) {
    if (length < 0 || length > Integer.MAX_VALUE) {
      throw file.broken("a heap object below 2 GiB", Long.toUnsignedString(length));
    }
    return length + 7 & ~7L;
  }

  static byte[] utf8(String s) {
    return s.getBytes(StandardCharsets.UTF_8);
  }
}
