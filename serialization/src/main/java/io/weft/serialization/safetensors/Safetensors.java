package io.weft.serialization.safetensors;

import io.weft.config.Config;
import io.weft.error.ModelFormatException;
import io.weft.serialization.io.AtomicFile;
import io.weft.serialization.io.ByteSource;
import io.weft.serialization.io.Elements;
import io.weft.serialization.json.JsonCodec;
import io.weft.tensor.HostArray;
import io.weft.tensor.TensorSpec;
import java.io.BufferedOutputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A safetensors file: 8 bytes with the length of the header, a JSON header, the arrays. Opening
 * reads and checks the header alone; arrays are read one by one when asked for, so that a file of
 * gigabytes never lies in memory as a whole. Format: github.com/huggingface/safetensors.
 *
 * <p>Broken and hostile files raise {@link ModelFormatException}: ranges that overlap, leave gaps
 * or leave the file, sizes that do not fit dtype and shape, names that occur twice.
 */
public final class Safetensors implements AutoCloseable {
  private final ByteSource source;
  private final SafetensorsHeader header;

  private Safetensors(ByteSource source) {
    this.source = source;
    this.header = new SafetensorsHeader(source);
  }

  /** Opens a file, which stays open until {@link #close}. */
  public static Safetensors open(Path file) {
    return open(ByteSource.open(file));
  }

  /** Opens a file in memory or within another one; {@link #close} closes the source. */
  public static Safetensors open(ByteSource source) {
    try {
      return new Safetensors(source);
    } catch (RuntimeException e) {
      source.close();
      throw e;
    }
  }

  /** All arrays of a file by name, in the order of its header. */
  public static Map<String, HostArray> read(Path file) {
    try (Safetensors s = open(file)) {
      Map<String, HostArray> all = new LinkedHashMap<>();
      s.names().forEach(n -> all.put(n, s.array(n)));
      return all;
    }
  }

  /** Names of the arrays, in the order of the header. */
  public Set<String> names() {
    return Collections.unmodifiableSet(header.places.keySet());
  }

  /** The texts that the file keeps beside its arrays, such as {@code format: pt}. */
  public Map<String, String> metadata() {
    return Collections.unmodifiableMap(header.metadata);
  }

  /** Dtype and shape of an array, without reading it. */
  public TensorSpec spec(String name) {
    return place(name).spec();
  }

  /** Reads an array. */
  public HostArray array(String name) {
    SafetensorsHeader.Place p = place(name);
    ByteSource part =
        source.slice(source.name() + ": " + name, header.dataAt + p.begin(), p.end() - p.begin());
    return Elements.read(part, 0, p.spec().dtype(), ByteOrder.LITTLE_ENDIAN, p.spec().shape());
  }

  private SafetensorsHeader.Place place(String name) {
    SafetensorsHeader.Place p = header.places.get(name);
    if (p == null) {
      throw new ModelFormatException(
          source.name() + ": expected an array '" + name + "'. Received: " + names());
    }
    return p;
  }

  @Override
  public void close() {
    source.close();
  }

  /**
   * Writes arrays and texts; the file is replaced whole or not at all. Wider dtypes stand first, so
   * that every array is aligned.
   */
  public static void write(Path file, Map<String, HostArray> arrays, Map<String, String> metadata) {
    List<Map.Entry<String, HostArray>> order = new ArrayList<>(arrays.entrySet());
    order.sort(
        Comparator.comparingInt((Map.Entry<String, HostArray> e) -> e.getValue().dtype().bytes())
            .reversed());
    byte[] head = header(file, order, metadata);
    AtomicFile.write(
        file,
        channel -> {
          OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 16);
          out.write(
              ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(head.length).array());
          out.write(head);
          for (Map.Entry<String, HostArray> e : order) {
            Elements.write(e.getValue(), out);
          }
          out.flush();
        });
  }

  private static byte[] header(
      Path file, List<Map.Entry<String, HostArray>> order, Map<String, String> metadata) {
    Map<String, Object> entries = new LinkedHashMap<>();
    if (!metadata.isEmpty()) {
      entries.put(SafetensorsHeader.METADATA, Config.copyOf(metadata));
    }
    long at = 0;
    for (Map.Entry<String, HostArray> e : order) {
      HostArray a = e.getValue();
      String dtype = SafetensorsHeader.nameOf(a.dtype());
      if (dtype == null || e.getKey().equals(SafetensorsHeader.METADATA)) {
        throw new ModelFormatException(
            file
                + ": expected arrays of numbers under names other than "
                + SafetensorsHeader.METADATA
                + ". Received: '"
                + e.getKey()
                + "' of "
                + a.dtype());
      }
      long end = at + (long) a.size() * a.dtype().bytes();
      entries.put(
          e.getKey(),
          Config.of("dtype", dtype, "shape", a.shape().dims(), "data_offsets", List.of(at, end)));
      at = end;
    }
    byte[] text = JsonCodec.write(Config.copyOf(entries)).getBytes(StandardCharsets.UTF_8);
    byte[] padded = java.util.Arrays.copyOf(text, (text.length + 7) / 8 * 8);
    java.util.Arrays.fill(padded, text.length, padded.length, (byte) ' ');
    return padded;
  }
}
