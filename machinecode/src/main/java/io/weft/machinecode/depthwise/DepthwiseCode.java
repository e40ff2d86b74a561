package io.weft.machinecode.depthwise;

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
 * The sums of a {@link Block}, all in registers, each in the order of the taps: a column of the
 * input is read once for all outputs that meet it, and a weight once for all outputs.
 *
 * <pre>
 * for each line, for each block of it, for each vector of channels
 *   sums = 0
 *   for each row of the filter, for each group of its taps
 *     for each column: sums[p] += column · weights[t], where output p meets it with tap t
 *   y = bounded((sums + bias) factor + shift)     of which each step may be left out
 * </pre>
 *
 * <pre>
 * RDI, RSI, RDX  x, weights, running weights     v0 …          sums, one for each output
 * RAX, R15       running row of x, X_ROW         FIRST_W …     weights of a group
 * RBX            bytes from column to column     v14 …         columns in turn
 * R8             parameters                      k1 or v15     mask of the last channels
 * R10, R11       x and y of the block            R9            rows to go
 * R12, R13       bytes and channels: done, to go
 * R14, RBP       blocks to go, whatever is needed for short
 * </pre>
 */
final class DepthwiseCode {
  // slots; offsets and distances in bytes
  static final int X_OFFSET = 0;
  static final int W_OFFSET = 1;
  static final int Y_OFFSET = 2;
  static final int LINES = 3;
  static final int X_LINE = 4;
  static final int Y_LINE = 5;
  static final int BLOCKS = 6;
  static final int X_BLOCK = 7;
  static final int Y_BLOCK = 8;
  static final int ROWS = 9;
  static final int X_ROW = 10;
  static final int COLUMN = 11;
  static final int CHANNELS = 12;
  static final int MASK = 13;
  static final int STEPS = 14;
  static final int PARAMETERS = 15; // from bias to factor, from factor to shift
  static final int PARAMETERS_OFFSET = 16;
  static final int MOST = 17; // bits of a float

  // what the kernel puts by
  private static final int X_NEXT = 20;
  private static final int Y_NEXT = 21;

  // bits of STEPS
  static final int BIAS = 1;
  static final int SCALE = 2;
  static final int RELU = 4;
  static final int BOUND = 8;

  private static final Gpr X = Gpr.RDI;
  private static final Gpr WEIGHTS = Gpr.RSI;
  private static final Gpr W = Gpr.RDX;
  private static final Gpr ROW = Gpr.RAX;
  private static final Gpr STEP = Gpr.RBX;
  private static final Gpr P = Gpr.R8;
  private static final Gpr ROWS_LEFT = Gpr.R9;
  private static final Gpr BLOCK_X = Gpr.R10;
  private static final Gpr BLOCK_Y = Gpr.R11;
  private static final Gpr DONE = Gpr.R12;
  private static final Gpr LEFT = Gpr.R13;
  private static final Gpr BLOCKS_LEFT = Gpr.R14;
  private static final Gpr ROW_STEP = Gpr.R15;
  private static final Gpr ANY = Gpr.RBP;
  private static final Gpr[] SAVED = {Gpr.RBX, Gpr.RBP, Gpr.R12, Gpr.R13, Gpr.R14, Gpr.R15};

  /** The most outputs of a block. */
  static final int MOST_OUTPUTS = 8;

  private static final int COLUMNS = 2; // registers that take columns in turn
  private static final int MASK_OF_AVX2 = 15;

  private final Assembler a;
  private final Block block;
  private final boolean wide;
  private final int firstW;
  private final int firstX;
  private final int group; // taps whose weights are in registers at once
  private boolean partial;
  private int columns;

  private DepthwiseCode(Isa isa, Block block) {
    this.a = new Assembler(isa);
    this.block = block;
    this.wide = isa == Isa.AVX512;
    int registers = wide ? isa.registers() : MASK_OF_AVX2;
    firstW = block.outputs();
    int most = registers - firstW - COLUMNS;
    int groups = (block.taps() + most - 1) / most;
    group = (block.taps() + groups - 1) / groups;
    firstX = firstW + group;
  }

  static byte[] assemble(Isa isa, Block block) {
    return new DepthwiseCode(isa, block).code();
  }

  private byte[] code() {
    a.push(SAVED);
    a.add(X, slot(X_OFFSET));
    a.mov(slot(X_NEXT), X);
    a.add(WEIGHTS, slot(W_OFFSET));
    a.add(Gpr.RDX, slot(Y_OFFSET));
    a.mov(slot(Y_NEXT), Gpr.RDX);
    a.add(P, slot(PARAMETERS_OFFSET));
    a.mov(STEP, slot(COLUMN));
    a.mov(ROW_STEP, slot(X_ROW));
    a.mov(ANY, slot(MASK));
    if (wide) {
      a.maskFrom(1, ANY);
    } else {
      a.load(MASK_OF_AVX2, Mem.at(ANY));
    }
    Label line = a.here();
    a.mov(BLOCK_X, slot(X_NEXT));
    a.mov(BLOCK_Y, slot(Y_NEXT));
    a.mov(BLOCKS_LEFT, slot(BLOCKS));
    Label next = a.here();
    channels();
    a.add(BLOCK_X, slot(X_BLOCK));
    a.add(BLOCK_Y, slot(Y_BLOCK));
    a.sub(BLOCKS_LEFT, 1);
    a.jump(NOT_EQUAL, next);
    advance(X_NEXT, X_LINE);
    advance(Y_NEXT, Y_LINE);
    a.mov(ANY, slot(LINES));
    a.sub(ANY, 1);
    a.mov(slot(LINES), ANY);
    a.jump(NOT_EQUAL, line);
    a.pop(SAVED);
    a.leave();
    return a.finish();
  }

  private void advance(int slot, int by) {
    a.mov(ANY, slot(slot));
    a.add(ANY, slot(by));
    a.mov(slot(slot), ANY);
  }

  /** All channels of a block: whole vectors, then the rest under the mask. */
  private void channels() {
    int lanes = a.isa().lanes();
    Label rest = a.label();
    Label end = a.label();
    a.mov(DONE, 0);
    a.mov(LEFT, slot(CHANNELS));
    a.sub(LEFT, lanes);
    a.jump(LESS, rest);
    a.align(64);
    Label vector = a.here();
    vector();
    a.add(DONE, a.isa().bytes());
    a.sub(LEFT, lanes);
    a.jump(GREATER_OR_EQUAL, vector);
    a.bind(rest);
    a.add(LEFT, lanes);
    a.jump(EQUAL, end);
    partial = true;
    vector();
    partial = false;
    a.bind(end);
  }

  /** A vector of channels of all outputs. */
  private void vector() {
    for (int p = 0; p < block.outputs(); p++) {
      a.zero(p);
    }
    Label done = a.label();
    a.lea(ROW, Mem.at(BLOCK_X, DONE, 1));
    a.lea(W, Mem.at(WEIGHTS, DONE, 1));
    a.mov(ROWS_LEFT, slot(ROWS));
    a.sub(ROWS_LEFT, 1);
    a.jump(LESS, done);
    Label row = a.here();
    for (int t = 0; t < block.taps(); t += group) {
      taps(t, Math.min(block.taps(), t + group));
    }
    a.add(ROW, ROW_STEP);
    a.sub(ROWS_LEFT, 1);
    a.jump(GREATER_OR_EQUAL, row);
    a.bind(done);
    finish();
    a.lea(X, Mem.at(BLOCK_Y, DONE, 1));
    for (int p = 0; p < block.outputs(); p++) {
      if (partial) {
        a.store(Mem.at(X), p, mask());
      } else {
        a.store(Mem.at(X), p);
      }
      if (p < block.outputs() - 1) {
        a.add(X, STEP);
      }
    }
  }

  /** Adds the products of taps {@code from … to - 1} of a row. */
  private void taps(int from, int to) {
    for (int t = from; t < to; t++) {
      load(firstW + t - from, Mem.at(W));
      a.add(W, STEP);
    }
    int at = block.low(); // the column of X
    a.mov(X, ROW);
    for (int column = block.low(); column < block.high(); column++) {
      int register = firstX + columns % COLUMNS;
      boolean read = false;
      for (int p = 0; p < block.outputs(); p++) {
        int tap = block.tap(p, column);
        if (tap < from || tap >= to) {
          continue;
        }
        if (!read) {
          move(column - at);
          at = column;
          load(register, Mem.at(X));
          columns++;
          read = true;
        }
        a.op(Op.FMA_231, p, register, firstW + tap - from);
      }
    }
  }

  /** Moves X on by so many columns. */
  private void move(int by) {
    for (int scale = 8; scale > 0; scale /= 2) {
      while (by >= scale) {
        if (scale == 1) {
          a.add(X, STEP);
        } else {
          a.lea(X, Mem.at(X, STEP, scale));
        }
        by -= scale;
      }
    }
  }

  /** What follows the sums, in registers that hold weights and columns otherwise. */
  private void finish() {
    int temporary = firstW;
    step(
        BIAS,
        () -> {
          load(temporary, Mem.at(P, DONE, 1));
          each(p -> a.op(Op.ADD, p, p, temporary));
        });
    step(
        SCALE,
        () -> {
          a.lea(ANY, Mem.at(P, DONE, 1));
          a.add(ANY, slot(PARAMETERS));
          load(temporary, Mem.at(ANY));
          each(p -> a.op(Op.MULTIPLY, p, p, temporary));
          a.add(ANY, slot(PARAMETERS));
          load(temporary, Mem.at(ANY));
          each(p -> a.op(Op.ADD, p, p, temporary));
        });
    step(
        RELU,
        () -> {
          a.zero(temporary);
          each(p -> a.op(Op.MAX, p, temporary, p)); // a NaN stays
          each(p -> a.op(Op.ADD, p, p, temporary)); // and −0 becomes 0
        });
    step(
        BOUND,
        () -> {
          a.broadcast(temporary, slot(MOST));
          each(p -> a.op(Op.MIN, p, temporary, p));
        });
  }

  /** Code for a sum. */
  private interface Each {
    void sum(int p);
  }

  private void each(Each code) {
    for (int p = 0; p < block.outputs(); p++) {
      code.sum(p);
    }
  }

  /** Code that runs if {@code bit} is among the steps. */
  private void step(int bit, Runnable code) {
    Label without = a.label();
    a.mov(ANY, slot(STEPS));
    a.test(ANY, bit);
    a.jump(EQUAL, without);
    code.run();
    a.bind(without);
  }

  private int mask() {
    return wide ? 1 : MASK_OF_AVX2;
  }

  private void load(int d, Mem m) {
    if (partial) {
      a.load(d, m, mask());
    } else {
      a.load(d, m);
    }
  }
}
