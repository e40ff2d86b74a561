package io.weft.engine.gemm;

/**
 * The packed product of one tier. Columns are handled in panels of fixed width; the order of the
 * sums depends on k only, so any cut of the work into rows and panels gives the same bits.
 */
public interface GemmKernel {
  /** Columns in one panel. */
  int panelWidth();

  /** Rows that a task should have a multiple of. */
  int rowStep();

  /** Multiplications in a task, as near as the sizes allow. */
  default int task() {
    return 1 << 18;
  }

  /** So few rows are not cut where there are columns to cut. */
  default int rowsTogether() {
    return 0;
  }

  /** The fewest panels of a task, where there are as many. */
  default int narrowest() {
    return 1;
  }

  /**
   * The least {@code k} of {@link #multiplyTaps} for which it is better than gathering all taps.
   */
  default int shortestTap() {
    return 32;
  }

  /** The fewest multiplications for which this kernel's panels pay. */
  default long smallest() {
    return 1 << 15;
  }

  /** Packs all of B into memory of its own. */
  default PackedB pack(int k, int n, float[] b, int bo, int rsB, int csB) {
    PackedB packed = allocateForGood(k, n);
    pack(packed, 0, panels(n), b, bo, rsB, csB);
    return packed;
  }

  /** Room for a matrix that is packed later; may come from a pool of this thread. */
  PackedB allocate(int k, int n);

  /** Room of just the size for a matrix that is kept. */
  PackedB allocateForGood(int k, int n);

  /** Gives room back to the pool of this thread. */
  void release(PackedB packed);

  /** Packs panels {@code from … to - 1}. */
  void pack(PackedB packed, int from, int to, float[] b, int bo, int rsB, int csB);

  /**
   * {@code C = A·B} or {@code C += A·B} for {@code m} rows, rows {@code k0 … k1 - 1} of B (column 0
   * of A meets row k0) and panels {@code from … to - 1}; {@code co} is the first row's first column
   * of the whole C.
   */
  void multiply(
      int m,
      float[] a,
      int ao,
      int rsA,
      int csA,
      PackedB b,
      int k0,
      int k1,
      int from,
      int to,
      float[] c,
      int co,
      int ldc,
      boolean accumulate);

  /**
   * {@link #multiply} with all rows of B, then the epilogue.
   *
   * @param e null for none
   */
  default void multiplyThen(
      int m,
      float[] a,
      int ao,
      int rsA,
      int csA,
      PackedB b,
      int from,
      int to,
      float[] c,
      int co,
      int ldc,
      boolean accumulate,
      Epilogue e) {
    multiply(m, a, ao, rsA, csA, b, 0, b.k(), from, to, c, co, ldc, accumulate);
    if (e != null) {
      int column = from * panelWidth();
      e.apply(c, co, ldc, m, column, Math.min(b.n(), to * panelWidth()) - column);
    }
  }

  /**
   * {@code C = Σ A_t·B_t} or {@code C += Σ A_t·B_t} over {@code taps} t: A_t starts {@code tap}
   * elements after A_(t-1) and has adjacent columns, B_t are the {@code k} rows of B from {@code k0
   * + t k} on. That for {@code lines} lines: the next one's A starts {@code line} elements on, its
   * C m rows on.
   */
  default void multiplyTaps(
      int lines,
      int line,
      int m,
      float[] a,
      int ao,
      int rsA,
      int taps,
      int tap,
      PackedB b,
      int k0,
      int k,
      float[] c,
      int co,
      int ldc,
      boolean accumulate,
      Epilogue e) {
    int panels = panels(b.n());
    for (int i = 0; i < lines; i++) {
      int to = co + i * m * ldc;
      for (int t = 0; t < taps; t++) {
        int at = ao + i * line + t * tap;
        int from = k0 + t * k;
        boolean add = accumulate || t > 0;
        multiply(m, a, at, rsA, 1, b, from, from + k, 0, panels, c, to, ldc, add);
      }
      if (e != null) {
        e.apply(c, to, ldc, m, 0, b.n());
      }
    }
  }

  /**
   * Whether {@link #multiplyUnpacked} is better than packing B for one product of this size, and
   * gives the same bits.
   */
  default boolean isDirect(int m, int n, int k, int rsB, int csB) {
    return false;
  }

  /** {@code C = A·B} or {@code C += A·B} without packing: few rows, or small in all. */
  default void multiplyUnpacked(
      int m,
      int n,
      int k,
      float[] a,
      int ao,
      int rsA,
      int csA,
      float[] b,
      int bo,
      int rsB,
      int csB,
      float[] c,
      int co,
      int ldc,
      boolean accumulate) {
    SmallGemm.multiply(m, n, k, a, ao, rsA, csA, b, bo, rsB, csB, c, co, ldc, accumulate);
  }

  /** Whether {@link #addLines} with {@code n} columns is done in one piece. */
  default boolean addsLines(int n) {
    return false;
  }

  /**
   * {@code C += Aᵀ·B} for {@code m} rows of C: term t of line l of plane p is the product of the m
   * adjacent elements of A at {@code ao + p plane + l line + t term} with the next row of B, whose
   * {@code n} columns and rows are adjacent.
   */
  default void addLines(
      int m, int n, Lines walk, float[] a, int ao, float[] b, int bo, float[] c, int co, int ldc) {
    int from = bo;
    for (int p = 0; p < walk.planes; p++) {
      for (int l = 0; l < walk.lines; l++) {
        int at = ao + p * walk.plane + l * walk.line;
        multiplyUnpacked(m, n, walk.terms, a, at, 1, walk.term, b, from, n, 1, c, co, ldc, true);
        from += walk.terms * n;
      }
    }
  }

  /** How {@link #addLines} walks over A: how many, and how far from one to the next. */
  record Lines(int planes, int plane, int lines, int line, int terms, int term) {}

  /** Number of panels of {@code n} columns. */
  default int panels(int n) {
    return (n + panelWidth() - 1) / panelWidth();
  }
}
