package io.weft.serialization.hdf5;

import io.weft.tensor.DType;
import io.weft.tensor.HostArray;
import io.weft.tensor.Shape;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * A group to be written: attributes, groups and datasets by name. Paths with slashes make the
 * groups on the way. Not safe for several threads.
 */
public final class GroupBuilder {
  /** Bytes of all names of a list, each padded to the longest, that Keras puts in one attribute. */
  static final int MAX_ATTRIBUTE = 64_512;

  /** How texts of an attribute are stored. */
  enum Text {
    UTF8,
    ASCII,
    FIXED
  }

  record Attribute(HostArray value, Text text) {}

  record Data(
      DType dtype, Shape shape, Supplier<HostArray> elements, Map<String, Attribute> attributes) {}

  final Map<String, Attribute> attributes = new LinkedHashMap<>();
  final Map<String, Object> children = new TreeMap<>(GroupBuilder::compareBytes);

  /** HDF5 looks names up by the order of their bytes in UTF-8. */
  private static int compareBytes(String a, String b) {
    return java.util.Arrays.compareUnsigned(
        a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));
  }

  /** The group at a path, made if absent. */
  public GroupBuilder group(String path) {
    GroupBuilder at = this;
    for (String name : path.split("/")) {
      if (name.isEmpty()) {
        continue;
      }
      Object o = at.children.computeIfAbsent(name, n -> new GroupBuilder());
      if (!(o instanceof GroupBuilder g)) {
        throw new IllegalArgumentException(
            "HDF5: expected a group at " + path + ". Received: a dataset of that name");
      }
      at = g;
    }
    return at;
  }

  /** A text as h5py stores a Python {@code str}. */
  public GroupBuilder text(String name, String value) {
    attributes.put(name, new Attribute(scalar(value), Text.UTF8));
    return this;
  }

  /** A text as h5py stores Python {@code bytes}: marked ASCII, whatever the bytes are. */
  public GroupBuilder bytesText(String name, String value) {
    attributes.put(name, new Attribute(scalar(value), Text.ASCII));
    return this;
  }

  private static HostArray scalar(String value) {
    return new HostArray(DType.STRING, Shape.SCALAR, new String[] {value});
  }

  /** Numbers as an attribute of at most 64 KB. */
  public GroupBuilder numbers(String name, HostArray value) {
    attributes.put(name, new Attribute(value, Text.ASCII));
    return this;
  }

  /**
   * A list of names as Keras stores it: an array of texts; an empty one as no float64; one beyond
   * 64,512 bytes as {@code name0}, {@code name1}, … of nearly equal length.
   */
  public GroupBuilder names(String name, List<String> values) {
    if (values.isEmpty()) {
      return numbers(name, HostArray.zeros(DType.FLOAT64, Shape.of(0)));
    }
    long longest = 1;
    for (String v : values) {
      longest = Math.max(longest, v.getBytes(StandardCharsets.UTF_8).length);
    }
    if (longest > MAX_ATTRIBUTE) {
      throw new IllegalArgumentException(
          "HDF5: expected names of at most "
              + MAX_ATTRIBUTE
              + " bytes. Received: one of "
              + longest
              + " bytes");
    }
    int n = values.size();
    int parts = 1;
    // array_split: the first n mod parts pieces are one longer, so the first is the longest
    while ((long) (n + parts - 1) / parts * longest > MAX_ATTRIBUTE) {
      parts++;
    }
    // references of 16 bytes each would not fit where the names themselves do
    Text text = parts > 1 || 16L * n > MAX_ATTRIBUTE ? Text.FIXED : Text.ASCII;
    List<String> left = new ArrayList<>(values);
    for (int i = 0; i < parts; i++) {
      int size = n / parts + (i < n % parts ? 1 : 0);
      String[] part = left.subList(0, size).toArray(new String[0]);
      left = left.subList(size, left.size());
      HostArray a = new HostArray(DType.STRING, Shape.of(size), part);
      attributes.put(parts == 1 ? name : name + i, new Attribute(a, text));
    }
    return this;
  }

  /** A dataset at a path; its elements are asked for once, when they are written. */
  public void dataset(String path, DType dtype, Shape shape, Supplier<HostArray> elements) {
    if (dtype == DType.STRING) {
      throw new IllegalArgumentException("HDF5: expected numbers in " + path + ". Received: texts");
    }
    int slash = path.lastIndexOf('/');
    GroupBuilder g = slash < 0 ? this : group(path.substring(0, slash));
    Map<String, Attribute> marks = new LinkedHashMap<>();
    if (dtype == DType.BFLOAT16) {
      marks.put("dtype", new Attribute(scalar("bfloat16"), Text.UTF8));
    }
    Data d = new Data(dtype, shape, elements, marks);
    if (g.children.putIfAbsent(path.substring(slash + 1), d) != null) {
      throw new IllegalArgumentException("HDF5: two objects are named " + path);
    }
  }

  /** {@link #dataset(String, DType, Shape, Supplier)} with the elements at hand. */
  public void dataset(String path, HostArray value) {
    dataset(path, value.dtype(), value.shape(), () -> value);
  }

  /** True when there is a group or dataset of this name directly in this group. */
  public boolean has(String name) {
    return children.containsKey(name);
  }
}
