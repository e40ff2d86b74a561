package io.weft.engine.gemm;

/**
 * What follows a matrix product: {@code c = action(c + bias)}, bias along the columns.
 *
 * @param bias one value per column from {@code biasOffset} on, or null
 * @param biasOffset index of the first value
 * @param action applied to finished elements, or null
 */
public record Epilogue(float[] bias, int biasOffset, RowAction action) {
  /** A bias alone. */
  public static Epilogue bias(float[] bias, int offset) {
    return new Epilogue(bias, offset, null);
  }

  /**
   * What a kernel can do itself while it stores: {@code c = (c + bias) factor + shift}, then {@code
   * max(c, 0)} with {@code relu}, then {@code min(c, most)}; NaN stays. Each value is rounded, as
   * if the steps were done one after the other.
   *
   * @param bias one value per column from {@code offset} on, or null
   * @param factor the same, as {@code shift}; null if both are missing
   * @param most upper bound; infinity for none
   * @param rest what the kernel leaves to the caller after that, or null
   */
  public record Simple(
      float[] bias,
      float[] factor,
      float[] shift,
      int offset,
      boolean relu,
      float most,
      RowAction rest) {
    /** A bias, which may be null, and relu if wanted. */
    public Simple(float[] bias, int offset, boolean relu) {
      this(bias, null, null, offset, relu, Float.POSITIVE_INFINITY, null);
    }

    /** Whether there is an upper bound. */
    public boolean isBounded() {
      return most != Float.POSITIVE_INFINITY;
    }

    /**
     * Copies bias, factor and shift of columns {@code column … column + n - 1} to elements 0, n and
     * 2n of {@code to}; what is missing is left out.
     */
    public void copy(int column, int n, float[] to) {
      float[][] all = {bias, factor, shift};
      for (int i = 0; i < all.length; i++) {
        if (all[i] != null) {
          System.arraycopy(all[i], offset + column, to, i * n, n);
        }
      }
    }
  }

  /** This in simple terms, or null if it is more than that. */
  public Simple simple() {
    if (action == null) {
      return new Simple(bias, biasOffset, false);
    }
    return bias == null ? action.simple() : null;
  }

  /** Applies this to columns {@code column … column + n - 1} of {@code rows} rows of C. */
  public void apply(float[] c, int offset, int ldc, int rows, int column, int n) {
    if (bias == null && column == 0 && n == ldc) {
      if (action != null) {
        action.apply(c, offset, rows * n);
      }
      return;
    }
    for (int i = 0; i < rows; i++) {
      int row = offset + i * ldc + column;
      if (bias != null) {
        int b = biasOffset + column;
        for (int j = 0; j < n; j++) {
          c[row + j] += bias[b + j];
        }
      }
      if (action != null) {
        action.apply(c, row, n);
      }
    }
  }
}
