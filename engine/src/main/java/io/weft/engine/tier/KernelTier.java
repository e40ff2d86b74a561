package io.weft.engine.tier;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.function.Supplier;

/**
 * The kernel tier of this process, chosen when this class is first used.
 *
 * <p>{@code -Dweft.kernels=scalar|vector} forces one; by default {@code vector} is taken when the
 * module {@code jdk.incubator.vector} is in the boot layer ({@code --add-modules
 * jdk.incubator.vector}). Results within one tier have the same bits for any number of threads;
 * between tiers they differ by rounding.
 */
public enum KernelTier {
  /** Plain loops. */
  SCALAR,
  /** {@code jdk.incubator.vector}. */
  VECTOR;

  /** System property that forces a tier. */
  public static final String PROPERTY = "weft.kernels";

  private static final Logger LOG = System.getLogger(KernelTier.class.getName());
  private static final KernelTier CHOSEN = choose();

  /** The tier in use. */
  public static KernelTier chosen() {
    return CHOSEN;
  }

  /**
   * The vector implementation of {@code type} when that tier is in use and can run here, else the
   * portable one.
   *
   * @param vectorClass constant name of a public class of {@code io.weft.engine.simd}; it is loaded
   *     by name because loading it links against a module that may be missing
   */
  public static <T> T implementation(Class<T> type, String vectorClass, Supplier<T> portable) {
    if (CHOSEN == VECTOR) {
      try {
        Class<?> c = Class.forName(vectorClass, true, KernelTier.class.getClassLoader());
        return type.cast(c.getDeclaredConstructor().newInstance());
      } catch (ReflectiveOperationException | LinkageError e) {
        LOG.log(Level.WARNING, "kernels: portable " + type.getSimpleName() + " used", e);
      }
    }
    return portable.get();
  }

  private static KernelTier choose() {
    String wanted = System.getProperty(PROPERTY, "");
    boolean present = ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();
    KernelTier tier = present && !wanted.equals("scalar") ? VECTOR : SCALAR;
    String why =
        wanted.equals("scalar")
            ? PROPERTY + "=scalar"
            : present ? "jdk.incubator.vector is present" : "jdk.incubator.vector is not present";
    if (tier == VECTOR) { // nothing to do on the class path; a named module does not require it
      ModuleLayer.boot()
          .findModule("jdk.incubator.vector")
          .ifPresent(KernelTier.class.getModule()::addReads);
    }
    LOG.log(Level.DEBUG, "kernels: {0} ({1})", tier, why);
    if (wanted.equals("vector") && !present) {
      LOG.log(
          Level.WARNING,
          "{0}=vector needs --add-modules jdk.incubator.vector; portable kernels are used",
          PROPERTY);
    }
    return tier;
  }
}
