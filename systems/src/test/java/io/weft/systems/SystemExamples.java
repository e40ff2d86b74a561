package io.weft.systems;

import io.weft.config.Config;
import io.weft.config.Entry;
import io.weft.config.Registry;
import io.weft.layer.CallArgs;
import io.weft.layer.Layer;
import io.weft.random.SeedGenerator;
import io.weft.serialization.json.JsonCodec;
import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.RandomOps;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A small use of each layer of the catalogue, from {@code examples.json}: a row is the registered
 * name, the config, shapes of inputs (with {@code below} of integers), of tensors that are keyword
 * arguments, and of masks, all of which fit together. {@code width} gives the axis of each input
 * whose size the layer's weights fix (the last one, if not said; −1 for none), {@code longest} the
 * number of tokens that a table has rows for, {@code anyRank} that inputs may have any, {@code
 * anyBatch} that their batches need not agree.
 */
final class SystemExamples {
  private SystemExamples() {}

  /** One row. */
  record Example(String name, Config row) {
    Config config() {
      return (Config) row.get("config");
    }

    Layer layer() {
      return layer(Map.of());
    }

    /** The layer with some arguments changed. */
    Layer layer(Map<String, ?> changes) {
      Entry<?> e = Registry.standard().find(Layer.class, name);
      Config c = config().plus(Config.copyOf(changes));
      return (Layer) e.create((Config) Registry.standard().restore(c, name));
    }

    List<Tensor> inputs() {
      List<Tensor> all = new ArrayList<>();
      for (Object given : (List<?>) row.get("inputs")) {
        all.add(tensor(given, 10 + all.size()));
      }
      return all;
    }

    Shape[] shapes() {
      return inputs().stream().map(Tensor::shape).toArray(Shape[]::new);
    }

    /** Keyword arguments that are tensors, without masks. */
    Map<String, Tensor> kwargs() {
      Map<String, Tensor> all = new LinkedHashMap<>();
      of("kwargs").forEach((k, v) -> all.put(k, tensor(v, 30 + all.size())));
      return all;
    }

    /** Masks that hide nothing. */
    Map<String, Shape> masks() {
      Map<String, Shape> all = new LinkedHashMap<>();
      of("masks").forEach((k, v) -> all.put(k, shape(v)));
      return all;
    }

    /** The axis whose size the weights fix; −1 for none. */
    int width(int input) {
      return row.get("width") instanceof List<?> axes
          ? ((Number) axes.get(input)).intValue()
          : inputs().get(input).dtype().isFloating() ? inputs().get(input).rank() - 1 : -1;
    }

    /** The number of tokens that a table has rows for; 0 if there is none. */
    int longest() {
      return row.get("longest") instanceof Number n ? n.intValue() : 0;
    }

    /** Whether samples are never brought together with those of another input. */
    boolean anyBatch() {
      return Boolean.TRUE.equals(row.get("anyBatch"));
    }

    /** Whether inputs may have any number of axes. */
    boolean anyRank() {
      return Boolean.TRUE.equals(row.get("anyRank"));
    }

    List<Tensor> call(Layer layer) {
      return layer.applyAll(inputs(), CallArgs.copyOf(new LinkedHashMap<>(kwargs())));
    }

    private Map<String, Object> of(String key) {
      return row.get(key) instanceof Config c ? c.asMap() : Map.of();
    }

    @Override
    public String toString() {
      return name;
    }
  }

  /** All rows. */
  static List<Example> all() {
    try (InputStream in = SystemExamples.class.getResourceAsStream("examples.json")) {
      List<Example> all = new ArrayList<>();
      JsonCodec.read("examples.json", in.readAllBytes())
          .asMap()
          .forEach((name, row) -> all.add(new Example(name, (Config) row)));
      return all;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The row of a registered name. */
  static Example of(String name) {
    return all().stream().filter(e -> e.name().equals(name)).findFirst().orElseThrow();
  }

  /** Every layer inside of a layer and itself. */
  static List<Layer> within(Layer layer) {
    List<Layer> all = new ArrayList<>(List.of(layer));
    layer.sublayers().forEach(l -> all.addAll(within(l)));
    return all;
  }

  private static Shape shape(Object sizes) {
    return Shape.of(((List<?>) sizes).stream().mapToInt(n -> ((Number) n).intValue()).toArray());
  }

  static Tensor tensor(Object given, long seed) {
    if (given instanceof Config c) {
      Shape s = shape(c.get("shape"));
      int below = ((Number) c.get("below")).intValue();
      return Ops.reshape(Ops.mod(Ops.arange(Math.toIntExact(s.size())), below), s.dims());
    }
    return random(shape(given), seed);
  }

  static Tensor random(Shape shape, long seed) {
    return RandomOps.normal(shape, 0, 1, DType.FLOAT32, SeedGenerator.key(seed));
  }
}
