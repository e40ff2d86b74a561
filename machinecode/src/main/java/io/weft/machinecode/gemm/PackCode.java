package io.weft.machinecode.gemm;

import static io.weft.machinecode.asm.Condition.EQUAL;
import static io.weft.machinecode.asm.Condition.NOT_EQUAL;
import static io.weft.machinecode.memory.Frame.slot;

import io.weft.machinecode.asm.Assembler;
import io.weft.machinecode.asm.Gpr;
import io.weft.machinecode.asm.Isa;
import io.weft.machinecode.asm.Label;
import io.weft.machinecode.asm.Mem;

/**
 * Copies rows of B into panels of two vectors, the last one padded with zeros.
 *
 * <p>x is the source ({@code A_OFFSET}, rows {@code A_ROW} apart), y the panels ({@code B_OFFSET},
 * rows of a panel adjacent, panels {@code B_PANEL} apart); {@code DEPTH} rows, {@code PANELS}
 * panels.
 *
 * <pre>
 * RDI, R9   source row, distance of rows      R8        running source
 * RSI, R10  panel row, distance of panels     RAX       running panel row
 * R11       rows to go                        RDX       panels to go
 * v0, v1    numbers                           k1, k2 or v2, v3   masks of the last panel
 * </pre>
 */
final class PackCode {
  private static final Gpr SOURCE_ROW = Gpr.RDI;
  private static final Gpr PANEL_ROW = Gpr.RSI;
  private static final Gpr SOURCE = Gpr.R8;
  private static final Gpr TARGET = Gpr.RAX;
  private static final Gpr ROWS = Gpr.R11;
  private static final Gpr PANELS = Gpr.RDX;
  private static final int VECTORS = 2;

  private PackCode() {}

  static byte[] assemble(Isa isa) {
    Assembler a = new Assembler(isa);
    int bytes = isa.bytes();
    int mask = isa == Isa.AVX512 ? 1 : VECTORS;
    a.add(SOURCE_ROW, slot(Slot.A_OFFSET));
    a.add(PANEL_ROW, slot(Slot.B_OFFSET));
    a.mov(Gpr.R9, slot(Slot.A_ROW));
    a.mov(Gpr.R10, slot(Slot.B_PANEL));
    a.mov(ROWS, slot(Slot.DEPTH));
    for (int j = 0; j < VECTORS; j++) {
      a.mov(TARGET, slot(Slot.MASKS + j));
      if (isa == Isa.AVX512) {
        a.maskFrom(mask + j, TARGET);
      } else {
        a.load(mask + j, Mem.at(TARGET));
      }
    }
    Label row = a.here();
    a.mov(SOURCE, SOURCE_ROW);
    a.mov(TARGET, PANEL_ROW);
    a.mov(PANELS, slot(Slot.PANELS));
    Label last = a.label();
    a.sub(PANELS, 1);
    a.jump(EQUAL, last);
    Label panel = a.here();
    for (int j = 0; j < VECTORS; j++) {
      a.load(j, Mem.at(SOURCE, j * bytes));
    }
    for (int j = 0; j < VECTORS; j++) {
      a.store(Mem.at(TARGET, j * bytes), j);
    }
    a.add(SOURCE, VECTORS * bytes);
    a.add(TARGET, Gpr.R10);
    a.sub(PANELS, 1);
    a.jump(NOT_EQUAL, panel);
    a.bind(last);
    for (int j = 0; j < VECTORS; j++) {
      a.load(j, Mem.at(SOURCE, j * bytes), mask + j);
    }
    for (int j = 0; j < VECTORS; j++) {
      a.store(Mem.at(TARGET, j * bytes), j);
    }
    a.add(SOURCE_ROW, Gpr.R9);
    a.add(PANEL_ROW, VECTORS * bytes);
    a.sub(ROWS, 1);
    a.jump(NOT_EQUAL, row);
    a.leave();
    return a.finish();
  }
}
