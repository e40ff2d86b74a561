package io.weft.models;

import io.weft.config.Catalogue;
import io.weft.config.Entry;
import java.util.List;

/** The model classes, for {@link io.weft.config.Registry#standard}. */
public final class ModelCatalogue implements Catalogue {
  @Override
  public List<? extends Entry<?>> entries() {
    return List.of(Functional.ENTRY, Sequential.TYPE);
  }
}
