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
   * Gets the kernels ready and proves each against plain loops; called once, on a thread of its
   * own, before {@link #kernel}. Must not use classes of the engine that compute.
   *
   * @param forced whether the user asked for this tier by name, so that warnings of the JVM are
   *     accepted
   * @throws UnsupportedOperationException with the reason if these kernels cannot serve here
   */
  void start(boolean forced);

  /** The implementation of a kernel interface, or null if there is none. */
  <T> T kernel(Class<T> type);
}
