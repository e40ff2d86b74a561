package io.weft.config;

import java.util.List;

/** The service by which a module adds its classes to {@link Registry#standard()}. */
public interface Catalogue {
  /** All rows of the module, in sections that are loaded when first needed. */
  List<Section> sections();

  /** The rows of the section of a module that has them all at once; asked when one may be meant. */
  default List<? extends Entry<?>> rows(String module) {
    throw new IllegalArgumentException(module + ": no section of this catalogue");
  }

  /**
   * The row of a class name in the section of a module that has them one by one; null for other
   * names.
   */
  default Entry<?> row(String module, String className) {
    return null;
  }
}
