package io.weft.config;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Rows of a {@link Registry} that are loaded late, so that a program pays only for the classes that
 * it uses: a first prediction takes fractions of a second, of which class loading is the most.
 */
public abstract class Section {
  static final int LAST_TURN = 2;

  private final Class<?> kind;
  private final String module;

  private Section(Class<?> kind, String module) {
    this.kind = kind;
    this.module = module;
  }

  /**
   * Rows that are loaded together, when one of them may be meant.
   *
   * @param kind what all of them are, such as {@code Loss}
   * @param module Keras' module of all of them, such as {@code keras.losses}; null for several
   * @param owner whose {@link Catalogue#rows} has them: a call, because a lambda for each section
   *     would take a process longer than all else that a section does
   */
  public static Section of(Class<?> kind, String module, Catalogue owner) {
    return new Together(kind, module, owner);
  }

  /** Given rows of any kind. */
  static Section of(List<Entry<?>> rows) {
    Together s = new Together(Configurable.class, null, null);
    s.all = List.copyOf(rows);
    return s;
  }

  /**
   * Rows that are loaded one by one.
   *
   * @param names all class names
   * @param owner whose {@link Catalogue#row} has them
   */
  public static Section ofClasses(
      Class<?> kind, String module, List<String> names, Catalogue owner) {
    return new OneByOne(kind, module, names, owner);
  }

  /** The rows that a class name, a snake-case name, an alias or a registered name may mean. */
  abstract List<Entry<?>> named(String name);

  /** All rows. */
  abstract List<Entry<?>> all();

  final boolean mayHold(Class<?> wanted) {
    return wanted.isAssignableFrom(kind) || kind.isAssignableFrom(wanted);
  }

  /**
   * When the section is asked: Keras' classes come first, so that a plain name means them, and of
   * these the ones first that load nothing for a name they do not have.
   */
  final int turn() {
    boolean keras = module != null && module.startsWith("keras");
    return keras ? this instanceof OneByOne ? 0 : 1 : LAST_TURN;
  }

  final String module() {
    return module;
  }

  final boolean isOf(String wanted) {
    return module != null && module.equals(wanted);
  }

  private static final class Together extends Section {
    private final Catalogue owner;
    private volatile Map<String, List<Entry<?>>> byName;
    private volatile List<Entry<?>> all;

    Together(Class<?> kind, String module, Catalogue owner) {
      super(kind, module);
      this.owner = owner;
    }

    @Override
    List<Entry<?>> all() {
      List<Entry<?>> l = all;
      if (l == null) {
        l = List.copyOf(owner.rows(module()));
        all = l;
      }
      return l;
    }

    @Override
    List<Entry<?>> named(String name) {
      Map<String, List<Entry<?>>> m = byName;
      if (m == null) {
        m = new HashMap<>();
        for (Entry<?> e : all()) {
          put(m, e.className(), e);
          put(m, Names.snake(e.className()), e);
          for (String alias : e.aliases()) {
            put(m, alias, e);
          }
          if (e.registeredName() != null) {
            put(m, e.registeredName(), e);
          }
        }
        byName = m;
      }
      return m.getOrDefault(name, List.of());
    }

    /** Later rows win. */
    private static void put(Map<String, List<Entry<?>>> m, String name, Entry<?> e) {
      List<Entry<?>> l = m.get(name);
      if (l == null) {
        l = new ArrayList<>(1);
        m.put(name, l);
      }
      if (!l.contains(e)) {
        l.add(0, e);
      }
    }
  }

  private static final class OneByOne extends Section {
    private final List<String> names;
    private final Catalogue owner;

    OneByOne(Class<?> kind, String module, List<String> names, Catalogue owner) {
      super(kind, module);
      this.names = names;
      this.owner = owner;
    }

    @Override
    List<Entry<?>> all() {
      List<Entry<?>> l = new ArrayList<>();
      for (String name : names) {
        l.add(owner.row(module(), name));
      }
      return l;
    }

    @Override
    List<Entry<?>> named(String name) {
      Entry<?> e = owner.row(module(), name.substring(name.indexOf('>') + 1));
      boolean meant = e != null && (name.indexOf('>') < 0 || name.equals(e.registeredName()));
      return meant ? List.of(e) : List.of();
    }
  }
}
