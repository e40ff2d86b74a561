package io.weft.machinecode.gemm;

import static io.weft.machinecode.asm.Condition.NOT_EQUAL;
import static io.weft.machinecode.memory.Frame.slot;

import io.weft.machinecode.asm.Assembler;
import io.weft.machinecode.asm.Gpr;
import io.weft.machinecode.asm.Isa;
import io.weft.machinecode.asm.Label;
import io.weft.machinecode.asm.Mem;
import io.weft.machinecode.asm.Op;

/**
 * Transposes a matrix whose sides are multiples of the vector length L, by L×L blocks in registers.
 *
 * <p>x is the source ({@code A_OFFSET}, rows {@code A_ROW} apart, {@code ROW_BLOCKS} times L rows
 * of {@code PANELS} times L columns), y the target ({@code B_OFFSET}, rows {@code B_ROW} apart).
 *
 * <pre>
 * RDI, R9   first source row of the blocks, distance     R8    running source
 * RSI, R10  first target column, distance of rows        RAX   running target
 * R11, RDX  rows and columns of blocks to go             R15   running row
 * v0 … L−1  rows                                         vL …  what lies between two steps
 * </pre>
 */
final class TransposeCode {
  private static final Gpr SOURCE_ROW = Gpr.RDI;
  private static final Gpr TARGET_COLUMN = Gpr.RSI;
  private static final Gpr SOURCE = Gpr.R8;
  private static final Gpr TARGET = Gpr.RAX;
  private static final Gpr LINE = Gpr.R15;
  private static final Gpr ROWS = Gpr.R11;
  private static final Gpr COLUMNS = Gpr.RDX;

  private TransposeCode() {}

  static byte[] assemble(Isa isa) {
    Assembler a = new Assembler(isa);
    int lanes = isa.lanes();
    a.push(LINE);
    a.add(SOURCE_ROW, slot(Slot.A_OFFSET));
    a.add(TARGET_COLUMN, slot(Slot.B_OFFSET));
    a.mov(Gpr.R9, slot(Slot.A_ROW));
    a.mov(Gpr.R10, slot(Slot.B_ROW));
    a.mov(ROWS, slot(Slot.ROW_BLOCKS));
    Label row = a.here();
    a.mov(SOURCE, SOURCE_ROW);
    a.mov(TARGET, TARGET_COLUMN);
    a.mov(COLUMNS, slot(Slot.PANELS));
    Label block = a.here();
    a.mov(LINE, SOURCE);
    for (int i = 0; i < lanes; i++) {
      a.load(i, Mem.at(LINE));
      a.add(LINE, Gpr.R9);
    }
    for (int i = 0; i < lanes; i++) {
      a.prefetch(Mem.at(LINE)); // of the blocks below; rows may be a page apart
      a.add(LINE, Gpr.R9);
    }
    if (isa == Isa.AVX512) {
      transpose16(a);
    } else {
      transpose8(a);
    }
    for (int i = 0; i < lanes; i++) {
      a.store(Mem.at(TARGET), i);
      a.add(TARGET, Gpr.R10);
    }
    a.add(SOURCE, isa.bytes());
    a.sub(COLUMNS, 1);
    a.jump(NOT_EQUAL, block);
    for (int i = 0; i < lanes; i++) {
      a.add(SOURCE_ROW, Gpr.R9);
    }
    a.add(TARGET_COLUMN, isa.bytes());
    a.sub(ROWS, 1);
    a.jump(NOT_EQUAL, row);
    a.pop(LINE);
    a.leave();
    return a.finish();
  }

  /** 4×4 blocks within the 128-bit lanes: rows 0 … n−1 by way of registers n … 2n−1. */
  private static void transposeLanes(Assembler a, int n) {
    for (int i = 0; i < n; i += 2) {
      a.op(Op.UNPACK_LOW, n + i, i, i + 1);
      a.op(Op.UNPACK_HIGH, n + i + 1, i, i + 1);
    }
    for (int i = 0; i < n; i += 4) {
      int t = n + i;
      a.unpackPairs(false, i, t, t + 2);
      a.unpackPairs(true, i + 1, t, t + 2);
      a.unpackPairs(false, i + 2, t + 1, t + 3);
      a.unpackPairs(true, i + 3, t + 1, t + 3);
    }
  }

  private static void transpose8(Assembler a) {
    transposeLanes(a, 8);
    for (int i = 0; i < 4; i++) {
      a.blocks(8 + i, i, i + 4, 0x20); // both lower halves
      a.blocks(12 + i, i, i + 4, 0x31); // both upper halves
    }
    for (int i = 0; i < 8; i++) {
      a.move(i, 8 + i);
    }
  }

  private static void transpose16(Assembler a) {
    transposeLanes(a, 16);
    int even = 0x88; // blocks 0 and 2 of each
    int odd = 0xDD; // blocks 1 and 3
    for (int j = 0; j < 4; j++) {
      int t = 16 + 4 * j;
      a.blocks(t, j, 4 + j, even);
      a.blocks(t + 1, 8 + j, 12 + j, even);
      a.blocks(t + 2, j, 4 + j, odd);
      a.blocks(t + 3, 8 + j, 12 + j, odd);
    }
    for (int j = 0; j < 4; j++) {
      int t = 16 + 4 * j;
      a.blocks(j, t, t + 1, even);
      a.blocks(8 + j, t, t + 1, odd);
      a.blocks(4 + j, t + 2, t + 3, even);
      a.blocks(12 + j, t + 2, t + 3, odd);
    }
  }
}
