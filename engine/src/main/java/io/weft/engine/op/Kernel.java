package io.weft.engine.op;

/**
 * A computation on whole arrays, made for given specs. Stateless, so any number of threads may run
 * one. Result arrays may hold old numbers; a kernel writes all of them and keeps no array.
 */
@FunctionalInterface
public interface Kernel {
  void run(Object[] in, Object[] out);

  /** Whether result {@code output} may be the very array of input {@code input}. */
  default boolean mayOverwrite(int input, int output) {
    return false;
  }
}
