package io.weft.error;

/**
 * A file is malformed, hostile, or of an unknown version; the message names the member and path in
 * it.
 */
public final class ModelFormatException extends WeftException {
  private static final long serialVersionUID = 1L;

  public ModelFormatException(String message) {
    super(message);
  }

  public ModelFormatException(String message, Throwable cause) {
    super(message, cause);
  }
}
