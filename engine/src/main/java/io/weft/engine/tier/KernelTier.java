package io.weft.engine.tier;

import java.lang.System.Logger.Level;

/**
 * The kernel tiers of this process, chosen when this class is first used.
 *
 * <p>{@code -Dweft.kernels=scalar|vector|machine} forces one. By default machine code serves the
 * kernels that it has, where a {@link KernelProvider} is there and may call native code; {@code
 * vector} the others, where the module {@code jdk.incubator.vector} is in the boot layer ({@code
 * --add-modules jdk.incubator.vector}); and plain loops the rest.
 *
 * <p>Machine code gets ready beside the first work of the process. Which tier computes follows from
 * sizes alone, never from time: a small operation is done in Java always, a large one waits. So a
 * program gives the same bits in each run, and a model the same at each call. Within one tier they
 * are the same for any number of threads; between tiers they differ by rounding.
 */
public enum KernelTier {
  /** Plain loops. */
  SCALAR,
  /** {@code jdk.incubator.vector}. */
  VECTOR,
  /** Code assembled at run time, by a {@link KernelProvider}. */
  MACHINE;

  /** System property that forces a tier. */
  public static final String PROPERTY = "weft.kernels";

  private static final String WANTED = System.getProperty(PROPERTY, "");
  private static final boolean MACHINE_POSSIBLE =
      Runtime.version().feature() >= KernelProvider.FIRST_JAVA
          && !WANTED.equals("scalar")
          && !WANTED.equals("vector");
  private static final KernelTier IN_JAVA = chooseInJava();

  /** What became of machine code, for people. */
  private static String machine = MACHINE_POSSIBLE ? "not needed yet" : "not used";

  private static boolean told;

  /** The tier of the loops in Java: {@link #SCALAR} or {@link #VECTOR}. */
  public static KernelTier inJava() {
    return IN_JAVA;
  }

  /**
   * Whether machine code may serve in this process, so that {@link #fastest} may wait for it. Small
   * work should then be done by {@link #implementation} instead.
   */
  public static boolean isMachinePossible() {
    return MACHINE_POSSIBLE;
  }

  /**
   * Begins to get machine code ready, in the background; returns at once. On one CPU that would
   * only take time from what goes on: there it begins when the first operation waits for it.
   */
  public static void prepare() {
    if (MACHINE_POSSIBLE && Runtime.getRuntime().availableProcessors() > 1) {
      MachineTier.start();
    }
  }

  /**
   * The machine-code implementation of {@code type}, when it is ready, or else that of {@link
   * #implementation}; null where the portable one is to serve.
   */
  public static <T> T fastest(Class<T> type, String vectorClass) {
    T kernel = machine(type);
    return kernel != null ? kernel : implementation(type, vectorClass);
  }

  /** The machine-code implementation of {@code type}, when it is ready, or null if none serves. */
  public static <T> T machine(Class<T> type) {
    return MACHINE_POSSIBLE ? MachineTier.kernel(type) : null;
  }

  /**
   * The vector implementation of {@code type} when that tier is in use and can run here, else null:
   * the portable one is to serve.
   *
   * @param vectorClass constant name of a public class of {@code io.weft.engine.simd}; it is loaded
   *     by name because loading it links against a module that may be missing
   */
  public static <T> T implementation(Class<T> type, String vectorClass) {
    if (IN_JAVA == VECTOR) {
      try {
        Class<?> c = Class.forName(vectorClass, true, KernelTier.class.getClassLoader());
        return type.cast(c.getDeclaredConstructor().newInstance());
      } catch (ReflectiveOperationException | LinkageError e) {
        warn("portable " + type.getSimpleName() + " used", e);
      }
    }
    return null;
  }

  private static KernelTier chooseInJava() {
    Module vectors = null; // findModule looks on in parent layers with streams, which takes 4 ms
    for (Module m : ModuleLayer.boot().modules()) {
      vectors = "jdk.incubator.vector".equals(m.getName()) ? m : vectors;
    }
    boolean present = vectors != null;
    KernelTier tier = present && !WANTED.equals("scalar") ? VECTOR : SCALAR;
    if (tier == VECTOR) { // nothing to do on the class path; a named module does not require it
      KernelTier.class.getModule().addReads(vectors);
    }
    if (WANTED.equals("vector") && !present) {
      warn(
          PROPERTY + "=vector needs --add-modules jdk.incubator.vector; portable kernels are used",
          null);
    }
    if (WANTED.equals("machine") && !MACHINE_POSSIBLE) {
      String needed = "=machine needs Java " + KernelProvider.FIRST_JAVA + " or newer; ";
      warn(PROPERTY + needed + tier + " kernels are used", null);
    }
    return tier;
  }

  /** Which tiers serve and why, for people. */
  public static synchronized String description() {
    String why =
        WANTED.isEmpty()
            ? "jdk.incubator.vector is " + (IN_JAVA == VECTOR ? "present" : "not present")
            : PROPERTY + "=" + WANTED;
    return "kernels: " + IN_JAVA + " (" + why + "), machine code: " + machine;
  }

  /**
   * Logs the {@link #description} once, at DEBUG level, and again when machine code gets ready only
   * after that. To be called after a first prediction: a logger takes 10 ms to load.
   */
  public static synchronized void tell() {
    if (!told) {
      told = true;
      log();
    }
  }

  static synchronized void became(String what) {
    machine = what;
    if (told) {
      log();
    }
  }

  private static void log() {
    System.getLogger(KernelTier.class.getName()).log(Level.DEBUG, description());
  }

  static void warn(String what, Throwable why) {
    System.getLogger(KernelTier.class.getName()).log(Level.WARNING, "kernels: " + what, why);
  }
}
