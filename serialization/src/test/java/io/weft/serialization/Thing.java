package io.weft.serialization;

import io.weft.config.Config;
import io.weft.config.Configurable;
import io.weft.format.Saveable;
import io.weft.tensor.Tensor;
import io.weft.tensor.Variable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A saveable object for tests: a class word, a name, variables and attributes. */
public final class Thing implements Saveable, Configurable {
  private final String word;
  private final String name;
  private final List<Variable> variables;
  private final Map<String, Object> children = new LinkedHashMap<>();
  private Map<String, byte[]> assets = Map.of();
  private boolean loaded;

  public Thing(String word, String name, Variable... variables) {
    this.word = word;
    this.name = name;
    this.variables = List.of(variables);
  }

  /** A variable of these numbers. */
  public static Variable variable(String name, float... values) {
    return new Variable(name, Tensor.of(values, values.length), true);
  }

  public Thing with(String attribute, Object value) {
    children.put(attribute, value);
    return this;
  }

  public Thing assets(Map<String, byte[]> files) {
    assets = files;
    return this;
  }

  public boolean isLoaded() {
    return loaded;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public String autoName() {
    return word;
  }

  @Override
  public List<Variable> savedVariables() {
    return variables;
  }

  @Override
  public Map<String, Object> savedChildren() {
    return children;
  }

  @Override
  public boolean keepsStateOnMismatch() {
    return word.equals("adam");
  }

  @Override
  public Map<String, byte[]> saveAssets() {
    return assets;
  }

  @Override
  public void loadAssets(Map<String, byte[]> files) {
    assets = files;
  }

  @Override
  public void afterLoad() {
    loaded = true;
  }

  @Override
  public Config getConfig() {
    return Config.of("name", name, "rate", 1e-7);
  }

  @Override
  public Object serialized() {
    return Config.of(
        "module",
        "keras",
        "class_name",
        "Sequential",
        "config",
        getConfig(),
        "registered_name",
        null);
  }
}
