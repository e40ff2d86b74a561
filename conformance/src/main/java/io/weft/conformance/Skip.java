package io.weft.conformance;

/** Thrown by a replay that finds that the case asks for something outside of this version. */
final class Skip extends RuntimeException {
  private static final long serialVersionUID = 1L;

  Skip(String reason) {
    super(reason);
  }
}
