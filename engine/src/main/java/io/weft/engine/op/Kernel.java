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

  /** Whether result {@code output} may be null where nobody reads it. */
  default boolean mayLeaveOut(int output) {
    return false;
  }

  /**
   * Whether this counts elements by the specs that it was made for, never by the lengths of arrays:
   * those may then be longer than their values.
   */
  default boolean countsBySpecs() {
    return false;
  }

  /** {@code kernel}, which counts by specs; nothing else is taken over from it. */
  static Kernel bySpecs(Kernel kernel) {
    return new Kernel() {
      @Override
      public void run(Object[] in, Object[] out) {
        kernel.run(in, out);
      }

      @Override
      public boolean countsBySpecs() {
        return true;
      }
    };
  }

  /** What {@code run} would rather be given in place of an input's array, or null. */
  default Preparation preparation(int input) {
    return null;
  }

  /**
   * Another form of an array, made once and kept with storage that is read again and again; where
   * it is not, a kernel is given the array itself and must come to the same bits. A record: equal
   * preparations share what they make.
   */
  interface Preparation {
    Object of(Object array);
  }
}
