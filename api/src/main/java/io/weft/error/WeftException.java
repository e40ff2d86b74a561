package io.weft.error;

/** Base of the faults that have no closer relative in the JDK. */
public abstract class WeftException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  protected WeftException(String message) {
    super(message);
  }

  protected WeftException(String message, Throwable cause) {
    super(message, cause);
  }
}
