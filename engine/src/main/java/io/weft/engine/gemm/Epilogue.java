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
   * What a kernel can do itself while it stores.
   *
   * @param bias one value per column from {@code offset} on, or null
   * @param relu whether negative results become 0
   */
  public record Simple(float[] bias, int offset, boolean relu) {}

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
