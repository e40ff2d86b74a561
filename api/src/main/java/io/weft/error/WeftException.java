package io.weft.error;

/** Base of the faults that have no closer relative in the JDK. */
public class WeftException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public WeftException(String message) {
    super(message);
  }

  public WeftException(String message, Throwable cause) {
    super(message, cause);
  }
}
