package io.weft.machinecode.gemm;

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

/**
 * {@code C += Aᵀ·B} for blocks of R rows of C and panels of one or two vectors of columns, where
 * the terms of a sum lie in lines of planes of A (the gradient of a filter): all sums of a tile in
 * registers over all planes.
 *
 * <pre>
 * for each block of R rows
 *   for each panel
 *     sums = 0
 *     for each plane, line, term      sums[i][j] += A[i] · B[j]
 *     C += sums
 *
 * RDI           A at this term        v0 …         sums
 * RSI, RBX      B, B_ROW              then         vectors of B, an element of A
 * R12, RBP      C_ROW, any use        k1, k2       masks
 * R8, R15       terms to go, A_COLUMN
 * R9, R10       lines, planes to go   R11, RAX     A at this line, at this plane
 * R13, R14      row blocks and panels to go
 * </pre>
 */
final class LinesCode {
  private static final int UNROLL = 4;

  private static final Gpr A = Gpr.RDI;
  private static final Gpr B = Gpr.RSI;
  private static final Gpr B_ROW = Gpr.RBX;
  private static final Gpr C_ROW = Gpr.R12;
  private static final Gpr C = Gpr.RBP;
  private static final Gpr TERMS = Gpr.R8;
  private static final Gpr LINES = Gpr.R9;
  private static final Gpr PLANES = Gpr.R10;
  private static final Gpr LINE = Gpr.R11;
  private static final Gpr PLANE = Gpr.RAX;
  private static final Gpr COLUMN = Gpr.R15;
  private static final Gpr BLOCKS = Gpr.R13;
  private static final Gpr PANELS = Gpr.R14;
  private static final Gpr[] SAVED = {Gpr.RBX, Gpr.RBP, Gpr.R12, Gpr.R13, Gpr.R14, Gpr.R15};

  private final Assembler a;
  private final int rows;
  private final int vectors;
  private final int bytes;
  private final int firstB;
  private final TileStore store;

  private LinesCode(Isa isa, int rows, int vectors) {
    this.a = new Assembler(isa);
    this.rows = rows;
    this.vectors = vectors;
    this.bytes = isa.bytes();
    this.firstB = vectors * rows;
    this.store = new TileStore(a, rows, vectors, C, C_ROW);
  }

  /** The most rows whose sums fit into the registers. */
  static int mostRows(Isa isa, int vectors) {
    return (isa.registers() - 2 * TileStore.MOST_VECTORS) / vectors;
  }

  /** The kernel for blocks of {@code rows} rows and {@code vectors} vectors of columns. */
  static byte[] assemble(Isa isa, int rows, int vectors) {
    return new LinesCode(isa, rows, vectors).code();
  }

  private byte[] code() {
    a.push(SAVED);
    a.add(A, slot(Slot.A_OFFSET));
    a.mov(slot(Slot.ROW_A), A);
    a.add(B, slot(Slot.B_OFFSET));
    a.mov(slot(Slot.FIRST_B), B);
    a.add(Gpr.RDX, slot(Slot.C_OFFSET));
    a.mov(slot(Slot.ROW_C), Gpr.RDX);
    a.mov(COLUMN, slot(Slot.A_COLUMN));
    a.mov(B_ROW, slot(Slot.B_ROW));
    a.mov(C_ROW, slot(Slot.C_ROW));
    a.mov(BLOCKS, slot(Slot.ROW_BLOCKS));
    Label block = a.here();
    copy(Slot.PANEL_B, Slot.FIRST_B);
    copy(Slot.PANEL_C, Slot.ROW_C);
    a.mov(PANELS, slot(Slot.PANELS));
    Label panel = a.here();
    store.masks(PANELS);
    tiles();
    store.steps(PANELS);
    add(Slot.PANEL_B, vectors * bytes);
    add(Slot.PANEL_C, vectors * bytes);
    a.sub(PANELS, 1);
    a.jump(NOT_EQUAL, panel);
    add(Slot.ROW_A, rows * Float.BYTES);
    a.imul(C, C_ROW, rows);
    a.add(C, slot(Slot.ROW_C));
    a.mov(slot(Slot.ROW_C), C);
    a.sub(BLOCKS, 1);
    a.jump(NOT_EQUAL, block);
    a.pop(SAVED);
    a.leave();
    return a.finish();
  }

  private void copy(int to, int from) {
    a.mov(C, slot(from));
    a.mov(slot(to), C);
  }

  private void add(int to, int count) {
    a.mov(C, slot(to));
    a.add(C, count);
    a.mov(slot(to), C);
  }

  /** Loads under a mask take a place among the multiply-adds: whole panels do without. */
  private void tiles() {
    if (a.isa() != Isa.AVX512) {
      tile(false);
      return;
    }
    Label partial = a.label();
    Label done = a.label();
    a.cmp(PANELS, slot(Slot.PARTIAL));
    a.jump(EQUAL, partial);
    tile(false);
    a.jump(done);
    a.bind(partial);
    tile(true);
    a.bind(done);
  }

  private void tile(boolean masked) {
    for (int i = 0; i < vectors * rows; i++) {
      a.zero(i);
    }
    a.mov(B, slot(Slot.PANEL_B));
    a.mov(PLANE, slot(Slot.ROW_A));
    a.mov(PLANES, slot(Slot.PLANES));
    Label plane = a.here();
    a.mov(LINE, PLANE);
    a.mov(LINES, slot(Slot.TAPS));
    Label line = a.here();
    a.mov(A, LINE);
    sums(masked);
    a.add(LINE, slot(Slot.TAP));
    a.sub(LINES, 1);
    a.jump(NOT_EQUAL, line);
    a.add(PLANE, slot(Slot.PLANE));
    a.sub(PLANES, 1);
    a.jump(NOT_EQUAL, plane);
  }

  private void sums(boolean masked) {
    Label rest = a.label();
    Label done = a.label();
    a.mov(TERMS, slot(Slot.DEPTH));
    a.sub(TERMS, UNROLL);
    a.jump(LESS, rest);
    a.align(64);
    Label loop = a.here();
    for (int k = 0; k < UNROLL; k++) {
      term(masked);
    }
    a.sub(TERMS, UNROLL);
    a.jump(GREATER_OR_EQUAL, loop);
    a.bind(rest);
    a.add(TERMS, UNROLL);
    a.jump(EQUAL, done);
    Label one = a.here();
    term(masked);
    a.sub(TERMS, 1);
    a.jump(NOT_EQUAL, one);
    a.bind(done);
  }

  private void term(boolean masked) {
    for (int j = 0; j < vectors; j++) {
      if (masked) {
        a.load(firstB + j, Mem.at(B, j * bytes), TileStore.FIRST_MASK + j);
      } else {
        a.load(firstB + j, Mem.at(B, j * bytes));
      }
    }
    a.add(B, B_ROW);
    for (int i = 0; i < rows; i++) {
      Mem element = Mem.at(A, i * Float.BYTES);
      if (vectors == 1 && a.isa() == Isa.AVX512) {
        a.opBroadcast(Op.FMA_231, i, firstB, element);
        continue;
      }
      int x = firstB + vectors + (i & 1);
      a.broadcast(x, element);
      for (int j = 0; j < vectors; j++) {
        a.op(Op.FMA_231, i * vectors + j, x, firstB + j);
      }
    }
    a.add(A, COLUMN);
  }
}
