package io.weft.config;

import java.util.List;

/** The service by which a module adds its classes to {@link Registry#standard()}. */
public interface Catalogue {
  /** All rows of the module, in sections that are loaded when first needed. */
  List<Section> sections();
}
