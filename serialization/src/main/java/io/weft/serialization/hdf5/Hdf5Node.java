package io.weft.serialization.hdf5;

import io.weft.error.ModelFormatException;
import io.weft.tensor.DType;
import io.weft.tensor.HostArray;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/** A group or dataset of an HDF5 file with its attributes. */
public abstract sealed class Hdf5Node permits Hdf5Group, Hdf5Dataset {
  final String where;
  private final Supplier<Map<String, Supplier<HostArray>>> attributes;

  Hdf5Node(String where, Supplier<Map<String, Supplier<HostArray>>> attributes) {
    this.where = where;
    this.attributes = attributes;
  }

  /** File and path, for messages. */
  public final String where() {
    return where;
  }

  public final Set<String> attributeNames() {
    return attributes.get().keySet();
  }

  public final boolean hasAttribute(String name) {
    return attributes.get().containsKey(name);
  }

  /** An attribute's value, or null; strings are an array of dtype string. */
  public final HostArray attribute(String name) {
    Supplier<HostArray> s = attributes.get().get(name);
    return s == null ? null : s.get();
  }

  /** A text attribute, or null where there is none; another kind is refused. */
  public final String text(String name) {
    HostArray a = attribute(name);
    if (a == null) {
      return null;
    }
    if (a.dtype() != DType.STRING || a.size() != 1) {
      throw new ModelFormatException(
          where + ": attribute " + name + ": expected a text. Received: " + a.dtype() + a.shape());
    }
    return ((String[]) a.data())[0];
  }

  /** A list of texts, or null; an empty array of any dtype is an empty list, as h5py stores one. */
  public final List<String> texts(String name) {
    HostArray a = attribute(name);
    if (a == null) {
      return null;
    }
    if (a.size() == 0) {
      return List.of();
    }
    if (a.dtype() != DType.STRING) {
      throw new ModelFormatException(
          where + ": attribute " + name + ": expected texts. Received: " + a.dtype() + a.shape());
    }
    return List.copyOf(Arrays.asList((String[]) a.data()));
  }
}
