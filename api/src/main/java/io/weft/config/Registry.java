package io.weft.config;

import io.weft.error.ConfigException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;

/**
 * An immutable table of the classes and functions that configs may name. Nothing else is ever made
 * from a file: no class is looked up by reflection, code in files is refused.
 */
public final class Registry {
  private static final class Holder {
    static final Registry STANDARD = load();

    private static Registry load() {
      List<Section> all = new ArrayList<>();
      for (Catalogue c : ServiceLoader.load(Catalogue.class, Registry.class.getClassLoader())) {
        all.addAll(c.sections());
      }
      List<Section> inOrder = new ArrayList<>();
      for (int turn = 0; turn <= Section.LAST_TURN; turn++) {
        for (Section s : all) {
          if (s.turn() == turn) {
            inOrder.add(s);
          }
        }
      }
      return new Registry(inOrder);
    }
  }

  /** In the order in which they are asked. */
  private final List<Section> sections;

  private Registry(List<Section> sections) {
    this.sections = List.copyOf(sections);
  }

  /** The union of the catalogues on the path. */
  public static Registry standard() {
    return Holder.STANDARD;
  }

  /** This registry and more rows; later rows win. */
  public Registry with(Entry<?>... more) {
    List<Section> all = new ArrayList<>();
    all.add(Section.of(List.of(more)));
    all.addAll(sections);
    return new Registry(all);
  }

  /** All rows; loads all classes. */
  public List<Entry<?>> entries() {
    List<Entry<?>> all = new ArrayList<>();
    for (Section s : sections) {
      all.addAll(s.all());
    }
    return all;
  }

  /**
   * The row of a kind and a name (class name, snake-case name, alias or registered name), or null.
   */
  public Entry<?> find(Class<?> kind, String name) {
    for (Section s : sections) {
      if (s.mayHold(kind)) {
        for (Entry<?> e : s.named(name)) {
          if (kind.isAssignableFrom(e.kind()) || e.kind().isAssignableFrom(kind)) {
            return e;
          }
        }
      }
    }
    return null;
  }

  /** The object of a plain name such as {@code relu} or {@code glorot_uniform}, with defaults. */
  public <T> T named(Class<T> kind, String name) {
    Entry<?> e = find(kind, name);
    if (e == null) {
      throw new ConfigException(
          "expected the name of a "
              + kind.getSimpleName()
              + ". Received: '"
              + name
              + "'. Pass an object, or a registry that knows the name.");
    }
    return kind.cast(e.create(Config.EMPTY));
  }

  /** Whether a config is the envelope of an object. */
  public static boolean isEnvelope(Object v) {
    return v instanceof Config c && c.get("class_name") instanceof String && c.has("config");
  }

  /**
   * The row that an envelope names: by registered name first, then by module and class. Null if
   * none.
   */
  public Entry<?> entryOf(Config envelope) {
    if (envelope.get("registered_name") instanceof String r && r.contains(">")) {
      for (Section s : sections) {
        for (Entry<?> e : s.named(r)) {
          if (r.equals(e.registeredName())) {
            return e;
          }
        }
      }
      return null;
    }
    String name = envelope.string("class_name");
    String module = envelope.get("module") instanceof String m ? m : null;
    // sections of the very module first: the others need not be loaded then
    for (Section s : sections) {
      Entry<?> e = s.isOf(module) ? meant(s, name, module) : null;
      if (e != null) {
        return e;
      }
    }
    for (Section s : sections) {
      Entry<?> e = meant(s, name, module);
      if (e != null) {
        return e;
      }
    }
    return null;
  }

  /** The row of a section with this module, or else one with a module of the same family. */
  private static Entry<?> meant(Section s, String name, String module) {
    Entry<?> loose = null;
    for (Entry<?> e : s.named(name)) {
      if (module == null || module.equals(e.module())) {
        return e;
      }
      if (loose == null && family(module).equals(family(e.module()))) {
        loose = e;
      }
    }
    return loose;
  }

  /**
   * {@code layers} of {@code keras.layers}, {@code keras.src.layers.core.dense} and their elders.
   */
  private static String family(String module) {
    String[] p = module.split("\\.");
    if (!p[0].equals("keras") && !p[0].equals("tensorflow") && !p[0].equals("tf_keras")) {
      return module;
    }
    for (String s : p) {
      switch (s) {
        case "layers":
        case "initializers":
        case "regularizers":
        case "constraints":
        case "optimizers":
        case "losses":
        case "metrics":
        case "activations":
        case "models":
        case "dtype_policies":
          return s;
        default:
      }
    }
    return "keras";
  }

  /**
   * The value with every envelope in it replaced by the object it describes, inner ones first.
   * Values that are not objects stay as they are. Function envelopes become the named function's
   * object where the registry knows it. Errors name the path from {@code where} on.
   */
  public Object restore(Object value, String where) {
    if (value instanceof List<?> list) {
      List<Object> l = new ArrayList<>(list.size());
      for (int i = 0; i < list.size(); i++) {
        l.add(restore(list.get(i), where + "[" + i + "]"));
      }
      return l;
    }
    if (!(value instanceof Config c)) {
      return value;
    }
    if (!isEnvelope(c)) {
      Map<String, Object> m = new LinkedHashMap<>();
      for (Map.Entry<String, Object> e : c.asMap().entrySet()) {
        m.put(e.getKey(), restore(e.getValue(), where + "." + e.getKey()));
      }
      return Config.copyOf(m);
    }
    String className = c.string("class_name");
    if (className.startsWith("__")) {
      return c;
    }
    if (className.equals("function")) {
      return function(c, where);
    }
    Entry<?> e = entryOf(c);
    if (e == null) {
      throw unknown(c, where);
    }
    Object inner = c.get("config");
    if (inner == null) {
      inner = Config.EMPTY;
    }
    if (!(inner instanceof Config)) {
      throw new ConfigException(
          where + ".config: expected an object. Received: " + Config.text(inner));
    }
    return restoreObject(e, (Config) inner, c, where);
  }

  /** Makes one object whose row is known; its config's inner objects are restored first. */
  public Configurable restoreObject(Entry<?> e, Config inner, Config envelope, String where) {
    Config restored = e instanceof GraphEntry ? inner : (Config) restore(inner, where + ".config");
    try {
      Configurable made =
          e instanceof GraphEntry<?> g ? g.create(restored, this, where) : e.create(restored);
      if (made instanceof Restorable r) {
        r.afterRestore(envelope);
      }
      return made;
    } catch (ConfigException x) {
      throw x.getMessage().startsWith(where)
          ? x
          : new ConfigException(where + ": " + x.getMessage(), x);
    }
  }

  private Object function(Config c, String where) {
    if (!(c.get("config") instanceof String name)) {
      throw new ConfigException(where + ".config: expected the name of a function");
    }
    Entry<?> e = functionNamed(name);
    if (e == null) {
      throw unknown(c.with("class_name", name), where);
    }
    // which kind of function is meant is known by who reads it: Args.object resolves the name
    return e.registeredName() == null ? name : e.create(Config.EMPTY);
  }

  private Entry<?> functionNamed(String name) {
    for (Section s : sections) {
      List<Entry<?>> l = s.named(name);
      if (!l.isEmpty()) {
        return l.get(0);
      }
    }
    if (!name.contains(">")) {
      for (Entry<?> e : entries()) {
        if (e.registeredName() != null && e.registeredName().endsWith(">" + name)) {
          return e;
        }
      }
    }
    return null;
  }

  private static ConfigException unknown(Config c, String where) {
    Object r = c.get("registered_name");
    String name = r instanceof String s && s.contains(">") ? s : c.string("class_name");
    return new ConfigException(
        where
            + ": no class is registered for '"
            + name
            + "'"
            + (c.get("module") == null ? "" : " of module '" + c.get("module") + "'")
            + ". Pass a registry that knows it: Registry.standard().with(TYPE).");
  }
}
