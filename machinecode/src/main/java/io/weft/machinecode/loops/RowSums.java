package io.weft.machinecode.loops;

import static io.weft.machinecode.asm.Condition.EQUAL;
import static io.weft.machinecode.asm.Condition.GREATER_OR_EQUAL;
import static io.weft.machinecode.asm.Condition.LESS;
import static io.weft.machinecode.asm.Condition.NOT_EQUAL;
import static io.weft.machinecode.memory.Frame.slot;

import io.weft.machinecode.asm.Assembler;
import io.weft.machinecode.asm.Gpr;
import io.weft.machinecode.asm.Isa;
import io.weft.machinecode.asm.Label;
import io.weft.machinecode.asm.Mem;
import io.weft.machinecode.asm.Op;
import io.weft.machinecode.memory.CodeMemory;
import io.weft.machinecode.memory.Frame;
import io.weft.machinecode.memory.NativeCall;
import io.weft.machinecode.memory.Tail;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Objects;

/**
 * {@code y += Σ rows}: the sums of a few vectors of columns stay in registers while all rows go by.
 *
 * <pre>
 * RDI, RSI  x and y at the columns     v0 … v3    sums
 * R9, R10   running x, rows to go      v4         a row, or y
 * RAX, R11  columns to go, ROW         k1 or v15  mask of the last columns
 * </pre>
 */
final class RowSums {
  private static final int X_OFFSET = 0;
  private static final int Y_OFFSET = 1;
  private static final int ROWS = 2; // at least one
  private static final int ROW = 3; // bytes
  private static final int COLUMNS = 4;
  private static final int MASK = 5;

  private static final int GROUP = 4;
  private static final long CALL = 1 << 16; // elements: a call ends within a millisecond

  private static final Gpr X = Gpr.RDI;
  private static final Gpr Y = Gpr.RSI;
  private static final Gpr LEFT = Gpr.RAX;
  private static final Gpr RUNNING = Gpr.R9;
  private static final Gpr TO_GO = Gpr.R10;
  private static final Gpr STEP = Gpr.R11;

  private final Isa isa;
  private final long code;

  /** Assembles the loop for these instructions. */
  RowSums(Isa isa) {
    this.isa = isa;
    code = CodeMemory.install(List.of(assemble(isa)))[0];
  }

  /**
   * Adds the sum of rows of n elements, one after the other, to y.
   *
   * @throws IndexOutOfBoundsException if they do not lie in their arrays
   */
  void run(float[] x, int xo, int rows, int n, float[] y, int yo) {
    Objects.checkFromIndexSize((long) xo, (long) rows * n, (long) x.length);
    Objects.checkFromIndexSize(yo, n, y.length);
    run(MemorySegment.ofArray(x), xo, rows, n, MemorySegment.ofArray(y), yo);
  }

  /** The same on memory; nothing is checked. */
  void run(MemorySegment x, int xo, int rows, int n, MemorySegment y, int yo) {
    if (rows == 0) {
      return;
    }
    int most = (int) Math.max(isa.lanes(), CALL / rows / isa.lanes() * isa.lanes());
    Frame f = Frame.own();
    for (int i = 0; i < n; i += most) {
      int count = Math.min(most, n - i);
      f.set(X_OFFSET, (xo + i) * (long) Float.BYTES);
      f.set(Y_OFFSET, (yo + i) * (long) Float.BYTES);
      f.set(ROWS, rows);
      f.set(ROW, (long) n * Float.BYTES);
      f.set(COLUMNS, count);
      f.set(MASK, Tail.mask(isa, count % isa.lanes()));
      NativeCall.run(code, x, y, y, f);
    }
  }

  private static byte[] assemble(Isa isa) {
    Assembler a = new Assembler(isa);
    int mask = isa == Isa.AVX512 ? 1 : 15;
    a.add(X, slot(X_OFFSET));
    a.add(Y, slot(Y_OFFSET));
    a.mov(STEP, slot(ROW));
    a.mov(LEFT, slot(MASK));
    if (isa == Isa.AVX512) {
      a.maskFrom(mask, LEFT);
    } else {
      a.load(mask, Mem.at(LEFT));
    }
    Label single = a.label();
    Label one = a.label();
    Label rest = a.label();
    Label end = a.label();
    a.mov(LEFT, slot(COLUMNS));
    a.sub(LEFT, GROUP * isa.lanes());
    a.jump(LESS, single);
    Label group = a.here();
    columns(a, GROUP, 0);
    a.sub(LEFT, GROUP * isa.lanes());
    a.jump(GREATER_OR_EQUAL, group);
    a.bind(single);
    a.add(LEFT, (GROUP - 1) * isa.lanes());
    a.jump(LESS, rest);
    a.bind(one);
    columns(a, 1, 0);
    a.sub(LEFT, isa.lanes());
    a.jump(GREATER_OR_EQUAL, one);
    a.bind(rest);
    a.add(LEFT, isa.lanes());
    a.jump(EQUAL, end);
    columns(a, 1, mask);
    a.bind(end);
    a.leave();
    return a.finish();
  }

  /** All rows of so many vectors of columns; {@code mask} 0 for whole ones. */
  private static void columns(Assembler a, int vectors, int mask) {
    int bytes = a.isa().bytes();
    for (int i = 0; i < vectors; i++) {
      a.zero(i);
    }
    a.mov(RUNNING, X);
    a.mov(TO_GO, slot(ROWS));
    a.align(64);
    Label row = a.here();
    for (int i = 0; i < vectors; i++) {
      a.load(GROUP, Mem.at(RUNNING, i * bytes), mask);
      a.op(Op.ADD, i, i, GROUP);
    }
    a.add(RUNNING, STEP);
    a.sub(TO_GO, 1);
    a.jump(NOT_EQUAL, row);
    for (int i = 0; i < vectors; i++) {
      a.load(GROUP, Mem.at(Y, i * bytes), mask);
      a.op(Op.ADD, i, GROUP, i);
      a.store(Mem.at(Y, i * bytes), i, mask);
    }
    a.add(X, vectors * bytes);
    a.add(Y, vectors * bytes);
  }
}
