package io.weft.serialization.safetensors;

import io.weft.config.Config;
import io.weft.error.ModelFormatException;
import io.weft.serialization.io.ByteSource;
import io.weft.serialization.json.JsonCodec;
import io.weft.tensor.DType;
import io.weft.tensor.Shape;
import io.weft.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The head of a safetensors file: where each array lies. Arrays must fill the rest of the file
 * without gaps and overlaps, as the format demands, so that no byte has two meanings or none.
 */
final class SafetensorsHeader {
  /** The format's own bound; a header is also bounded by its file. */
  static final long MAX_BYTES = 100_000_000;

  static final String METADATA = "__metadata__";

  private static final int MAX_RANK = 64;

  private static final Map<String, DType> DTYPES =
      Map.ofEntries(
          Map.entry("F64", DType.FLOAT64),
          Map.entry("F32", DType.FLOAT32),
          Map.entry("F16", DType.FLOAT16),
          Map.entry("BF16", DType.BFLOAT16),
          Map.entry("I64", DType.INT64),
          Map.entry("I32", DType.INT32),
          Map.entry("I16", DType.INT16),
          Map.entry("I8", DType.INT8),
          Map.entry("U64", DType.UINT64),
          Map.entry("U32", DType.UINT32),
          Map.entry("U16", DType.UINT16),
          Map.entry("U8", DType.UINT8),
          Map.entry("BOOL", DType.BOOL));

  /** One array: what it is, and where it lies behind the header. */
  record Place(TensorSpec spec, long begin, long end) {}

  final Map<String, Place> places = new LinkedHashMap<>();
  final Map<String, String> metadata = new LinkedHashMap<>();

  /** Where the numbers begin. */
  final long dataAt;

  private final ByteSource source;

  SafetensorsHeader(ByteSource source) {
    this.source = source;
    if (source.size() < 8) {
      throw broken("a safetensors file, which begins with 8 bytes", source.size() + " bytes");
    }
    long length = ByteBuffer.wrap(source.bytes(0, 8)).order(ByteOrder.LITTLE_ENDIAN).getLong();
    if (length < 2 || length > MAX_BYTES || length > source.size() - 8) {
      throw broken(
          "a header of 2 to " + Math.min(MAX_BYTES, source.size() - 8) + " bytes",
          "a length of " + Long.toUnsignedString(length));
    }
    byte[] text = source.bytes(8, length);
    if (text[0] != '{') {
      throw broken("a header that begins with '{'", "the byte " + text[0]);
    }
    dataAt = 8 + length;
    read(JsonCodec.readUnique(source.name(), text));
    checkPlaces();
  }

  /** The format's name of a dtype, or null. */
  static String nameOf(DType dtype) {
    return DTYPES.entrySet().stream()
        .filter(e -> e.getValue() == dtype)
        .map(Map.Entry::getKey)
        .findAny()
        .orElse(null);
  }

  private void read(Config header) {
    for (String name : header.keys()) {
      if (!(header.get(name) instanceof Config c)) {
        throw broken("an object at '" + name + "'", Config.text(header.get(name)));
      }
      if (name.equals(METADATA)) {
        readMetadata(c);
      } else {
        places.put(name, place(c, name));
      }
    }
  }

  private void readMetadata(Config c) {
    for (String key : c.keys()) {
      if (!(c.get(key) instanceof String text)) {
        throw broken("texts in " + METADATA, Config.text(c.get(key)) + " at " + key);
      }
      metadata.put(key, text);
    }
  }

  private Place place(Config c, String name) {
    DType dtype = null;
    Shape shape = null;
    List<Long> offsets = null;
    for (String key : c.keys()) {
      Object v = c.get(key);
      switch (key) {
        case "dtype":
          dtype = v instanceof String s ? DTYPES.get(s) : null;
          if (dtype == null) {
            throw broken("a dtype of " + DTYPES.keySet() + " for '" + name + "'", Config.text(v));
          }
          break;
        case "shape":
          shape = shape(name, integers(v, name));
          break;
        case "data_offsets":
          offsets = integers(v, name);
          break;
        default:
          throw broken("dtype, shape and data_offsets at '" + name + "'", "'" + key + "'");
      }
    }
    if (dtype == null || shape == null || offsets == null || offsets.size() != 2) {
      throw broken("dtype, shape and two data_offsets at '" + name + "'", "only some of them");
    }
    return new Place(new TensorSpec(shape, dtype), offsets.get(0), offsets.get(1));
  }

  private List<Long> integers(Object v, String name) {
    if (!(v instanceof List<?> values)) {
      throw broken("a list of integers at '" + name + "'", Config.text(v));
    }
    if (values.size() > MAX_RANK) {
      throw broken("at most " + MAX_RANK + " integers at '" + name + "'", "more");
    }
    List<Long> l = new ArrayList<>();
    for (Object o : values) {
      if (!(o instanceof Long n) || n < 0) {
        throw broken("integers that are not negative at '" + name + "'", Config.text(o));
      }
      l.add(n);
    }
    return l;
  }

  private Shape shape(String name, List<Long> sizes) {
    int[] dims = new int[sizes.size()];
    for (int i = 0; i < dims.length; i++) {
      if (sizes.get(i) > Integer.MAX_VALUE) {
        throw broken("sizes below 2^31 at '" + name + "'", String.valueOf(sizes));
      }
      dims[i] = sizes.get(i).intValue();
    }
    return Shape.of(dims);
  }

  private void checkPlaces() {
    List<Map.Entry<String, Place>> inOrder = new ArrayList<>(places.entrySet());
    inOrder.sort(
        Comparator.comparingLong((Map.Entry<String, Place> e) -> e.getValue().begin())
            .thenComparingLong(e -> e.getValue().end()));
    long at = 0;
    for (Map.Entry<String, Place> e : inOrder) {
      Place p = e.getValue();
      if (p.begin() != at || p.end() < p.begin()) {
        throw broken(
            "'" + e.getKey() + "' to begin at " + at + ", where the one before it ends",
            "data_offsets [" + p.begin() + ", " + p.end() + "]");
      }
      // as a double, since a hostile shape may exceed 64 bits; sizes of files are exact in it
      double bytes = p.spec().dtype().bytes();
      for (int d : p.spec().shape().dims()) {
        bytes *= d;
      }
      if (bytes != p.end() - p.begin()) {
        throw broken(
            (long) bytes + " bytes for '" + e.getKey() + "' " + p.spec(),
            (p.end() - p.begin()) + " bytes");
      }
      at = p.end();
    }
    if (at != source.size() - dataAt) {
      throw broken(at + " bytes after the header", (source.size() - dataAt) + " bytes");
    }
  }

  private ModelFormatException broken(String expected, String received) {
    return new ModelFormatException(
        source.name() + ": expected " + expected + ". Received: " + received);
  }
}
