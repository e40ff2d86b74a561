package io.weft.backend;

/** The service that brings a backend in; found by {@link java.util.ServiceLoader}. */
public interface BackendProvider {
  String name();

  /** The provider with the highest priority among the available ones serves by default. */
  int priority();

  /** Why the backend cannot be opened here, or null if it can; never throws. */
  String unavailability();

  Backend open();
}
