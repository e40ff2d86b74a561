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
 * Both gradients of lines, in the order of the outputs: {@code dw[t] += x dy}, the sums of a row of
 * the filter in registers, or {@code dx += w[t] dy}, its weights in registers.
 *
 * <pre>
 * for each line, for each row of the filter, for each vector of channels
 *   for each output, for each tap t that meets the input: one of the two
 * </pre>
 *
 * <pre>
 * RSI, RDX       dy of the line, the filter      v0 …       a row of the filter
 * R10, R11       x and filter of the row         then       dy, and a number of x
 * RAX, R14       running x and dy                k1 or v15  mask of the last channels
 * RBX, RBP       from column to column, to the next output's column
 * R8, R9, R15    1, 3, 5 times from tap to tap
 * R12, R13       bytes and channels: done, to go
 * RDI            whatever is needed for short
 * </pre>
 */
final class GradientCode {
  // slots; offsets and distances in bytes
  static final int X_OFFSET = 0; // of the column that tap 0 of output 0 meets, padding counted
  static final int W_OFFSET = 1;
  static final int Y_OFFSET = 2;
  static final int LINES = 3;
  static final int X_LINE = 4;
  static final int Y_LINE = 5;
  static final int ROWS = 6; // at least one
  static final int X_ROW = 7;
  static final int W_ROW = 8;
  static final int COLUMN = 9;
  static final int TAP = 10;
  static final int OUTPUT = 11;
  static final int INNER = 12; // outputs between the edges
  static final int CHANNELS = 13;
  static final int MASK = 14;

  // what the kernel puts by
  private static final int X_NEXT = 20;
  private static final int ROWS_LEFT = 21;

  private static final Gpr Y_OF_LINE = Gpr.RSI;
  private static final Gpr FILTER = Gpr.RDX;
  private static final Gpr X_OF_ROW = Gpr.R10;
  private static final Gpr W_OF_ROW = Gpr.R11;
  private static final Gpr X = Gpr.RAX;
  private static final Gpr Y = Gpr.R14;
  private static final Gpr STEP = Gpr.RBX;
  private static final Gpr NEXT = Gpr.RBP;
  private static final Gpr TAP1 = Gpr.R8;
  private static final Gpr TAP3 = Gpr.R9;
  private static final Gpr TAP5 = Gpr.R15;
  private static final Gpr DONE = Gpr.R12;
  private static final Gpr LEFT = Gpr.R13;
  private static final Gpr ANY = Gpr.RDI;
  private static final Gpr[] SAVED = {Gpr.RBX, Gpr.RBP, Gpr.R12, Gpr.R13, Gpr.R14, Gpr.R15};

  private final Assembler a;
  private final Edges edges;
  private final boolean toFilter;
  private final int mask;
  private final int dy;
  private final int number;
  private boolean partial;

  private GradientCode(Isa isa, Edges edges, boolean toFilter) {
    this.a = new Assembler(isa);
    this.edges = edges;
    this.toFilter = toFilter;
    mask = isa == Isa.AVX512 ? 1 : 15;
    dy = edges.taps();
    number = dy + 1;
  }

  /** The gradient with respect to the filter, or to the input. */
  static byte[] assemble(Isa isa, Edges edges, boolean toFilter) {
    return new GradientCode(isa, edges, toFilter).code();
  }

  private byte[] code() {
    a.push(SAVED);
    a.add(ANY, slot(X_OFFSET));
    a.mov(slot(X_NEXT), ANY);
    a.add(FILTER, slot(W_OFFSET));
    a.add(Y_OF_LINE, slot(Y_OFFSET));
    a.mov(STEP, slot(COLUMN));
    a.mov(NEXT, slot(OUTPUT));
    a.mov(TAP1, slot(TAP));
    a.lea(TAP3, Mem.at(TAP1, TAP1, 2));
    a.lea(TAP5, Mem.at(TAP1, TAP1, 4));
    a.mov(ANY, slot(MASK));
    if (a.isa() == Isa.AVX512) {
      a.maskFrom(mask, ANY);
    } else {
      a.load(mask, Mem.at(ANY));
    }
    Label line = a.here();
    a.mov(X_OF_ROW, slot(X_NEXT));
    a.mov(W_OF_ROW, FILTER);
    a.mov(ANY, slot(ROWS));
    Label row = a.here();
    a.mov(slot(ROWS_LEFT), ANY);
    channels();
    a.add(X_OF_ROW, slot(X_ROW));
    a.add(W_OF_ROW, slot(W_ROW));
    a.mov(ANY, slot(ROWS_LEFT));
    a.sub(ANY, 1);
    a.jump(NOT_EQUAL, row);
    a.mov(ANY, slot(X_NEXT));
    a.add(ANY, slot(X_LINE));
    a.mov(slot(X_NEXT), ANY);
    a.add(Y_OF_LINE, slot(Y_LINE));
    a.mov(ANY, slot(LINES));
    a.sub(ANY, 1);
    a.mov(slot(LINES), ANY);
    a.jump(NOT_EQUAL, line);
    a.pop(SAVED);
    a.leave();
    return a.finish();
  }

  private void channels() {
    int lanes = a.isa().lanes();
    Label rest = a.label();
    Label end = a.label();
    a.mov(DONE, 0);
    a.mov(LEFT, slot(CHANNELS));
    a.sub(LEFT, lanes);
    a.jump(LESS, rest);
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

  /** A row of the filter for a vector of channels, all outputs of a line. */
  private void vector() {
    a.lea(ANY, Mem.at(W_OF_ROW, DONE, 1));
    for (int t = 0; t < edges.taps(); t++) {
      load(t, Mem.at(ANY));
      a.add(ANY, STEP);
    }
    a.lea(X, Mem.at(X_OF_ROW, DONE, 1));
    a.lea(Y, Mem.at(Y_OF_LINE, DONE, 1));
    edges.left().forEach(this::output);
    Label inner = a.label();
    Label none = a.label();
    a.mov(ANY, slot(INNER));
    a.sub(ANY, 1);
    a.jump(LESS, none);
    a.align(64);
    a.bind(inner);
    output(edges.all());
    a.sub(ANY, 1);
    a.jump(GREATER_OR_EQUAL, inner);
    a.bind(none);
    edges.right().forEach(this::output);
    if (toFilter) {
      a.lea(ANY, Mem.at(W_OF_ROW, DONE, 1));
      for (int t = 0; t < edges.taps(); t++) {
        store(Mem.at(ANY), t);
        a.add(ANY, STEP);
      }
    }
  }

  /** The taps of an output that meet the input; then on to the next one. */
  private void output(int taps) {
    if (taps != 0) {
      load(dy, Mem.at(Y));
    }
    for (int t = 0; t < edges.taps(); t++) {
      if ((taps >> t & 1) != 0) {
        Mem x = column(t);
        if (toFilter && !partial) {
          a.op(Op.FMA_231, t, dy, x);
          continue;
        }
        load(number, x);
        if (toFilter) {
          a.op(Op.FMA_231, t, dy, number);
        } else {
          a.op(Op.FMA_231, number, dy, t);
          store(x, number);
        }
      }
    }
    a.add(X, NEXT);
    a.add(Y, STEP);
  }

  private static Mem column(int tap) {
    return switch (tap) {
      case 0 -> Mem.at(X);
      case 1 -> Mem.at(X, TAP1, 1);
      case 2 -> Mem.at(X, TAP1, 2);
      case 3 -> Mem.at(X, TAP3, 1);
      case 4 -> Mem.at(X, TAP1, 4);
      case 5 -> Mem.at(X, TAP5, 1);
      default -> Mem.at(X, TAP3, 2);
    };
  }

  private void load(int d, Mem m) {
    if (partial) {
      a.load(d, m, mask);
    } else {
      a.load(d, m);
    }
  }

  private void store(Mem m, int s) {
    if (partial) {
      a.store(m, s, mask);
    } else {
      a.store(m, s);
    }
  }
}
