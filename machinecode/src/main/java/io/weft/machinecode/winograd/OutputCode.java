package io.weft.machinecode.winograd;

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
 * {@code y = Aᵀ M A}, then bias, factor, shift and bounds, each if the frame's {@code STEPS} name
 * it, for a rectangle of tiles of which one or two rows and columns are wanted. All sums times 0
 * are added up, so that the caller sees whether one was not finite.
 *
 * <pre>
 * RAX, RBX, RDX, RBP   points 0, 4, 8, 12 of M     v0 … v3    the outputs
 * R10, R11             1, 3 points                 v4 … v7    what is added to them
 * RSI, RDI, R9         rows 0, 1 of y, a pixel     v11        upper bound
 * R8, R12              bias; its distance          v12        the sums times 0
 * R13, R14, R15        vectors, tiles to go; steps v14, v15   0; a mask (AVX2)
 * </pre>
 */
final class OutputCode {
  /** The first tile's first point, from the start of x. */
  static final int M_OFFSET = 0;

  /** From a tile's M to that of the next one in its line. */
  static final int M_TILE = 1;

  /** From a line of tiles to the next, in M. */
  static final int M_LINE = 2;

  /** From a point to the next. */
  static final int POINT = 3;

  /** First output of the first tile, from the start of y. */
  static final int Y_OFFSET = 4;

  /** From a row of outputs to the next. */
  static final int Y_ROW = 5;

  /** From an output pixel to the next. */
  static final int PIXEL = 6;

  /** Lines of tiles. */
  static final int LINES = 7;

  /** Tiles in a line. */
  static final int TILES = 8;

  /** Whole vectors of filters. */
  static final int VECTORS = 9;

  /** Filters left. */
  static final int REST = 10;

  /** Their mask. */
  static final int MASK = 11;

  /** What follows the sums, as bits. */
  static final int STEPS = 12;

  /** Of {@link #STEPS}: the bias of the filter is added. */
  static final int BIAS = 1;

  /** Of {@link #STEPS}: then its factor multiplies, and its shift is added. */
  static final int SCALE = 2;

  /** Of {@link #STEPS}: then negative numbers become 0. */
  static final int RELU = 4;

  /** Of {@link #STEPS}: then those above {@link #MOST} become that. */
  static final int BOUND = 8;

  /** From biases to factors, and from there to shifts. Biases are at the start of w. */
  static final int PARAMETERS = 13;

  /** Upper bound, as bits of a float. */
  static final int MOST = 14;

  /** A vector: zeros, or not where a sum was not finite. */
  static final int NOT_FINITE = 15;

  // what the kernel puts by
  private static final int M_START = 24;
  private static final int Y_START = 25;
  private static final int M_AT = 26;
  private static final int Y_AT = 27;
  private static final int W = 28;
  private static final int LINES_LEFT = 29;

  private static final Gpr[] ROWS = {Gpr.RAX, Gpr.RBX, Gpr.RDX, Gpr.RBP};
  private static final Gpr ONE_POINT = Gpr.R10;
  private static final Gpr THREE_POINTS = Gpr.R11;
  private static final Gpr[] Y = {Gpr.RSI, Gpr.RDI};
  private static final Gpr ONE_PIXEL = Gpr.R9;
  private static final Gpr P = Gpr.R8;
  private static final Gpr DISTANCE = Gpr.R12;
  private static final Gpr LEFT = Gpr.R13;
  private static final Gpr TILES_LEFT = Gpr.R14;
  private static final Gpr WANTED = Gpr.R15;
  private static final Gpr[] SAVED = {Gpr.RBX, Gpr.RBP, Gpr.R12, Gpr.R13, Gpr.R14, Gpr.R15};

  private static final int SUM = 4; // and 5: of a column, down to outputs 0 and 1
  private static final int SECOND = 6;
  private static final int THIRD = 7;
  private static final int MOST_ALLOWED = 11;
  private static final int TIMES_ZERO = 12;
  private static final int ZERO = 14;
  private static final int MASK_OF_AVX2 = 15;

  private final Assembler a;
  private final int rows;
  private final int columns;

  private OutputCode(Isa isa, int rows, int columns) {
    this.a = new Assembler(isa);
    this.rows = rows;
    this.columns = columns;
  }

  /** The kernel for tiles of {@code rows} × {@code columns} outputs, one or two of each. */
  static byte[] assemble(Isa isa, int rows, int columns) {
    return new OutputCode(isa, rows, columns).code();
  }

  private byte[] code() {
    a.push(SAVED);
    enter();
    Label line = a.here();
    copy(M_AT, M_START);
    copy(Y_AT, Y_START);
    a.mov(TILES_LEFT, slot(TILES));
    Label next = a.here();
    filters();
    a.mov(LEFT, slot(M_AT));
    a.add(LEFT, slot(M_TILE));
    a.mov(slot(M_AT), LEFT);
    a.mov(LEFT, slot(Y_AT));
    a.lea(LEFT, Mem.at(LEFT, ONE_PIXEL, 2));
    a.mov(slot(Y_AT), LEFT);
    a.sub(TILES_LEFT, 1);
    a.jump(NOT_EQUAL, next);
    a.mov(LEFT, slot(M_START));
    a.add(LEFT, slot(M_LINE));
    a.mov(slot(M_START), LEFT);
    a.mov(LEFT, slot(Y_START));
    a.add(LEFT, slot(Y_ROW));
    a.add(LEFT, slot(Y_ROW));
    a.mov(slot(Y_START), LEFT);
    a.mov(LEFT, slot(LINES_LEFT));
    a.sub(LEFT, 1);
    a.mov(slot(LINES_LEFT), LEFT);
    a.jump(NOT_EQUAL, line);
    a.store(slot(NOT_FINITE), TIMES_ZERO);
    a.pop(SAVED);
    a.leave();
    return a.finish();
  }

  private void enter() {
    a.add(Gpr.RDI, slot(M_OFFSET));
    a.mov(slot(M_START), Gpr.RDI);
    a.add(Gpr.RSI, slot(Y_OFFSET));
    a.mov(slot(Y_START), Gpr.RSI);
    a.mov(slot(W), P); // w comes in R8
    a.mov(ONE_PIXEL, slot(PIXEL));
    a.mov(ONE_POINT, slot(POINT));
    a.lea(THREE_POINTS, Mem.at(ONE_POINT, ONE_POINT, 2));
    a.mov(DISTANCE, slot(PARAMETERS));
    a.mov(WANTED, slot(STEPS));
    copy(LINES_LEFT, LINES);
    a.mov(LEFT, slot(MASK));
    if (a.isa() == Isa.AVX512) {
      a.maskFrom(1, LEFT);
    } else {
      a.load(MASK_OF_AVX2, Mem.at(LEFT));
    }
    a.zero(ZERO);
    a.zero(TIMES_ZERO);
    a.broadcast(MOST_ALLOWED, slot(MOST));
  }

  private void copy(int to, int from) {
    a.mov(LEFT, slot(from));
    a.mov(slot(to), LEFT);
  }

  /** All filters of a tile. */
  private void filters() {
    a.mov(ROWS[0], slot(M_AT));
    for (int i = 1; i < ROWS.length; i++) {
      a.lea(ROWS[i], Mem.at(ROWS[i - 1], ONE_POINT, ROWS.length));
    }
    a.mov(Y[0], slot(Y_AT));
    a.mov(Y[1], Y[0]);
    a.add(Y[1], slot(Y_ROW));
    a.mov(P, slot(W));
    Label rest = a.label();
    Label done = a.label();
    a.mov(LEFT, slot(VECTORS));
    a.add(LEFT, 0);
    a.jump(EQUAL, rest);
    Label loop = a.here();
    vector(0);
    for (Gpr pointer : new Gpr[] {ROWS[0], ROWS[1], ROWS[2], ROWS[3], Y[0], Y[1], P}) {
      a.add(pointer, a.isa().bytes());
    }
    a.sub(LEFT, 1);
    a.jump(NOT_EQUAL, loop);
    a.bind(rest);
    a.mov(LEFT, slot(REST));
    a.add(LEFT, 0);
    a.jump(EQUAL, done);
    vector(a.isa() == Isa.AVX512 ? 1 : MASK_OF_AVX2);
    a.bind(done);
  }

  /** One vector of filters. */
  private void vector(int mask) {
    sums(mask);
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        a.op(Op.FMA_231, TIMES_ZERO, output(i, j), ZERO);
      }
    }
    Label next = unless(BIAS);
    parameter(Op.ADD, 0, mask);
    a.bind(next);
    next = unless(SCALE);
    parameter(Op.MULTIPLY, 1, mask);
    parameter(Op.ADD, 2, mask);
    a.bind(next);
    next = unless(RELU);
    each(Op.MAX, ZERO);
    a.bind(next);
    next = unless(BOUND);
    each(Op.MIN, MOST_ALLOWED);
    a.bind(next);
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        a.store(j == 0 ? Mem.at(Y[i]) : Mem.at(Y[i], ONE_PIXEL, 1), output(i, j), mask);
      }
    }
  }

  /** The outputs, from the columns of M one after the other. */
  private void sums(int mask) {
    for (int j = 0; j < ROWS.length; j++) {
      if (j == 3 && columns == 1) {
        return;
      }
      for (int i = 0; i < rows; i++) {
        int to = j == 0 ? output(i, 0) : j == 1 && columns == 2 ? output(i, 1) : SUM + i;
        column(i, j, to, mask);
        if (j == 1 || j == 2) {
          a.op(Op.ADD, output(i, 0), output(i, 0), to);
        }
        if (j >= 2 && columns == 2) {
          a.op(Op.SUBTRACT, output(i, 1), output(i, 1), to);
        }
      }
    }
  }

  /** {@code to = (Aᵀ M)_ij}; for i = 1 after i = 0, which leaves the points that both need. */
  private void column(int i, int j, int to, int mask) {
    if (i == 0) {
      a.load(SECOND, point(1, j), mask);
      a.load(THIRD, point(2, j), mask);
      a.load(to, point(0, j), mask);
      a.op(Op.ADD, to, to, SECOND);
      a.op(Op.ADD, to, to, THIRD);
    } else {
      a.op(Op.SUBTRACT, to, SECOND, THIRD);
      a.load(SECOND, point(3, j), mask);
      a.op(Op.SUBTRACT, to, to, SECOND);
    }
  }

  private static Mem point(int row, int column) {
    return InputCode.element(ROWS[row], column, ONE_POINT, THREE_POINTS);
  }

  private static int output(int row, int column) {
    return 2 * row + column;
  }

  private void parameter(Op op, int which, int mask) {
    a.load(SUM, which == 0 ? Mem.at(P) : Mem.at(P, DISTANCE, which), mask);
    each(op, SUM);
  }

  /** {@code output = op(operand, output)} for each, so that of MIN and MAX a NaN stays. */
  private void each(Op op, int operand) {
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        a.op(op, output(i, j), operand, output(i, j));
      }
    }
  }

  /** Jumps to what is bound to the label unless a step is wanted. */
  private Label unless(int step) {
    Label without = a.label();
    a.test(WANTED, step);
    a.jump(EQUAL, without);
    return without;
  }
}
