package io.weft.error;

/** A compute device or its backend failed; the model's state is as before the call. */
public final class BackendException extends WeftException {
  private static final long serialVersionUID = 1L;

  public BackendException(String message) {
    super(message);
  }

  public BackendException(String message, Throwable cause) {
    super(message, cause);
  }
}
