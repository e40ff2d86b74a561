package io.weft.machinecode.winograd;

/**
 * Which of the four rows and columns of a tile of the input lie in the image: {@code top … bottom -
 * 1} and {@code left … right - 1}; none if both are equal.
 */
record Tile(int top, int bottom, int left, int right) {
  /** Rows and columns of a tile. */
  static final int SIDE = 4;

  /** How many kinds there are, at most. */
  static final int KINDS = 1 << 12;

  /** The one at pixel (row, column) of an image, which may lie beside it. */
  static Tile at(int row, int column, int height, int width) {
    int top = low(row);
    int left = low(column);
    int bottom = high(row, height);
    int right = high(column, width);
    boolean none = top >= bottom || left >= right;
    return none ? new Tile(0, 0, 0, 0) : new Tile(top, bottom, left, right);
  }

  private static int low(int first) {
    return Math.max(0, Math.min(SIDE, -first));
  }

  private static int high(int first, int length) {
    return Math.max(0, Math.min(SIDE, length - first));
  }

  /** Whether tiles at both places of an axis have the same part of it inside. */
  static boolean isSame(int first, int other, int length) {
    return low(first) == low(other) && high(first, length) == high(other, length);
  }

  boolean hasRow(int row) {
    return row >= top && row < bottom;
  }

  boolean hasColumn(int column) {
    return column >= left && column < right;
  }

  /** A number below {@link #KINDS} for this kind alone. */
  int key() {
    return ((top * 8 + bottom) * 8 + left) * 8 + right;
  }
}
