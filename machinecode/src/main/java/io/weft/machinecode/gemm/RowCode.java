package io.weft.machinecode.gemm;

import static io.weft.machinecode.asm.Condition.EQUAL;
import static io.weft.machinecode.asm.Condition.NOT_EQUAL;
import static io.weft.machinecode.memory.Frame.slot;

import io.weft.machinecode.asm.Assembler;
import io.weft.machinecode.asm.Gpr;
import io.weft.machinecode.asm.Isa;
import io.weft.machinecode.asm.Label;
import io.weft.machinecode.asm.Mem;
import io.weft.machinecode.asm.Op;

/**
 * One row of C: {@code PANELS} times four whole panels side by side. The sums of one panel would
 * wait for each other; those of four keep the memory busy, which is what limits a product of one
 * row. Each sum runs as in {@link ProductCode}, in parts of k that are added up in C, so that the
 * bits are the same; but all parts of a group follow each other, so that panels are read from end
 * to end.
 *
 * <pre>
 * RDI, RBP  A at this k, A_COLUMN          v0 … v7  sums, two for each panel
 * RSI, RBX  B at this k, B_ROW             v8       A at this k
 * R9, R10   1 and 3 times B_PANEL          RDX, R8  C and bias
 * R11       terms to go                    RAX      groups to go
 * </pre>
 */
final class RowCode {
  /** Panels of a group. */
  static final int GROUP = 4;

  private static final int VECTORS = 2;
  private static final int SUMS = GROUP * VECTORS;
  private static final Gpr A = Gpr.RDI;
  private static final Gpr B = Gpr.RSI;
  private static final Gpr C = Gpr.RDX;
  private static final Gpr BIAS = Gpr.R8;
  private static final Gpr DEPTH = Gpr.R11;
  private static final Gpr GROUPS = Gpr.RAX;

  private RowCode() {}

  static byte[] assemble(Isa isa) {
    Assembler a = new Assembler(isa);
    int bytes = isa.bytes();
    a.push(Gpr.RBX, Gpr.RBP);
    a.add(A, slot(Slot.A_OFFSET));
    a.mov(slot(Slot.ROW_A), A);
    a.add(B, slot(Slot.B_OFFSET));
    a.add(C, slot(Slot.C_OFFSET));
    a.add(BIAS, slot(Slot.BIAS_OFFSET));
    a.mov(Gpr.RBP, slot(Slot.A_COLUMN));
    a.mov(Gpr.RBX, slot(Slot.B_ROW));
    a.mov(Gpr.R9, slot(Slot.B_PANEL));
    a.lea(Gpr.R10, Mem.at(Gpr.R9, Gpr.R9, 2));
    a.mov(GROUPS, slot(Slot.PANELS));
    Label group = a.here();
    a.mov(slot(Slot.PANEL_B), B);
    a.mov(A, slot(Slot.ROW_A));
    a.mov(DEPTH, slot(Slot.STEPS));
    a.mov(slot(Slot.PART_STEPS), DEPTH);
    a.mov(DEPTH, slot(Slot.PARTS));
    Label part = a.here();
    a.mov(slot(Slot.PARTS_LEFT), DEPTH);
    for (int i = 0; i < SUMS; i++) {
      a.zero(i);
    }
    Label last = a.label();
    Label start = a.label();
    a.cmp(DEPTH, 1);
    a.jump(EQUAL, last);
    a.mov(DEPTH, slot(Slot.DEPTH));
    a.jump(start);
    a.bind(last);
    a.mov(DEPTH, slot(Slot.LAST_DEPTH));
    a.bind(start);
    a.align(64);
    Label loop = a.here();
    a.broadcast(SUMS, Mem.at(A));
    for (int i = 0; i < SUMS; i++) {
      a.op(Op.FMA_231, i, SUMS, panel(i / VECTORS).plus(i % VECTORS * bytes));
    }
    a.add(A, Gpr.RBP);
    a.add(B, Gpr.RBX);
    a.sub(DEPTH, 1);
    a.jump(NOT_EQUAL, loop);
    step(a, Slot.PART_STEPS, Slot.ADD_C, Op.ADD, C);
    Label whole = a.label();
    a.mov(DEPTH, slot(Slot.PARTS_LEFT));
    a.sub(DEPTH, 1);
    a.jump(EQUAL, whole);
    store(a);
    a.mov(Gpr.R10, Slot.ADD_C);
    a.mov(slot(Slot.PART_STEPS), Gpr.R10);
    a.lea(Gpr.R10, Mem.at(Gpr.R9, Gpr.R9, 2));
    a.jump(part);
    a.bind(whole);
    step(a, Slot.STEPS, Slot.ADD_BIAS, Op.ADD, BIAS);
    a.mov(A, BIAS);
    a.add(A, slot(Slot.PARAMETERS));
    step(a, Slot.STEPS, Slot.SCALE, Op.MULTIPLY, A);
    a.add(A, slot(Slot.PARAMETERS));
    step(a, Slot.STEPS, Slot.SCALE, Op.ADD, A);
    a.zero(SUMS);
    step(a, Slot.STEPS, Slot.RELU, Op.MAX, null);
    a.broadcast(SUMS, slot(Slot.MOST));
    step(a, Slot.STEPS, Slot.BOUND, Op.MIN, null);
    store(a);
    a.add(C, SUMS * bytes);
    a.add(BIAS, SUMS * bytes);
    a.mov(B, slot(Slot.PANEL_B));
    a.lea(B, Mem.at(B, Gpr.R9, 4));
    a.sub(GROUPS, 1);
    a.jump(NOT_EQUAL, group);
    a.pop(Gpr.RBX, Gpr.RBP);
    a.leave();
    return a.finish();
  }

  private static void store(Assembler a) {
    for (int i = 0; i < SUMS; i++) {
      a.store(Mem.at(C, i * a.isa().bytes()), i);
    }
  }

  /**
   * Code for each sum that runs if {@code bit} is among the steps in a slot: {@code op} with what
   * lies at {@code operand}, or with the vector after the sums, so that a NaN of a sum stays.
   */
  private static void step(Assembler a, int steps, int bit, Op op, Gpr operand) {
    Label without = a.label();
    a.mov(DEPTH, slot(steps));
    a.test(DEPTH, bit);
    a.jump(EQUAL, without);
    for (int i = 0; i < SUMS; i++) {
      if (operand == null) {
        a.op(op, i, SUMS, i);
      } else {
        a.op(op, i, i, Mem.at(operand, i * a.isa().bytes()));
      }
    }
    a.bind(without);
  }

  private static Mem panel(int i) {
    return switch (i) {
      case 0 -> Mem.at(B);
      case 1 -> Mem.at(B, Gpr.R9, 1);
      case 2 -> Mem.at(B, Gpr.R9, 2);
      default -> Mem.at(B, Gpr.R10, 1);
    };
  }
}
