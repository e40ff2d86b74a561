package io.weft.layer;

import io.weft.config.Config;
import io.weft.config.Configurable;
import io.weft.config.Names;
import io.weft.ops.PublicOp;
import io.weft.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * An op of the public table in a model graph, with the arguments that its class's constructor
 * takes.
 */
public final class OpOperation implements Operation, Configurable {
  private final PublicOp op;
  private final Map<String, Object> constructor;
  private final boolean givenName;
  private final Nodes nodes = new Nodes();
  private volatile String name;

  /** An op node's operation; {@code constructor} holds the class's arguments by name. */
  public OpOperation(PublicOp op, String name, Map<String, Object> constructor) {
    this.op = op;
    this.name = name;
    this.givenName = name != null;
    this.constructor = constructor;
  }

  public PublicOp op() {
    return op;
  }

  @Override
  public String name() {
    String n = name;
    return n == null ? autoName() : n;
  }

  @Override
  public Nodes nodes() {
    return nodes;
  }

  @Override
  public boolean hasName() {
    return name != null;
  }

  @Override
  public boolean hasGivenName() {
    return givenName;
  }

  @Override
  public void setAutoName(String newName) {
    if (!givenName) {
      name = newName;
    }
  }

  @Override
  public String autoName() {
    return Names.snake(op.className());
  }

  @Override
  public List<Tensor> invoke(List<?> args, Map<String, ?> kwargs) {
    return PublicOp.tensors(result(args, kwargs));
  }

  private Object result(List<?> args, Map<String, ?> kwargs) {
    Map<String, Object> all = new LinkedHashMap<>(kwargs);
    // a class's constructor arguments may stand before call arguments in the function's signature
    List<PublicOp.Param> params = op.params();
    int at = 0;
    for (PublicOp.Param p : params) {
      if (p.rest()) {
        all.put(p.name(), List.copyOf(args.subList(Math.min(at, args.size()), args.size())));
        at = args.size();
      } else if (!p.constructor() && at < args.size()) {
        all.put(p.name(), args.get(at++));
      }
    }
    all.putAll(constructor);
    return op.call(op.bind(List.of(), all));
  }

  @Override
  public Object outputStructure(List<Tensor> flat) {
    return flat.size() == 1 ? flat.get(0) : flat;
  }

  @Override
  public Config getConfig() {
    Config c = Config.of("name", name());
    for (PublicOp.Param p : op.params()) {
      if (p.constructor()) {
        c = c.with(p.name(), constructor.getOrDefault(p.name(), p.fallback()));
      }
    }
    return c;
  }

  @Override
  public Object serialized() {
    return Config.of(
        "module",
        op.module(),
        "class_name",
        op.className(),
        "config",
        getConfig(),
        "registered_name",
        op.className());
  }

  @Override
  public String toString() {
    return op.className() + "('" + name() + "')";
  }
}
