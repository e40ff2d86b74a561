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
 * The micro-kernel: {@code C = A·B} or {@code C += A·B} for blocks of R rows and panels of two
 * vectors of columns, all sums in registers, each in the order of k.
 *
 * <pre>
 * for each product
 *   for each block of R rows
 *     for each panel                  the block of A stays in the first cache, panels stream by
 *       sums = 0
 *       for each tap, for each k      sums[i][j] += A[i][k] · B[k][j]
 *       C = bounded((sums + C + bias) factor + shift)     of which each step may be left out
 * </pre>
 *
 * Rows of A are {@code A_ROW} apart and may overlap (convolution), its columns are adjacent; rows
 * of B are {@code B_ROW} apart. Columns beyond a partial panel are neither read (AVX-512; with AVX2
 * B is padded) nor written.
 *
 * <pre>
 * RDI, RAX      A at this k: rows 0 … 6 and rows 7 …    v0 …          sums, two for each row
 * R9, R10, R11  1, 3, 5 times A_ROW                     FIRST_B …     two vectors of B
 * RSI, RBX      B at this k, B_ROW                      FIRST_X …     broadcast elements of A
 * R12, RBP      C_ROW, running row of C                 k1, k2        masks (AVX-512)
 * R8, R15       terms to go, A_COLUMN                   FIRST_B …     masks at the end (AVX2)
 * R13, R14      row blocks and panels to go
 * </pre>
 */
final class ProductCode {
  private static final int UNROLL = 4;

  private static final Gpr A = Gpr.RDI;
  private static final Gpr A7 = Gpr.RAX;
  private static final Gpr B = Gpr.RSI;
  private static final Gpr ROW = Gpr.R9;
  private static final Gpr ROW3 = Gpr.R10;
  private static final Gpr ROW5 = Gpr.R11;
  private static final Gpr B_ROW = Gpr.RBX;
  private static final Gpr C_ROW = Gpr.R12;
  private static final Gpr C = Gpr.RBP;
  private static final Gpr DEPTH = Gpr.R8;
  private static final Gpr COLUMN = Gpr.R15;
  private static final Gpr BLOCKS = Gpr.R13;
  private static final Gpr PANELS = Gpr.R14;
  private static final Gpr[] SAVED = {Gpr.RBX, Gpr.RBP, Gpr.R12, Gpr.R13, Gpr.R14, Gpr.R15};

  private final Assembler a;
  private final int rows;
  private final int vectors;
  private final int bytes;
  private final int firstB;
  private final int firstX;
  private final TileStore store;

  private ProductCode(Isa isa, int rows, int vectors) {
    this.a = new Assembler(isa);
    this.rows = rows;
    this.vectors = vectors;
    this.bytes = isa.bytes();
    this.firstB = vectors * rows;
    this.firstX = firstB + vectors;
    this.store = new TileStore(a, rows, vectors, C, C_ROW);
  }

  /** The most rows whose sums fit into the registers. */
  static int mostRows(Isa isa) {
    return isa.registers() / TileStore.MOST_VECTORS - 2;
  }

  /** Columns of a panel. */
  static int columns(Isa isa) {
    return TileStore.MOST_VECTORS * isa.lanes();
  }

  /**
   * The kernel for blocks of {@code rows} rows.
   *
   * @param vectors 2, or 1 for a single panel of which only the first vector has columns
   */
  static byte[] assemble(Isa isa, int rows, int vectors) {
    return new ProductCode(isa, rows, vectors).code();
  }

  private byte[] code() {
    a.push(SAVED);
    enter();
    Label product = a.here();
    copy(Slot.ROW_A, Slot.START_A);
    copy(Slot.ROW_C, Slot.START_C);
    a.mov(BLOCKS, slot(Slot.ROW_BLOCKS));
    Label block = a.here();
    firstPanel();
    Label panel = a.here();
    store.masks(PANELS);
    tiles();
    store.steps(PANELS);
    nextPanel();
    a.sub(PANELS, 1);
    a.jump(NOT_EQUAL, panel);
    nextBlock();
    a.sub(BLOCKS, 1);
    a.jump(NOT_EQUAL, block);
    advance(Slot.START_A, Slot.NEXT_A);
    advance(Slot.FIRST_B, Slot.NEXT_B);
    advance(Slot.START_C, Slot.NEXT_C);
    a.mov(BLOCKS, slot(Slot.PRODUCTS));
    a.sub(BLOCKS, 1);
    a.mov(slot(Slot.PRODUCTS), BLOCKS);
    a.jump(NOT_EQUAL, product);
    a.pop(SAVED);
    a.leave();
    return a.finish();
  }

  private void enter() {
    a.add(A, slot(Slot.A_OFFSET));
    a.mov(slot(Slot.START_A), A);
    a.add(B, slot(Slot.B_OFFSET));
    a.mov(slot(Slot.FIRST_B), B);
    a.add(Gpr.RDX, slot(Slot.C_OFFSET));
    a.mov(slot(Slot.START_C), Gpr.RDX);
    a.add(DEPTH, slot(Slot.BIAS_OFFSET)); // w comes in R8
    a.mov(slot(Slot.BIAS_OFFSET), DEPTH);
    a.mov(ROW, slot(Slot.A_ROW));
    a.mov(COLUMN, slot(Slot.A_COLUMN));
    a.lea(ROW3, Mem.at(ROW, ROW, 2));
    a.lea(ROW5, Mem.at(ROW, ROW, 4));
    a.mov(B_ROW, slot(Slot.B_ROW));
    a.mov(C_ROW, slot(Slot.C_ROW));
  }

  private void firstPanel() {
    copy(Slot.PANEL_B, Slot.FIRST_B);
    copy(Slot.PANEL_C, Slot.ROW_C);
    copy(Slot.PANEL_BIAS, Slot.BIAS_OFFSET);
    a.mov(PANELS, slot(Slot.PANELS));
  }

  private void copy(int to, int from) {
    a.mov(C, slot(from));
    a.mov(slot(to), C);
  }

  private int sum(int row, int vector) {
    return row * vectors + vector;
  }

  /** Loads under a mask take a place among the multiply-adds: whole panels do without. */
  private void tiles() {
    boolean masks = a.isa() == Isa.AVX512;
    if (!masks || vectors == 1) {
      tile(masks);
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
    a.mov(C, slot(Slot.PANEL_C));
    for (int i = 0; i < rows; i++) {
      a.prefetch(Mem.at(C));
      a.prefetch(Mem.at(C, vectors * bytes - 1));
      a.add(C, C_ROW);
    }
    for (int i = 0; i < vectors * rows; i++) {
      a.zero(i);
    }
    a.mov(B, slot(Slot.PANEL_B));
    a.mov(A, slot(Slot.ROW_A));
    a.mov(slot(Slot.TAP_A), A);
    a.mov(C, slot(Slot.TAPS));
    Label tap = a.here();
    a.mov(slot(Slot.TAPS_LEFT), C);
    sums(masked);
    a.mov(A, slot(Slot.TAP_A));
    a.add(A, slot(Slot.TAP));
    a.mov(slot(Slot.TAP_A), A);
    a.mov(C, slot(Slot.TAPS_LEFT));
    a.sub(C, 1);
    a.jump(NOT_EQUAL, tap);
  }

  private void sums(boolean masked) {
    if (rows > 7) {
      a.lea(A7, Mem.at(A, ROW5, 1));
      a.lea(A7, Mem.at(A7, ROW, 2));
    }
    Label rest = a.label();
    Label done = a.label();
    a.mov(DEPTH, slot(Slot.DEPTH));
    a.sub(DEPTH, UNROLL);
    a.jump(LESS, rest);
    a.align(64);
    Label loop = a.here();
    terms(UNROLL, masked);
    a.sub(DEPTH, UNROLL);
    a.jump(GREATER_OR_EQUAL, loop);
    a.bind(rest);
    a.add(DEPTH, UNROLL);
    a.jump(EQUAL, done);
    Label one = a.here();
    terms(1, masked);
    a.sub(DEPTH, 1);
    a.jump(NOT_EQUAL, one);
    a.bind(done);
  }

  /** {@code sums[i][j] += A[i][k] · B[k][j]} for the next {@code count} k. */
  private void terms(int count, boolean masked) {
    for (int k = 0; k < count; k++) {
      for (int j = 0; j < vectors; j++) {
        Mem from = Mem.at(B, j * bytes);
        if (masked) {
          a.load(firstB + j, from, TileStore.FIRST_MASK + j);
        } else {
          a.load(firstB + j, from);
        }
      }
      a.add(B, B_ROW);
      for (int i = 0; i < rows; i++) {
        if (vectors == 1 && a.isa() == Isa.AVX512) {
          // a broadcast of its own costs a third of a multiply-add; two share it otherwise
          a.opBroadcast(Op.FMA_231, sum(i, 0), firstB, element(i));
          continue;
        }
        int x = firstX + (i & 1);
        a.broadcast(x, element(i));
        for (int j = 0; j < vectors; j++) {
          a.op(Op.FMA_231, sum(i, j), x, firstB + j);
        }
      }
      a.add(A, COLUMN);
      if (rows > 7) {
        a.add(A7, COLUMN);
      }
    }
  }

  /** {@code A[i][k]}. */
  private static Mem element(int i) {
    Gpr base = i < 7 ? A : A7;
    return switch (i % 7) {
      case 0 -> Mem.at(base);
      case 1 -> Mem.at(base, ROW, 1);
      case 2 -> Mem.at(base, ROW, 2);
      case 3 -> Mem.at(base, ROW3, 1);
      case 4 -> Mem.at(base, ROW, 4);
      case 5 -> Mem.at(base, ROW5, 1);
      default -> Mem.at(base, ROW3, 2);
    };
  }

  private void advance(int place, int distance) {
    a.mov(C, slot(place));
    a.add(C, slot(distance));
    a.mov(slot(place), C);
  }

  private void nextPanel() {
    advance(Slot.PANEL_B, Slot.B_PANEL);
    a.mov(C, slot(Slot.PANEL_C));
    a.add(C, vectors * bytes);
    a.mov(slot(Slot.PANEL_C), C);
    a.mov(C, slot(Slot.PANEL_BIAS));
    a.add(C, vectors * bytes);
    a.mov(slot(Slot.PANEL_BIAS), C);
  }

  private void nextBlock() {
    a.imul(C, ROW, rows);
    a.add(C, slot(Slot.ROW_A));
    a.mov(slot(Slot.ROW_A), C);
    a.imul(C, C_ROW, rows);
    a.add(C, slot(Slot.ROW_C));
    a.mov(slot(Slot.ROW_C), C);
  }
}
