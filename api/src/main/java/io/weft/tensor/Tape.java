package io.weft.tensor;

import java.util.ArrayList;
import java.util.List;

/**
 * Records every op applied on this thread while it is open, eager or traced. The one source of
 * gradients ({@link io.weft.autodiff.Gradients} walks it backwards).
 */
public final class Tape {
  private static final ThreadLocal<Tape> CURRENT = new ThreadLocal<>();

  /** One op with the tensors it read and made. */
  public record Entry(Op op, List<Tensor> inputs, List<Tensor> outputs) {}

  private final Tape parent;
  private final List<Entry> entries = new ArrayList<>();

  private Tape(Tape parent) {
    this.parent = parent;
  }

  /** Opens a tape on this thread; it must be closed on the same thread. */
  public static Tape open() {
    Tape t = new Tape(CURRENT.get());
    CURRENT.set(t);
    return t;
  }

  /** Ends the recording; the entries stay readable. */
  public void close() {
    if (CURRENT.get() != this) {
      throw new IllegalStateException(
          "Tape: close the tapes of a thread in reverse order of opening.");
    }
    if (parent == null) {
      CURRENT.remove();
    } else {
      CURRENT.set(parent);
    }
  }

  public List<Entry> entries() {
    return entries;
  }

  /** True while a tape is open on this thread. */
  public static boolean isOpen() {
    return CURRENT.get() != null;
  }

  static void record(Op op, List<Tensor> inputs, List<Tensor> outputs) {
    Tape t = CURRENT.get();
    if (t != null) {
      Entry e = new Entry(op, inputs, outputs);
      while (t != null) {
        t.entries.add(e);
        t = t.parent;
      }
    }
  }

  static Tape suspend() {
    Tape t = CURRENT.get();
    CURRENT.remove();
    return t;
  }

  static void resume(Tape t) {
    if (t != null) {
      CURRENT.set(t);
    }
  }
}
