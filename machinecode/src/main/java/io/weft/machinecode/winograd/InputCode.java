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
 * {@code V = Bᵀ d B} for tiles of one kind, a rectangle of them, two pixels apart: first down the
 * columns, then along the rows, each output from the four numbers of two pairs.
 *
 * <pre>
 * RAX, RBX, RDX, RBP   rows 0 … 3 of the tile      v0 … v3    what the columns gave
 * RSI                  V, row by row of the tile   v4, v5     what is loaded, what is stored
 * R8, R9; R10, R11     1, 3 pixels; 1, 3 points    v14, v15   0; a mask (AVX2)
 * RDI                  16 points                   k1         a mask (AVX-512)
 * R12, R13, R14, R15   a row of the image; vectors, tiles, lines of tiles to go
 * </pre>
 */
final class InputCode {
  /** First pixel of the first tile, padding counted, from the start of x. */
  static final int X_OFFSET = 0;

  /** From a row of the image to the next. */
  static final int X_ROW = 1;

  /** From a pixel to the next. */
  static final int PIXEL = 2;

  /** The first tile's first point, from the start of y. */
  static final int V_OFFSET = 3;

  /** From a tile's V to that of the next one in its line. */
  static final int V_TILE = 4;

  /** From a line of tiles to the next, in V. */
  static final int V_LINE = 5;

  /** From a point to the next. */
  static final int POINT = 6;

  /** Lines of tiles. */
  static final int LINES = 7;

  /** Tiles in a line. */
  static final int TILES = 8;

  /** Whole vectors of channels. */
  static final int VECTORS = 9;

  /** Channels left. */
  static final int REST = 10;

  /** Their mask. */
  static final int MASK = 11;

  // what the kernel puts by
  private static final int X_START = 12;
  private static final int V_START = 13;
  private static final int X_TILE = 14;
  private static final int V_AT = 15;

  private static final Gpr[] ROWS = {Gpr.RAX, Gpr.RBX, Gpr.RDX, Gpr.RBP};
  private static final Gpr V = Gpr.RSI;
  private static final Gpr ONE_PIXEL = Gpr.R8;
  private static final Gpr THREE_PIXELS = Gpr.R9;
  private static final Gpr ONE_POINT = Gpr.R10;
  private static final Gpr THREE_POINTS = Gpr.R11;
  private static final Gpr ALL_POINTS = Gpr.RDI;
  private static final Gpr ROW = Gpr.R12;
  private static final Gpr LEFT = Gpr.R13;
  private static final Gpr TILES_LEFT = Gpr.R14;
  private static final Gpr LINES_LEFT = Gpr.R15;
  private static final Gpr[] SAVED = {Gpr.RBX, Gpr.RBP, Gpr.R12, Gpr.R13, Gpr.R14, Gpr.R15};

  private static final int LOADED = 4;
  private static final int STORED = 5;
  private static final int ZERO = 14;
  private static final int MASK_OF_AVX2 = 15;
  private static final int SIDE = 4;

  /** Row i of Bᵀ is the first of the pair minus the second, that of i = 1 plus the second. */
  private static final int[][] PAIRS = {{0, 2}, {1, 2}, {2, 1}, {1, 3}};

  private final Assembler a;
  private final Tile tile;

  private InputCode(Isa isa, Tile tile) {
    this.a = new Assembler(isa);
    this.tile = tile;
  }

  /** The kernel for tiles of one kind. */
  static byte[] assemble(Isa isa, Tile tile) {
    return new InputCode(isa, tile).code();
  }

  private byte[] code() {
    a.push(SAVED);
    enter();
    Label line = a.here();
    copy(X_TILE, X_START);
    copy(V_AT, V_START);
    a.mov(TILES_LEFT, slot(TILES));
    Label next = a.here();
    channels();
    a.mov(V, slot(V_AT));
    a.add(V, slot(V_TILE));
    a.mov(slot(V_AT), V);
    a.mov(V, slot(X_TILE));
    a.lea(V, Mem.at(V, ONE_PIXEL, 2));
    a.mov(slot(X_TILE), V);
    a.sub(TILES_LEFT, 1);
    a.jump(NOT_EQUAL, next);
    a.mov(V, slot(X_START));
    a.lea(V, Mem.at(V, ROW, 2));
    a.mov(slot(X_START), V);
    a.mov(V, slot(V_START));
    a.add(V, slot(V_LINE));
    a.mov(slot(V_START), V);
    a.sub(LINES_LEFT, 1);
    a.jump(NOT_EQUAL, line);
    a.pop(SAVED);
    a.leave();
    return a.finish();
  }

  private void enter() {
    a.add(Gpr.RDI, slot(X_OFFSET));
    a.mov(slot(X_START), Gpr.RDI);
    a.add(V, slot(V_OFFSET));
    a.mov(slot(V_START), V);
    a.mov(ROW, slot(X_ROW));
    a.mov(ONE_PIXEL, slot(PIXEL));
    a.lea(THREE_PIXELS, Mem.at(ONE_PIXEL, ONE_PIXEL, 2));
    a.mov(ONE_POINT, slot(POINT));
    a.lea(THREE_POINTS, Mem.at(ONE_POINT, ONE_POINT, 2));
    a.imul(ALL_POINTS, ONE_POINT, SIDE * SIDE);
    a.mov(LINES_LEFT, slot(LINES));
    a.mov(LEFT, slot(MASK));
    if (a.isa() == Isa.AVX512) {
      a.maskFrom(1, LEFT);
    } else {
      a.load(MASK_OF_AVX2, Mem.at(LEFT));
    }
    a.zero(ZERO);
  }

  private void copy(int to, int from) {
    a.mov(V, slot(from));
    a.mov(slot(to), V);
  }

  /** All channels of a tile. */
  private void channels() {
    a.mov(ROWS[0], slot(X_TILE));
    for (int i = 1; i < SIDE; i++) {
      a.lea(ROWS[i], Mem.at(ROWS[i - 1], ROW, 1));
    }
    a.mov(V, slot(V_AT));
    Label rest = a.label();
    Label done = a.label();
    a.mov(LEFT, slot(VECTORS));
    a.add(LEFT, 0);
    a.jump(EQUAL, rest);
    Label loop = a.here();
    vector(0);
    for (Gpr row : ROWS) {
      a.add(row, a.isa().bytes());
    }
    a.sub(V, ALL_POINTS);
    a.add(V, a.isa().bytes());
    a.sub(LEFT, 1);
    a.jump(NOT_EQUAL, loop);
    a.bind(rest);
    a.mov(LEFT, slot(REST));
    a.add(LEFT, 0);
    a.jump(EQUAL, done);
    vector(a.isa() == Isa.AVX512 ? 1 : MASK_OF_AVX2);
    a.bind(done);
  }

  /** One vector of channels. V ends behind its last point. */
  private void vector(int mask) {
    for (int i = 0; i < SIDE; i++) {
      boolean any = tile.hasRow(PAIRS[i][0]) || tile.hasRow(PAIRS[i][1]);
      for (int j = 0; j < SIDE && any; j++) {
        if (tile.hasColumn(j)) {
          column(i, j, mask);
        }
      }
      for (int j = 0; j < SIDE; j++) {
        int from = any ? pair(j, tile.hasColumn(PAIRS[j][0]), tile.hasColumn(PAIRS[j][1])) : ZERO;
        a.store(point(j), from, mask);
      }
      a.lea(V, Mem.at(V, ONE_POINT, SIDE));
    }
  }

  /** {@code v_j = (Bᵀ d)_ij}. */
  private void column(int i, int j, int mask) {
    int first = PAIRS[i][0];
    int second = PAIRS[i][1];
    if (!tile.hasRow(second)) {
      a.load(j, pixel(first, j), mask);
      return;
    }
    if (!tile.hasRow(first)) {
      a.load(LOADED, pixel(second, j), mask);
      a.op(operation(i), j, ZERO, LOADED);
      return;
    }
    a.load(j, pixel(first, j), mask);
    if (mask == 0) {
      a.op(operation(i), j, j, pixel(second, j));
    } else {
      a.load(LOADED, pixel(second, j), mask);
      a.op(operation(i), j, j, LOADED);
    }
  }

  /** Where {@code V_ij} of the present row i is to be found. */
  private int pair(int j, boolean first, boolean second) {
    if (!second) {
      return first ? PAIRS[j][0] : ZERO;
    }
    a.op(operation(j), STORED, first ? PAIRS[j][0] : ZERO, PAIRS[j][1]);
    return STORED;
  }

  private static Op operation(int i) {
    return i == 1 ? Op.ADD : Op.SUBTRACT;
  }

  private static Mem pixel(int row, int column) {
    return element(ROWS[row], column, ONE_PIXEL, THREE_PIXELS);
  }

  private static Mem point(int column) {
    return element(V, column, ONE_POINT, THREE_POINTS);
  }

  /** The place 0 … 3 steps on. */
  static Mem element(Gpr base, int steps, Gpr one, Gpr three) {
    return switch (steps) {
      case 0 -> Mem.at(base);
      case 3 -> Mem.at(base, three, 1);
      default -> Mem.at(base, one, steps);
    };
  }
}
