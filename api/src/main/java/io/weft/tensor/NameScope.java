package io.weft.tensor;

import java.util.function.Supplier;

/**
 * A prefix of the paths of variables that are made inside it. Scopes nest, as directories do; the
 * one that is innermost already is not doubled. A layer's weights have its path in any scope.
 */
public final class NameScope {
  private static final ThreadLocal<String> CURRENT = new ThreadLocal<>();

  private final String name;

  /**
   * A scope.
   *
   * @param name one part of a path or several, such as {@code encoder/block}
   */
  public NameScope(String name) {
    this.name = name;
  }

  /** The name, without what lies around. */
  public String name() {
    return name;
  }

  /** Runs a body in which new variables are called {@code name/…}. */
  public <R> R with(Supplier<R> body) {
    String outer = CURRENT.get();
    boolean inside = outer == null || outer.equals(name) || outer.endsWith("/" + name);
    CURRENT.set(inside ? outer == null ? name : outer : outer + "/" + name);
    try {
      return body.get();
    } finally {
      if (outer == null) {
        CURRENT.remove();
      } else {
        CURRENT.set(outer);
      }
    }
  }

  /** The path of a new variable of a name. */
  static String path(String variable) {
    String scope = CURRENT.get();
    return scope == null ? variable : scope + "/" + variable;
  }

  @Override
  public String toString() {
    return name + "/";
  }
}
