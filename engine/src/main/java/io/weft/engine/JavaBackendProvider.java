package io.weft.engine;

import io.weft.backend.Backend;
import io.weft.backend.BackendProvider;

/** Brings in the backend in plain Java, which is always available. */
public final class JavaBackendProvider implements BackendProvider {
  @Override
  public String name() {
    return "java";
  }

  @Override
  public int priority() {
    return 0;
  }

  @Override
  public String unavailability() {
    return null;
  }

  @Override
  public Backend open() {
    return new JavaBackend();
  }
}
