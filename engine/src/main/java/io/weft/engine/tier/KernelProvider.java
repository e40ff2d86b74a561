package io.weft.engine.tier;

/**
 * The service that brings kernels in that are faster than any in Java; found by {@link
 * java.util.ServiceLoader}, at most one, on Java {@value #FIRST_JAVA} and newer. For modules of
 * this project.
 */
public interface KernelProvider {
  /** The first version of Java on which a provider is looked for. */
  int FIRST_JAVA = 22;

  /**
   * Finds out whether these kernels can serve; called once, on a thread of its own, before all
   * else.
   *
   * @param forced whether the user asked for this tier by name, so that warnings of the JVM are
   *     accepted
   * @throws UnsupportedOperationException with the reason if these kernels cannot serve here
   */
  void start(boolean forced);

  /**
   * The implementation of a kernel interface, or null if there is none. The first call makes it and
   * proves it against plain loops, while others wait; that must not use classes of the engine that
   * compute.
   *
   * @throws IllegalStateException in the first call, if it computes something wrong
   * @throws UnsupportedOperationException in the first call, if the system refuses
   */
  <T> T kernel(Class<T> type);

  /** Makes the kernels that nearly all models ask for; the others are made when they are asked. */
  void prepare();
}
