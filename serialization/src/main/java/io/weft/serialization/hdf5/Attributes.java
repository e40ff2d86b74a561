package io.weft.serialization.hdf5;

import io.weft.serialization.hdf5.Metadata.Cursor;
import io.weft.tensor.HostArray;
import io.weft.tensor.Shape;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/** Attribute messages: names at once, values when asked for. */
final class Attributes {
  private Attributes() {}

  /** Name and value reader of every attribute. */
  static Map<String, Supplier<HostArray>> read(Elementary reader, ObjectHeader header) {
    Map<String, Supplier<HostArray>> all = new LinkedHashMap<>();
    ObjectHeader.Message info = header.first(ObjectHeader.ATTRIBUTE_INFO);
    if (info != null) {
      Cursor c = header.cursor(info);
      c.u8();
      c.skip((c.u8() & 1) != 0 ? 2 : 0);
      long heapAt = c.offset();
      if (heapAt != -1) {
        FractalHeap heap = new FractalHeap(c.file, heapAt);
        // records of the index by name: the id in the heap (8 bytes), flags, order, hash
        BTree2.walk(
            c.file, c.offset(), record -> attribute(reader, heap.object(record.part(8)), all));
      }
    }
    for (ObjectHeader.Message m : header.all(ObjectHeader.ATTRIBUTE)) {
      if (m.shared()) {
        continue;
      }
      attribute(reader, header.cursor(m), all);
    }
    return all;
  }

  private static void attribute(
      Elementary reader, Cursor c, Map<String, Supplier<HostArray>> into) {
    int version = c.u8();
    int flags = c.u8();
    int nameSize = c.u16();
    int typeSize = c.u16();
    int spaceSize = c.u16();
    if (version < 1 || version > 3) {
      throw c.file.broken("an attribute of version 1, 2 or 3", "version " + version);
    }
    if (version == 3) {
      c.u8();
    }
    byte[] rawName = c.bytes(nameSize);
    String name = Hdf5Type.fixedText(rawName, 0, nameSize);
    align(c, version, nameSize);
    Cursor typeCursor = c.part(typeSize);
    align(c, version, typeSize);
    Cursor spaceCursor = c.part(spaceSize);
    align(c, version, spaceSize);
    String who = c.file.source.name() + ": attribute " + name;
    if (version > 1 && (flags & 3) != 0) {
      into.put(
          name,
          () -> {
            throw c.file.broken(
                "attribute " + name + " with a type of its own", "a committed type");
          });
      return;
    }
    Hdf5Type type = Hdf5Type.read(typeCursor);
    Shape shape = Dataspace.read(spaceCursor);
    byte[] data = c.bytes(c.remaining());
    into.put(name, () -> reader.decode(who, type, shape, data));
  }

  private static void align(Cursor c, int version, int size) {
    if (version == 1) {
      c.skip(Math.min(c.remaining(), -size & 7));
    }
  }
}
