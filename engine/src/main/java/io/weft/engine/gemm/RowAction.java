package io.weft.engine.gemm;

/** Something done in place to a run of finished elements while they are still in the cache. */
@FunctionalInterface
public interface RowAction {
  /**
   * Changes {@code c[offset] … c[offset + n - 1]}, adjacent elements of one row of a result, often
   * only a part of the row; called from several threads at once for different runs.
   */
  void apply(float[] c, int offset, int n);

  /** This in simple terms, or null if it is more than that. */
  default Epilogue.Simple simple() {
    return null;
  }
}
