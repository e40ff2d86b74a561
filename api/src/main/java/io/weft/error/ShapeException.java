package io.weft.error;

import java.util.List;
import java.util.Objects;

/** An op or layer refuses the shapes or dtypes it was given. */
public final class ShapeException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  private final boolean namesLayer;

  public ShapeException(String message) {
    this(message, null);
  }

  public ShapeException(String message, Throwable cause) {
    this(message, cause, false);
  }

  private ShapeException(String message, Throwable cause, boolean namesLayer) {
    super(message, cause);
    this.namesLayer = namesLayer;
  }

  /**
   * The exception as it leaves a layer: an op does not know who called it, so the innermost layer
   * adds its name and the shapes of its inputs.
   *
   * @param who the layer
   * @param inputs the shapes of its inputs, null where one is missing
   */
  public ShapeException in(String who, List<?> inputs) {
    if (namesLayer) {
      return this;
    }
    String text = Objects.toString(getMessage(), "");
    return text.startsWith(who)
        ? new ShapeException(text, this, true)
        : new ShapeException(who + ": " + text + ". Its inputs: " + inputs, this, true);
  }
}
