package io.weft.layer;

import io.weft.tensor.Tensor;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The keyword arguments of a call, by Keras' names: {@code training}, {@code mask}, {@code
 * attention_mask}, {@code initial_state}, … Values are tensors, lists of tensors, booleans,
 * numbers. Immutable.
 */
public final class CallArgs {
  public static final CallArgs NONE = new CallArgs(new LinkedHashMap<>());

  private final Map<String, Object> map;

  private CallArgs(LinkedHashMap<String, Object> map) {
    this.map = Collections.unmodifiableMap(map);
  }

  /** One argument. */
  public static CallArgs of(String name, Object value) {
    return NONE.with(name, value);
  }

  /** Arguments from a map; nulls are kept. */
  public static CallArgs copyOf(Map<String, ?> map) {
    return new CallArgs(new LinkedHashMap<>(map));
  }

  /** Says whether the call is a training step. */
  public static CallArgs training(boolean training) {
    return NONE.with("training", training);
  }

  /** A copy with one more argument. */
  public CallArgs with(String name, Object value) {
    LinkedHashMap<String, Object> m = new LinkedHashMap<>(map);
    m.put(name, value);
    return new CallArgs(m);
  }

  public Object get(String name) {
    return map.get(name);
  }

  public boolean has(String name) {
    return map.get(name) != null;
  }

  /** True where null was given, which for masks means none, not the attached one. */
  public boolean isNull(String name) {
    return map.containsKey(name) && map.get(name) == null;
  }

  /** The tensor at a name, or null. */
  public Tensor tensor(String name) {
    return map.get(name) instanceof Tensor t ? t : null;
  }

  /** The boolean at a name, or the default. */
  public boolean bool(String name, boolean fallback) {
    return map.get(name) instanceof Boolean b ? b : fallback;
  }

  public Map<String, Object> asMap() {
    return map;
  }

  public boolean isEmpty() {
    return map.isEmpty();
  }
}
