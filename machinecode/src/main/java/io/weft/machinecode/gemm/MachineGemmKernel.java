package io.weft.machinecode.gemm;

import io.weft.engine.gemm.Epilogue;
import io.weft.engine.gemm.GemmKernel;
import io.weft.engine.gemm.PackedB;
import io.weft.engine.thread.Scratch;
import io.weft.machinecode.asm.Isa;
import io.weft.machinecode.gemm.GemmKernels.Each;
import io.weft.machinecode.gemm.GemmKernels.Last;
import io.weft.machinecode.gemm.GemmKernels.Operand;
import io.weft.machinecode.gemm.GemmKernels.Steps;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * Matrix products in machine code. A part of B that fits the second cache meets blocks of A that
 * fit the first; sums run over k in blocks that follow from k alone, so that packed and unpacked
 * products, in any cut, have the same bits.
 */
public final class MachineGemmKernel implements GemmKernel {
  private static final int COLUMNS = 448; // of a block: DEPTH · COLUMNS stay in the second
  private static final long CALL = 1 << 25; // multiplications: a call ends within a millisecond
  private static final int FEW = 48; // rows for which B is read in place

  private final GemmKernels kernels;
  private final Blocks blocks;
  private final LineKernels lines;
  private final int panel;

  /** Assembles the kernels for these instructions. */
  public MachineGemmKernel(Isa isa) {
    kernels = new GemmKernels(isa);
    blocks = new Blocks(kernels);
    lines = new LineKernels(isa);
    panel = kernels.columns();
  }

  @Override
  public int panelWidth() {
    return panel;
  }

  @Override
  public int rowStep() {
    return kernels.mostRows();
  }

  @Override
  public int task() {
    return 1 << 21;
  }

  @Override
  public int rowsTogether() {
    return 3 * kernels.mostRows();
  }

  @Override
  public int narrowest() {
    return 4; // what is done once for a block of A is worth it
  }

  @Override
  public int shortestTap() {
    return 1;
  }

  @Override
  public long smallest() {
    return 1 << 11;
  }

  @Override
  public PackedB allocate(int k, int n) {
    return Panels.taken(k, n, panel);
  }

  @Override
  public PackedB allocateForGood(int k, int n) {
    return Panels.kept(k, n, panel);
  }

  @Override
  public void release(PackedB packed) {
    ((Panels) packed).give();
  }

  @Override
  public void pack(PackedB packed, int from, int to, float[] b, int bo, int rsB, int csB) {
    Panels p = (Panels) packed;
    Objects.checkFromToIndex(from, to, panels(p.n()));
    check(b, bo, p.k(), rsB, p.n(), csB);
    p.pack(kernels, from, to, b, bo, rsB, csB);
  }

  @Override
  public void multiply(
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
      boolean accumulate) {
    multiply(
        m, a, ao, rsA, csA, b, k0, k1, from, to, c, co, ldc, Steps.add(accumulate), Steps.NONE);
  }

  @Override
  public void multiplyThen(
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
    Epilogue.Simple simple = e == null ? null : e.simple();
    if (simple == null) {
      GemmKernel.super.multiplyThen(m, a, ao, rsA, csA, b, from, to, c, co, ldc, accumulate, e);
      return;
    }
    int column = from * panel;
    int n = Math.min(b.n(), to * panel) - column;
    float[] parameters = joined(simple, column, n);
    try {
      Steps last = last(simple, parameters, column, n);
      multiply(m, a, ao, rsA, csA, b, 0, b.k(), from, to, c, co, ldc, Steps.add(accumulate), last);
    } finally {
      Scratch.give(parameters);
    }
    if (simple.rest() != null) {
      new Epilogue(null, 0, simple.rest()).apply(c, co, ldc, m, column, n);
    }
  }

  /** Borrowed memory with all parameters of n columns, or null if there is only a bias. */
  private static float[] joined(Epilogue.Simple e, int column, int n) {
    if (e.factor() == null) {
      return null;
    }
    float[] all = Scratch.take(3 * n);
    e.copy(column, n, all);
    return all;
  }

  /**
   * The steps of n columns.
   *
   * @param joined see {@link #joined}
   */
  private static Steps last(Epilogue.Simple e, float[] joined, int column, int n) {
    int bits =
        (e.bias() == null ? 0 : Slot.ADD_BIAS)
            | (e.factor() == null ? 0 : Slot.SCALE)
            | (e.relu() ? Slot.RELU : 0)
            | (e.isBounded() ? Slot.BOUND : 0);
    float[] from = joined == null ? e.bias() : joined;
    long start = joined == null ? e.offset() + (long) column : 0;
    if (from == null) {
      return new Steps(false, new Last(bits, null, 0, e.most()), 0);
    }
    if (joined == null) {
      Objects.checkFromIndexSize(start, (long) n, (long) from.length);
    }
    long distance = (long) n * Float.BYTES;
    Last last = new Last(bits, MemorySegment.ofArray(from), distance, e.most());
    return new Steps(false, last, start * Float.BYTES);
  }

  /**
   * Rows k0 … k1 − 1 of B, panels from … to − 1.
   *
   * @param first whether the first block of k adds the old C
   * @param last what the last one adds; its bias is that of column {@code from}
   */
  private void multiply(
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
      Steps first,
      Steps last) {
    Panels p = (Panels) b;
    Objects.checkFromToIndex(k0, k1, p.k());
    Objects.checkFromToIndex(from, to, panels(p.n()));
    int column = from * panel;
    int n = Math.min(p.n(), to * panel) - column;
    check(a, ao, m, rsA, k1 - k0, csA);
    check(c, co + column, m, ldc, n, 1);
    int step = m == 1 ? Math.max(1, to - from) : COLUMNS / panel; // one row reads B once
    for (int q = from; q < to; q += step) {
      int j = q * panel;
      int width = Math.min(p.n(), Math.min(to, q + step) * panel) - j;
      int start = q;
      Blocks.Source source = k -> p.at(k0 + k, start);
      Steps end = last.shift((long) (j - column) * Float.BYTES);
      blocks.multiply(
          m, width, k1 - k0, a, ao, rsA, csA, source, p.distance(), c, co + j, ldc, first, end);
    }
  }

  @Override
  public void multiplyTaps(
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
    Epilogue.Simple simple = e == null ? null : e.simple();
    Panels p = (Panels) b;
    Objects.checkFromIndexSize(k0, Math.multiplyExact(taps, k), p.k());
    int rows = Math.multiplyExact(lines, m);
    if (rows == 0 || p.n() == 0 || k == 0) {
      return;
    }
    int last = (taps - 1) * tap;
    for (int first : new int[] {ao, Math.addExact(ao, Math.multiplyExact(lines - 1, line))}) {
      check(a, first + Math.min(0, last), m, rsA, k, 1);
      check(a, first + Math.max(0, last), m, rsA, k, 1);
    }
    check(c, co, rows, ldc, p.n(), 1);
    float[] parameters = simple == null ? null : joined(simple, 0, p.n());
    try {
      Steps steps = Steps.add(accumulate);
      steps = simple == null ? steps : steps.then(last(simple, parameters, 0, p.n()));
      // many lines of a call end within a millisecond
      long work = (long) m * taps * k * Math.min(p.n(), COLUMNS);
      int most = (int) Math.max(1, Math.min(lines, CALL / work));
      for (int i = 0; i < lines; i += most) {
        int from = ao + i * line;
        int to = co + i * m * ldc;
        int count = Math.min(most, lines - i);
        taps(count, line, m, a, from, rsA, taps, tap, p, k0, k, c, to, ldc, steps);
      }
    } finally {
      Scratch.give(parameters);
    }
    if (simple != null && simple.rest() != null) {
      new Epilogue(null, 0, simple.rest()).apply(c, co, ldc, rows, 0, p.n());
    }
    if (e != null && simple == null) {
      e.apply(c, co, ldc, rows, 0, p.n());
    }
  }

  private void taps(
      int lines,
      int line,
      int m,
      float[] a,
      int ao,
      int rsA,
      int taps,
      int tap,
      Panels p,
      int k0,
      int k,
      float[] c,
      int co,
      int ldc,
      Steps steps) {
    // as many columns as keep the part of B in the second cache
    int step = Math.max(1, Blocks.DEPTH * COLUMNS / Math.max(Blocks.DEPTH, taps * k) / panel);
    int rows = Math.max(1, Blocks.TILES * Blocks.DEPTH / (taps * k)) * kernels.mostRows();
    long bytesOfC = (long) m * ldc * Float.BYTES;
    Each each = new Each(lines, (long) line * Float.BYTES, 0, bytesOfC);
    MemorySegment target = MemorySegment.ofArray(c);
    for (int q = 0; q < panels(p.n()); q += step) {
      int column = q * panel;
      int n = Math.min(p.n() - column, step * panel);
      for (int i = 0; i < m; i += rows) {
        long at = (co + (long) i * ldc + column) * Float.BYTES;
        kernels.multiply(
            each,
            Math.min(rows, m - i),
            n,
            k,
            taps,
            (long) tap * Float.BYTES,
            Operand.floats(a, ao + i * rsA, rsA, 1),
            p.at(k0, q),
            p.distance(),
            new Operand(target, at, (long) ldc * Float.BYTES),
            steps.shift((long) column * Float.BYTES));
      }
    }
  }

  /**
   * Products of equal sizes {@code C_q = A_q·B_q} of matrices without gaps outside of the heap,
   * {@code m} rows each. B_q are rows {@code q k … (q + 1) k - 1} of b.
   *
   * @param stepA bytes from A_q to the next
   * @param stepC bytes from C_q to the next
   */
  public void multiplyEach(
      int count,
      int m,
      int k,
      MemorySegment a,
      long stepA,
      PackedB b,
      MemorySegment c,
      long stepC) {
    Panels p = (Panels) b;
    Objects.checkFromIndexSize(0, Math.multiplyExact(count, k), p.k());
    long rowA = (long) k * Float.BYTES;
    long rowC = (long) p.n() * Float.BYTES;
    Objects.checkFromIndexSize(0, (count - 1) * stepA + m * rowA, a.byteSize());
    Objects.checkFromIndexSize(0, (count - 1) * stepC + m * rowC, c.byteSize());
    if (count == 0 || m == 0 || k == 0 || p.n() == 0) {
      return;
    }
    int most = (int) Math.max(1, CALL / ((long) m * k * p.n()));
    for (int q = 0; q < count; q += most) {
      kernels.multiply(
          new Each(Math.min(most, count - q), stepA, k * p.at(0, 0).row(), stepC),
          m,
          p.n(),
          k,
          1,
          0,
          new Operand(a, q * stepA, rowA),
          p.at(q * k, 0),
          p.distance(),
          new Operand(c, q * stepC, rowC),
          Steps.NONE);
    }
  }

  @Override
  public boolean isDirect(int m, int n, int k, int rsB, int csB) {
    return m <= FEW && csB == 1;
  }

  @Override
  public void multiplyUnpacked(
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
    if (k == 0 || csB != 1 && (n < 8 || m < 4)) {
      GemmKernel.super.multiplyUnpacked(
          m, n, k, a, ao, rsA, csA, b, bo, rsB, csB, c, co, ldc, accumulate);
      return;
    }
    check(a, ao, m, rsA, k, csA);
    check(b, bo, k, rsB, n, csB);
    check(c, co, m, ldc, n, 1);
    Steps add = Steps.add(accumulate);
    int whole = csB != 1 ? 0 : kernels.isa() == Isa.AVX512 ? n : n / panel * panel;
    for (int j = 0; j < whole; j += COLUMNS) {
      int width = Math.min(COLUMNS, whole - j);
      int column = bo + j;
      Blocks.Source source = q -> Operand.floats(b, column + q * rsB, rsB, 1);
      long distance = (long) panel * Float.BYTES;
      blocks.multiply(
          m, width, k, a, ao, rsA, csA, source, distance, c, co + j, ldc, add, Steps.NONE);
    }
    if (whole < n) {
      Panels rest = Panels.taken(k, n - whole, panel);
      try {
        int panels = panels(n - whole);
        rest.pack(kernels, 0, panels, b, bo + whole * csB, rsB, csB);
        multiply(m, a, ao, rsA, csA, rest, 0, k, 0, panels, c, co + whole, ldc, accumulate);
      } finally {
        rest.give();
      }
    }
  }

  @Override
  public boolean addsLines(int n) {
    return lines.serves(n);
  }

  @Override
  public void addLines(
      int m, int n, Lines walk, float[] a, int ao, float[] b, int bo, float[] c, int co, int ldc) {
    int terms = Math.multiplyExact(Math.multiplyExact(walk.planes(), walk.lines()), walk.terms());
    if (m <= 0 || n <= 0 || terms <= 0) {
      return;
    }
    long down =
        (walk.planes() - 1L) * walk.plane() + (walk.lines() - 1L) * walk.line(); // to the last line
    check(a, ao, walk.terms(), walk.term(), m, 1);
    check(a, Math.toIntExact(ao + down), walk.terms(), walk.term(), m, 1);
    check(b, bo, terms, n, n, 1);
    check(c, co, m, ldc, n, 1);
    LineKernels.Operands o =
        new LineKernels.Operands(
            MemorySegment.ofArray(a),
            ao,
            MemorySegment.ofArray(b),
            bo,
            n,
            MemorySegment.ofArray(c),
            co,
            ldc);
    if (!lines.serves(n) || !lines.add(m, n, walk, o)) {
      GemmKernel.super.addLines(m, n, walk, a, ao, b, bo, c, co, ldc);
    }
  }

  /** What machine code would not notice: an operand that reaches beyond its array. */
  private static void check(float[] x, int offset, int rows, int row, int columns, int column) {
    if (rows > 0 && columns > 0) {
      long down = (rows - 1L) * row;
      long right = (columns - 1L) * column;
      long least = offset + Math.min(0, down) + Math.min(0, right);
      long most = offset + Math.max(0, down) + Math.max(0, right);
      Objects.checkFromToIndex(least, most + 1, (long) x.length);
    }
  }
}
