package io.weft.backend;

import io.weft.error.BackendException;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.function.Supplier;

/** The backend that new tensors go to: the default one, or the one that a scope names. */
public final class Backends {
  private static final ThreadLocal<Backend> SCOPED = new ThreadLocal<>();

  private Backends() {}

  private static final class Holder {
    /** What was wrong, said anew to each caller; null where there is a backend. */
    static final String MISSING;

    static final Backend DEFAULT;

    static {
      StringBuilder refused = new StringBuilder();
      BackendProvider best = find(refused);
      DEFAULT = best == null ? null : best.open();
      MISSING =
          best != null
              ? null
              : "Backends: no backend is available; add io.weft:weft-engine to the class path."
                  + refused;
    }

    private static BackendProvider find(StringBuilder refused) {
      BackendProvider best = null;
      var providers =
          ServiceLoader.load(BackendProvider.class, Backends.class.getClassLoader()).iterator();
      while (true) {
        try {
          if (!providers.hasNext()) {
            break;
          }
          BackendProvider p = providers.next();
          String why = p.unavailability();
          if (why != null) {
            refused.append(' ').append(p.name()).append(": ").append(why).append('.');
          } else if (best == null || p.priority() > best.priority()) {
            best = p;
          }
        } catch (ServiceConfigurationError e) {
          refused.append(' ').append(e.getMessage()).append('.');
        }
      }
      return best;
    }
  }

  /** The backend in force on this thread. */
  public static Backend current() {
    Backend b = SCOPED.get();
    if (b == null) {
      b = Holder.DEFAULT;
    }
    if (b == null) {
      throw new BackendException(Holder.MISSING);
    }
    return b;
  }

  /** Runs a body with another backend in force on this thread. */
  public static <T> T with(Backend backend, Supplier<T> body) {
    Backend old = SCOPED.get();
    SCOPED.set(backend);
    try {
      return body.get();
    } finally {
      SCOPED.set(old);
    }
  }
}
