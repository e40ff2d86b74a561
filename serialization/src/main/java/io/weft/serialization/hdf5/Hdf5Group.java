package io.weft.serialization.hdf5;

import io.weft.error.ModelFormatException;
import io.weft.tensor.HostArray;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/** A group: named groups and datasets in file order. */
public final class Hdf5Group extends Hdf5Node {
  /** A child, or the reason why it is not followed. */
  record Entry(Hdf5Node node, String refused) {}

  private final Map<String, Entry> children;

  Hdf5Group(
      String where,
      Supplier<Map<String, Supplier<HostArray>>> attributes,
      Map<String, Entry> children) {
    super(where, attributes);
    this.children = Collections.unmodifiableMap(children);
  }

  /** Names of the children, also of links that are not followed. */
  public Set<String> names() {
    return children.keySet();
  }

  /**
   * The node at a path of names separated by slashes, or null if there is none. A soft, external or
   * unreadable link on the way is refused.
   */
  public Hdf5Node node(String path) {
    Hdf5Node at = this;
    for (String name : path.split("/")) {
      if (name.isEmpty()) {
        continue;
      }
      if (!(at instanceof Hdf5Group g)) {
        return null;
      }
      Entry e = g.children.get(name);
      if (e == null) {
        return null;
      }
      if (e.refused != null) {
        throw new ModelFormatException(
            g.where + name + ": expected a group or dataset of this file. Received: " + e.refused);
      }
      at = e.node;
    }
    return at;
  }

  /** The group at a path, or null if nothing is there; a dataset is refused. */
  public Hdf5Group group(String path) {
    Hdf5Node n = node(path);
    if (n == null || n instanceof Hdf5Group) {
      return (Hdf5Group) n;
    }
    throw new ModelFormatException(n.where + ": expected a group. Received: a dataset");
  }

  /** The dataset at a path, or null if nothing is there; a group is refused. */
  public Hdf5Dataset dataset(String path) {
    Hdf5Node n = node(path);
    if (n == null || n instanceof Hdf5Dataset) {
      return (Hdf5Dataset) n;
    }
    throw new ModelFormatException(n.where + ": expected a dataset. Received: a group");
  }
}
