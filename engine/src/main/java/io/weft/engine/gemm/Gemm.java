package io.weft.engine.gemm;

import io.weft.engine.thread.WorkerTeam;
import io.weft.engine.tier.KernelTier;
import java.util.function.IntConsumer;

/**
 * Float matrix products {@code C = A·B (+ C) (+ bias)}, then an optional action.
 *
 * <p>C has adjacent columns and rows {@code ldc} apart, and must not overlap A or B. A and B have
 * any strides, also 0 (a broadcast operand). Sizes and indices must have been checked by the
 * caller: every index is an int. The order of each sum follows from the sizes alone, so results
 * have the same bits for any number of threads.
 */
public final class Gemm {
  /** Products with fewer multiplications than this are done by one thread. */
  private static final long SPLIT = 1 << 19;

  private static final long BATCH_TASK = 1 << 18; // multiplications
  private static final int LARGEST_PACKED = 1 << 24;

  /** Products with fewer multiplications than this never wait for machine code. */
  private static final long TINY = 1 << 11;

  /** The least multiplications of {@link #addLines}. */
  private static final long LINES = 1 << 15;

  private static final String VECTOR_KERNEL = "io.weft.engine.simd.VectorGemmKernel";

  private Gemm() {}

  private static GemmKernel orPortable(GemmKernel k) {
    return k != null ? k : new ScalarGemmKernel();
  }

  /** For all products that are not tiny. */
  private static final class Large {
    static final GemmKernel KERNEL =
        orPortable(KernelTier.fastest(GemmKernel.class, VECTOR_KERNEL));
  }

  /** For tiny products where another kernel may take time to start. */
  private static final class InJava {
    static final GemmKernel KERNEL =
        orPortable(KernelTier.implementation(GemmKernel.class, VECTOR_KERNEL));
  }

  /**
   * Whether a product of this size may be given its B packed, and has the same bits then. Smaller
   * ones are done in other ways.
   */
  public static boolean isPacked(int m, int n, int k, int csB) {
    long work = (long) m * n * k;
    return work >= TINY
        && n >= 8
        && k >= 4
        && (m >= 4 || csB == 1)
        && work >= Large.KERNEL.smallest();
  }

  /** Packs B, (k, n), for many products with {@link #multiplyPacked}. */
  public static PackedB pack(int k, int n, float[] b, int bo, int rsB, int csB) {
    return Large.KERNEL.pack(k, n, b, bo, rsB, csB);
  }

  /** {@link #pack} into memory of this thread, for {@link #giveBack} on the same thread. */
  public static PackedB borrow(int k, int n, float[] b, int bo, int rsB, int csB) {
    PackedB packed = Large.KERNEL.allocate(k, n);
    Large.KERNEL.pack(packed, 0, Large.KERNEL.panels(n), b, bo, rsB, csB);
    return packed;
  }

  /** Ends the use of what {@link #borrow} gave. */
  public static void giveBack(PackedB packed) {
    Large.KERNEL.release(packed);
  }

  /**
   * One product.
   *
   * @param accumulate whether the old values of C are added
   * @param epilogue bias and action, or null
   */
  public static void multiply(
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
      boolean accumulate,
      Epilogue epilogue) {
    long work = (long) m * n * k;
    if (!isPacked(m, n, k, csB) || Large.KERNEL.isDirect(m, n, k, rsB, csB)) {
      unpacked(m, n, k, a, ao, rsA, csA, b, bo, rsB, csB, c, co, ldc, accumulate, epilogue, work);
      return;
    }
    int width = Math.max(1, Math.min(n, LARGEST_PACKED / k));
    if (width < n) {
      int panel = Large.KERNEL.panelWidth();
      width = Math.max(panel, width / panel * panel);
    }
    for (int j = 0; j < n; j += width) {
      int w = Math.min(width, n - j);
      PackedB packed = Large.KERNEL.allocate(k, w);
      try {
        packInParallel(packed, b, bo + j * csB, rsB, csB);
        Epilogue part =
            epilogue == null || epilogue.bias() == null
                ? epilogue
                : new Epilogue(epilogue.bias(), epilogue.biasOffset() + j, epilogue.action());
        multiplyPacked(m, a, ao, rsA, csA, packed, c, co + j, ldc, accumulate, part);
      } finally {
        Large.KERNEL.release(packed);
      }
    }
  }

  /** One product with a packed B. */
  public static void multiplyPacked(
      int m,
      float[] a,
      int ao,
      int rsA,
      int csA,
      PackedB b,
      float[] c,
      int co,
      int ldc,
      boolean accumulate,
      Epilogue epilogue) {
    int n = b.n();
    int k = b.k();
    if (m == 0 || n == 0) {
      return;
    }
    int panels = Large.KERNEL.panels(n);
    long work = (long) m * n * k;
    if (work < SPLIT) {
      block(m, a, ao, rsA, csA, b, 0, panels, c, co, ldc, accumulate, epilogue);
      return;
    }
    // the grid of tasks depends on the sizes only: rows first, columns when there are few rows;
    // a few rows and many columns are cut by columns alone
    int wanted = (int) Math.min(64, Math.max(1, work / Large.KERNEL.task()));
    int step = Large.KERNEL.rowStep();
    boolean together = m <= Large.KERNEL.rowsTogether() && panels >= 4 * Large.KERNEL.narrowest();
    int rowTasks = together ? 1 : Math.min(wanted, (m + step - 1) / step);
    int rows = ((m + rowTasks - 1) / rowTasks + step - 1) / step * step;
    rowTasks = (m + rows - 1) / rows;
    int columnTasks = Math.min(panels, Math.max(1, wanted / rowTasks));
    int perTask = Math.max(Large.KERNEL.narrowest(), (panels + columnTasks - 1) / columnTasks);
    columnTasks = (panels + perTask - 1) / perTask;
    int across = columnTasks;
    WorkerTeam.shared()
        .parallel(
            rowTasks * columnTasks,
            new IntConsumer() {
              @Override
              public void accept(int t) {
                int i = t / across * rows;
                int from = t % across * perTask;
                int to = Math.min(panels, from + perTask);
                block(
                    Math.min(rows, m - i),
                    a,
                    ao + i * rsA,
                    rsA,
                    csA,
                    b,
                    from,
                    to,
                    c,
                    co + i * ldc,
                    ldc,
                    accumulate,
                    epilogue);
              }
            });
  }

  /**
   * A sum of products, on this thread: {@code C = Σ A_t·B_t} or {@code C += Σ A_t·B_t} over {@code
   * taps} t, at least one. A_t, with adjacent columns, starts {@code tap} elements after A_(t-1);
   * B_t are the {@code k} rows of B from {@code k0 + t k} on. Then the epilogue, unless it is null.
   * That for {@code lines} lines: the next one's A starts {@code line} elements on, its C m rows
   * on.
   */
  public static void multiplyTaps(
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
      Epilogue epilogue) {
    Large.KERNEL.multiplyTaps(
        lines, line, m, a, ao, rsA, taps, tap, b, k0, k, c, co, ldc, accumulate, epilogue);
  }

  /**
   * The least {@code k} of {@link #multiplyTaps} for which it is better than gathering all taps.
   */
  public static int shortestTap() {
    return Large.KERNEL.shortestTap();
  }

  /** Whether products of this size read a row-major B in place, so that calling is cheap. */
  public static boolean isInPlace(int m, int n, int k) {
    return isPacked(m, n, k, 1) && Large.KERNEL.isDirect(m, n, k, n, 1);
  }

  /** Whether {@link #addLines} is better than a product for each line: so many multiplications. */
  public static boolean addsLines(int n, long work) {
    return work >= LINES && Large.KERNEL.addsLines(n);
  }

  /** {@link GemmKernel#addLines}. */
  public static void addLines(
      int m,
      int n,
      GemmKernel.Lines walk,
      float[] a,
      int ao,
      float[] b,
      int bo,
      float[] c,
      int co,
      int ldc) {
    Large.KERNEL.addLines(m, n, walk, a, ao, b, bo, c, co, ldc);
  }

  /**
   * {@code batch} products; operand q starts {@code q * stride} elements after its offset (a stride
   * may be 0 for A and B).
   */
  public static void multiplyBatch(
      int batch,
      int strideA,
      int strideB,
      int strideC,
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
      boolean accumulate,
      Epilogue epilogue) {
    long work = (long) m * n * k;
    boolean together = batch > 1 && work < 8 * SPLIT;
    int perTask =
        together ? (int) Math.max(1, Math.min(batch, BATCH_TASK / Math.max(1, work))) : batch;
    int tasks = batch == 0 ? 0 : (batch + perTask - 1) / perTask;
    WorkerTeam.shared()
        .parallel(
            tasks,
            new IntConsumer() {
              @Override
              public void accept(int t) {
                int end = Math.min(batch, (t + 1) * perTask);
                for (int q = t * perTask; q < end; q++) {
                  multiply(
                      m,
                      n,
                      k,
                      a,
                      ao + q * strideA,
                      rsA,
                      csA,
                      b,
                      bo + q * strideB,
                      rsB,
                      csB,
                      c,
                      co + q * strideC,
                      ldc,
                      accumulate,
                      epilogue);
                }
              }
            });
  }

  private static void packInParallel(PackedB packed, float[] b, int bo, int rsB, int csB) {
    int panels = Large.KERNEL.panels(packed.n());
    int perTask =
        (int) Math.max(1, Large.KERNEL.task() / ((long) packed.k() * Large.KERNEL.panelWidth()));
    int tasks = (panels + perTask - 1) / perTask;
    WorkerTeam.shared()
        .parallel(
            tasks,
            new IntConsumer() {
              @Override
              public void accept(int t) {
                Large.KERNEL.pack(
                    packed, t * perTask, Math.min(panels, (t + 1) * perTask), b, bo, rsB, csB);
              }
            });
  }

  private static void block(
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
      Epilogue epilogue) {
    if (b.k() > 0) {
      Large.KERNEL.multiplyThen(m, a, ao, rsA, csA, b, from, to, c, co, ldc, accumulate, epilogue);
      return;
    }
    if (!accumulate) {
      clear(m, b.n(), c, co, ldc);
    }
    if (epilogue != null) {
      int column = from * Large.KERNEL.panelWidth();
      int columns = Math.min(b.n(), to * Large.KERNEL.panelWidth()) - column;
      epilogue.apply(c, co, ldc, m, column, columns);
    }
  }

  private static void unpacked(
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
      boolean accumulate,
      Epilogue epilogue,
      long work) {
    if (m == 0 || n == 0) {
      return;
    }
    if (work < SPLIT) {
      boolean inJava = work < TINY && KernelTier.isMachinePossible();
      GemmKernel kernel = inJava ? InJava.KERNEL : Large.KERNEL;
      kernel.multiplyUnpacked(m, n, k, a, ao, rsA, csA, b, bo, rsB, csB, c, co, ldc, accumulate);
      if (epilogue != null) {
        epilogue.apply(c, co, ldc, m, 0, n);
      }
      return;
    }
    boolean byRows = m >= n;
    int length = byRows ? m : n;
    int tasks = (int) Math.min(64, Math.max(1, work / Large.KERNEL.task()));
    int multiple = byRows ? Large.KERNEL.rowStep() : Math.min(64, Large.KERNEL.panelWidth());
    int step = ((length + tasks - 1) / tasks + multiple - 1) / multiple * multiple;
    int all = (length + step - 1) / step;
    // few columns by themselves would be summed in another way, to other bits
    int pieces = !byRows && all > 1 && length - (all - 1) * step < 8 ? all - 1 : all;
    WorkerTeam.shared()
        .parallel(
            pieces,
            t -> {
              int start = t * step;
              int size = t == pieces - 1 ? length - start : step;
              int i = byRows ? start : 0;
              int j = byRows ? 0 : start;
              int rows = byRows ? size : m;
              int columns = byRows ? n : size;
              Large.KERNEL.multiplyUnpacked(
                  rows,
                  columns,
                  k,
                  a,
                  ao + i * rsA,
                  rsA,
                  csA,
                  b,
                  bo + j * csB,
                  rsB,
                  csB,
                  c,
                  co + i * ldc + j,
                  ldc,
                  accumulate);
              if (epilogue != null) {
                epilogue.apply(c, co + i * ldc, ldc, rows, j, columns);
              }
            });
  }

  private static void clear(int m, int n, float[] c, int co, int ldc) {
    for (int i = 0; i < m; i++) {
      java.util.Arrays.fill(c, co + i * ldc, co + i * ldc + n, 0f);
    }
  }
}
