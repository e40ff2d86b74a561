package io.weft.machinecode.gemm;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.weft.engine.gemm.PackedB;
import io.weft.machinecode.gemm.GemmKernels.Operand;
import io.weft.machinecode.memory.OffHeap;
import java.lang.foreign.MemorySegment;

/**
 * A packed matrix: element (i, j) lies {@code j / columns} panels, i panel rows and {@code j %
 * columns} floats on; the last panel is padded with zeros. Panels do not lie a multiple of a page
 * apart, so that the same rows of several panels do not fight for one set of the cache.
 */
final class Panels extends PackedB {
  private static final int LINE = 64;
  private static final int PAGE = 4096;

  private final int columns;
  private final long distance;
  private final MemorySegment memory;

  private Panels(int k, int n, int columns, MemorySegment memory) {
    super(k, n);
    this.columns = columns;
    this.distance = distance(k, columns);
    this.memory = memory;
  }

  private static long distance(int k, int columns) {
    long bytes = (long) k * columns * Float.BYTES;
    long beyond = bytes % PAGE;
    return bytes >= PAGE && (beyond < 4 * LINE || beyond > PAGE - 4 * LINE)
        ? bytes + 8 * LINE
        : bytes;
  }

  private static long size(int k, int n, int columns) {
    return Math.multiplyExact((n + columns - 1) / columns, distance(k, columns));
  }

  /** Room that is kept. */
  static Panels kept(int k, int n, int columns) {
    return new Panels(k, n, columns, OffHeap.allocate(size(k, n, columns)));
  }

  /** Room of this thread, until {@link #give}. */
  static Panels taken(int k, int n, int columns) {
    return new Panels(k, n, columns, OffHeap.take(size(k, n, columns)));
  }

  void give() {
    OffHeap.give(memory);
  }

  /** Bytes from one panel to the next. */
  long distance() {
    return distance;
  }

  /** Rows from {@code row} on of the panels from {@code panel} on. */
  Operand at(int row, int panel) {
    long width = (long) columns * Float.BYTES;
    return new Operand(memory, panel * distance + row * width, width);
  }

  /** Fills panels {@code from … to - 1} from a matrix with the given strides. */
  void pack(GemmKernels kernels, int from, int to, float[] b, int bo, int rsB, int csB) {
    int first = from * columns;
    int n = Math.min(n(), to * columns) - first;
    if (k() == 0 || n <= 0) {
      return;
    }
    MemorySegment source = MemorySegment.ofArray(b);
    long offset = (bo + (long) first * csB) * Float.BYTES;
    if (csB == 1) {
      Operand rows = new Operand(source, offset, (long) rsB * Float.BYTES);
      kernels.pack(k(), n, rows, memory, from * distance, distance);
      return;
    }
    for (int p = from; p < to; p++) {
      int width = Math.min(columns, n() - p * columns);
      panel(kernels, p, width, b, bo + p * columns * csB, rsB, csB);
    }
  }

  /** One panel whose columns are apart: whole blocks by transposing, the rest one by one. */
  private void panel(
      GemmKernels kernels, int panel, int width, float[] b, int bo, int rsB, int csB) {
    int lanes = kernels.isa().lanes();
    int done = rsB == 1 ? width / lanes * lanes : 0;
    int deep = rsB == 1 ? k() / lanes * lanes : 0;
    Operand to = at(0, panel);
    if (done > 0 && deep > 0) {
      MemorySegment source = MemorySegment.ofArray(b);
      Operand rows = new Operand(source, (long) bo * Float.BYTES, (long) csB * Float.BYTES);
      kernels.transpose(done, deep, rows, to);
    }
    float[] line = new float[columns]; // copied as a whole: setting elements links a VarHandle
    for (int i = 0; i < k(); i++) {
      int first = i < deep ? done : 0;
      for (int j = first; j < width; j++) {
        line[j] = b[bo + i * rsB + j * csB];
      }
      long at = to.offset() + i * to.row() + (long) first * Float.BYTES;
      MemorySegment.copy(line, first, memory, JAVA_FLOAT, at, columns - first);
    }
  }
}
