package io.weft.engine.gemm;

/**
 * A right-hand matrix in the order in which a kernel reads it; immutable once packed. Made by
 * {@link Gemm#pack}; only for the kernels of this process.
 */
public abstract class PackedB {
  private final int k;
  private final int n;

  /** A packed matrix of {@code k} rows and {@code n} columns. */
  protected PackedB(int k, int n) {
    this.k = k;
    this.n = n;
  }

  /** Rows. */
  public final int k() {
    return k;
  }

  /** Columns. */
  public final int n() {
    return n;
  }
}
