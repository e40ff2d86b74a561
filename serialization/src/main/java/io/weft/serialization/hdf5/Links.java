package io.weft.serialization.hdf5;

import io.weft.serialization.hdf5.Metadata.Cursor;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** The names in a group: symbol tables (B-tree and local heap) and link messages. */
final class Links {
  private static final int MAX_NODES = 1 << 20;

  /** A hard link's object header, or why another link is not followed. */
  record Target(long address, String refused) {}

  private final Metadata file;
  private final Map<String, Target> targets = new LinkedHashMap<>();
  private int nodes;

  private Links(Metadata file) {
    this.file = file;
  }

  /** The links of a group. */
  static Map<String, Target> read(Metadata file, ObjectHeader header) {
    Links l = new Links(file);
    ObjectHeader.Message table = header.first(ObjectHeader.SYMBOL_TABLE);
    if (table != null) {
      Cursor c = header.cursor(table);
      l.symbolTable(c.offset(), c.offset());
      return l.targets;
    }
    ObjectHeader.Message info = header.first(ObjectHeader.LINK_INFO);
    if (info != null) {
      Cursor c = header.cursor(info);
      c.u8();
      c.skip((c.u8() & 1) != 0 ? 8 : 0);
      long heapAt = c.offset();
      if (heapAt != -1) {
        FractalHeap heap = new FractalHeap(file, heapAt);
        // records of the index by name: a hash, then the id in the heap
        BTree2.walk(
            file,
            c.offset(),
            record -> {
              record.u32();
              l.link(heap.object(record));
            });
      }
    }
    for (ObjectHeader.Message m : header.all(ObjectHeader.LINK)) {
      l.link(header.cursor(m));
    }
    return l.targets;
  }

  private void symbolTable(long tree, long heap) {
    Cursor h = file.at(heap, 8 + 2L * file.lengthSize + file.offsetSize);
    h.signature("HEAP");
    h.skip(4);
    long size = h.length();
    h.length();
    byte[] names = file.source.bytes(h.offset(), size);
    tree(tree, names, -1);
  }

  private void tree(long address, byte[] names, int expectedLevel) {
    if (nodes++ > MAX_NODES) {
      throw file.broken("a group of bounded size", "a tree that goes on and on");
    }
    Cursor c = file.at(address, 8 + 2L * file.offsetSize);
    c.signature("TREE");
    int type = c.u8();
    int level = c.u8();
    int used = c.u16();
    // levels fall by one from node to node, so a tree with a cycle cannot be walked for ever
    if (type != 0 || expectedLevel >= 0 && level != expectedLevel) {
      throw file.broken("a group's tree node at " + address, "type " + type + " level " + level);
    }
    long head = 8 + 2L * file.offsetSize;
    c = file.at(address + head, (long) used * (file.lengthSize + file.offsetSize));
    for (int i = 0; i < used; i++) {
      c.length();
      long child = c.offset();
      if (level > 0) {
        tree(child, names, level - 1);
      } else {
        leaf(child, names);
      }
    }
  }

  private void leaf(long address, byte[] names) {
    if (nodes++ > MAX_NODES) {
      throw file.broken("a group of bounded size", "a tree that goes on and on");
    }
    Cursor c = file.at(address, 8);
    c.signature("SNOD");
    c.skip(2);
    int n = c.u16();
    c = file.at(address + 8, (long) n * (2 * file.offsetSize + 24));
    for (int i = 0; i < n; i++) {
      long nameAt = c.offset();
      long object = c.offset();
      long cache = c.u32();
      c.skip(20);
      if (nameAt < 0 || nameAt >= names.length) {
        throw file.broken("a name within the local heap", "offset " + nameAt);
      }
      String name = Hdf5Type.fixedText(names, (int) nameAt, names.length - (int) nameAt);
      put(name, new Target(object, cache == 2 ? "a soft link, which is not followed" : null));
    }
  }

  private void link(Cursor c) {
    if (c.u8() != 1) {
      throw file.broken("a link message of version 1", "another");
    }
    int flags = c.u8();
    int type = (flags & 8) != 0 ? c.u8() : 0;
    c.skip(((flags & 4) != 0 ? 8 : 0) + ((flags & 16) != 0 ? 1 : 0));
    byte[] name = c.bytes(c.unsigned(1 << (flags & 3)));
    String text = new String(name, StandardCharsets.UTF_8);
    if (type == 0) {
      put(text, new Target(c.offset(), null));
    } else {
      String kind = type == 1 ? "a soft link" : type == 64 ? "an external link" : "a user link";
      put(text, new Target(-1, kind + ", which is not followed"));
    }
  }

  private void put(String name, Target t) {
    if (name.isEmpty() || name.equals(".") || name.indexOf('/') >= 0) {
      throw file.broken("a name without slashes", "'" + name + "'; the file is damaged");
    }
    if (targets.put(name, t) != null) {
      throw file.broken("unique names in a group", "'" + name + "' twice");
    }
  }
}
