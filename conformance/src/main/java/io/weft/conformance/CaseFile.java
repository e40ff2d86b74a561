package io.weft.conformance;

import io.weft.config.Config;
import io.weft.error.ModelFormatException;
import io.weft.models.Model;
import io.weft.ops.Complex;
import io.weft.serialization.json.JsonCodec;
import io.weft.serialization.npz.Npz;
import io.weft.tensor.DType;
import io.weft.tensor.HostArray;
import io.weft.tensor.Index;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.tensor.TensorSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** One recorded case: its description and its arrays. */
final class CaseFile implements AutoCloseable {
  private final Path path;
  private final Npz npz;
  private Config json;
  private final ReplayOptions options;
  private final Map<String, Tensor> tensors = new HashMap<>();

  CaseFile(Path path, ReplayOptions options) {
    this.path = path;
    this.options = options;
    this.npz = Npz.open(path);
    if (!npz.hasMember("case.json")) {
      npz.close();
      throw new ModelFormatException(path + ": has no member case.json, so it is not a case");
    }
    this.json = JsonCodec.read(path + ": case.json", npz.bytes("case.json"));
  }

  /** A file that a case of a corpus kept elsewhere names; skips the case where it is not given. */
  Path fetched(String name) {
    Path file = options.files() == null ? null : options.files().resolve(name).normalize();
    if (file == null || !file.startsWith(options.files().normalize()) || !Files.exists(file)) {
      throw new Skip("needs the file " + name + " below the folder given with --files");
    }
    return file;
  }

  /** Saves the case's model where the options ask for it. */
  void write(Model model) {
    if (options.written() == null) {
      return;
    }
    for (String extension : new String[] {".keras", ".h5"}) {
      Path file = options.written().resolve(name() + extension);
      try {
        Files.createDirectories(file.getParent());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      model.save(file);
    }
  }

  /** The folder that names of further files are relative to. */
  Path folder() {
    return path.toAbsolutePath().getParent();
  }

  Config json() {
    return json;
  }

  /** Adds a keyword argument of the call that the case tells in words only. */
  void addCallArgument(String key, Object value) {
    Object given = json.get("call_kwargs");
    json =
        json.with("call_kwargs", (given instanceof Config k ? k : Config.EMPTY).with(key, value));
  }

  String name() {
    return json.get("name") instanceof String s ? s : path.toString();
  }

  boolean has(String key) {
    return json.has(key);
  }

  Object get(String key) {
    return json.get(key);
  }

  double number(String key, double fallback) {
    return json.get(key) instanceof Number n ? n.doubleValue() : fallback;
  }

  boolean flag(String key) {
    return Boolean.TRUE.equals(json.get(key));
  }

  /** The decoded value at a key; null where there is none. */
  Object value(String key) {
    return decode(json.get(key));
  }

  /** The tensor at a key. */
  Tensor tensor(String key) {
    return (Tensor) value(key);
  }

  /**
   * A value with references to arrays replaced by tensors, and the words for special values by what
   * they mean. Lists stay lists, objects become maps.
   */
  Object decode(Object v) {
    if (v instanceof List<?> l) {
      List<Object> out = new ArrayList<>(l.size());
      l.forEach(e -> out.add(decode(e)));
      return out;
    }
    if (!(v instanceof Config c)) {
      return v;
    }
    if (c.get("array") instanceof String name) {
      return array(name, c.get("as") instanceof String as ? as : null);
    }
    if (c.has("strings")) {
      return strings(c);
    }
    if (c.get("float") instanceof String f) {
      return f.equals("nan")
          ? Double.NaN
          : f.equals("inf") ? Double.POSITIVE_INFINITY : Double.NEGATIVE_INFINITY;
    }
    if (c.get("complex") instanceof List<?> parts && parts.size() == 2) {
      if (decode(parts.get(0)) instanceof Tensor re && decode(parts.get(1)) instanceof Tensor im) {
        return new Complex(re, im);
      }
      throw new Skip("complex numbers of the host are not supported");
    }
    if (c.get("slice") instanceof List<?> s && s.size() == 3) {
      return Index.range(bound(s.get(0)), bound(s.get(1)), bound(s.get(2)));
    }
    if (c.has("ellipsis")) {
      return Index.ellipsis();
    }
    if (c.get("spec") instanceof Config s) {
      return spec(s);
    }
    if (c.has("class_name") && c.has("config")) {
      return c;
    }
    Map<String, Object> out = new LinkedHashMap<>();
    c.asMap().forEach((k, e) -> out.put(k, decode(e)));
    return out;
  }

  private static Integer bound(Object v) {
    return v == null ? null : (Integer) ((Long) v).intValue();
  }

  private Tensor array(String name, String as) {
    return tensors.computeIfAbsent(
        name + (as == null ? "" : " as " + as),
        k -> {
          HostArray a = npz.array(name);
          return Tensor.ofTrusted(as == null ? a : a.cast(DType.of(as)));
        });
  }

  private static Tensor strings(Config c) {
    List<?> l = c.list("strings");
    String[] s = l.stream().map(String.class::cast).toArray(String[]::new);
    Shape shape = c.has("shape") ? shape(c.list("shape")) : Shape.of(s.length);
    return Tensor.ofTrusted(new HostArray(DType.STRING, shape, s));
  }

  static TensorSpec spec(Config s) {
    if (String.valueOf(s.get("dtype")).startsWith("complex")) {
      throw new Skip("specs of complex numbers are not supported");
    }
    return new TensorSpec(
        shape(s.list("shape")), DType.of(s.get("dtype") instanceof String d ? d : "float32"));
  }

  /** A list of sizes as a shape, null for unknown. */
  static Shape shape(List<?> l) {
    List<Integer> d = new ArrayList<>();
    for (Object o : l) {
      d.add(o == null ? null : (Integer) ((Long) o).intValue());
    }
    return Shape.of(d);
  }

  /** True for a list of sizes (and not of lists). */
  static boolean isShape(Object v) {
    return v instanceof List<?> l && l.stream().allMatch(e -> e == null || e instanceof Long);
  }

  @Override
  public void close() {
    npz.close();
  }
}
