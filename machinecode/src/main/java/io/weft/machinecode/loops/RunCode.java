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
import java.util.function.IntConsumer;

/**
 * A loop over runs of up to four operands: {@link #UNROLL} vectors at a time, then one, then the
 * rest under a mask (zeros in the lanes beyond).
 *
 * <pre>
 * RDI, RSI, RDX, R8   running operands 0 … 3      RAX        elements to go
 * v0 … v3             sums                         k1 or v15  mask of the rest
 * v4 …                numbers of the body          v12 … v14  scalars
 * R9, R10             one and three strides, of loops whose operands have parts
 * RBX, R11 … R15      where there are rows: those to go, the row's statistics, starts of operands
 * </pre>
 */
final class RunCode {
  /** Vectors of a round of the loop, each with a sum of its own. */
  static final int UNROLL = 4;

  /** Slots of the operands' offsets in bytes. */
  static final int OFFSETS = 0;

  /** Number of elements. */
  static final int COUNT = 4;

  /** Mask of those beyond whole vectors. */
  static final int MASK = 5;

  /** Slots of scalars, as bits of a float. */
  static final int SCALARS = 6;

  /** Bytes between the parts of a strided operand. */
  static final int STRIDE = 9;

  /** Number of rows. */
  static final int ROWS = 10;

  /** Bytes from one row of an operand to the next. */
  static final int ROW_BYTES = 11;

  /** Rows that a call may have. */
  static final int MOST_ROWS = 32;

  /** First of two numbers for each row, each in a slot of its own. */
  static final int FIRST_OF_ROW = 16;

  /** Second of them; stores of whole vectors reach eight slots beyond the last. */
  static final int SECOND_OF_ROW = FIRST_OF_ROW + MOST_ROWS + 8;

  /** Register of the first scalar. */
  static final int FIRST_SCALAR = 12;

  private static final Gpr[] OPERANDS = {Gpr.RDI, Gpr.RSI, Gpr.RDX, Gpr.R8};
  private static final Gpr[] STARTS = {Gpr.R12, Gpr.R13, Gpr.R14, Gpr.R15};
  private static final Gpr LEFT = Gpr.RAX;
  private static final Gpr ROWS_LEFT = Gpr.RBX;
  private static final Gpr STATISTICS = Gpr.R11;

  final Assembler a;
  private final int operands;
  private final int mask;
  private int at; // bytes from the running operands
  private boolean partial;
  private boolean byRow;

  /** Starts a function: operands and scalars are in their registers. */
  RunCode(Isa isa, int operands, int scalars) {
    this.a = new Assembler(isa);
    this.operands = operands;
    this.mask = isa == Isa.AVX512 ? 1 : 15;
    for (int i = 0; i < operands; i++) {
      a.add(OPERANDS[i], slot(OFFSETS + i));
    }
    for (int i = 0; i < scalars; i++) {
      a.broadcast(FIRST_SCALAR + i, slot(SCALARS + i));
    }
    a.mov(LEFT, slot(MASK));
    if (isa == Isa.AVX512) {
      a.maskFrom(mask, LEFT);
    } else {
      a.load(mask, Mem.at(LEFT));
    }
  }

  /** Operands may have up to four parts, a stride apart. */
  void strided() {
    a.mov(Gpr.R9, slot(STRIDE));
    a.lea(Gpr.R10, Mem.at(Gpr.R9, Gpr.R9, 2));
  }

  private Mem part(int operand, int part) {
    Gpr base = OPERANDS[operand];
    Mem m =
        switch (part) {
          case 0 -> Mem.at(base);
          case 3 -> Mem.at(base, Gpr.R10, 1);
          default -> Mem.at(base, Gpr.R9, part);
        };
    return m.plus(at);
  }

  /** {@code d} = the vector of an operand that the body is at. */
  void load(int d, int operand) {
    load(d, operand, 0);
  }

  /** {@code d} = the vector of a part of an operand. */
  void load(int d, int operand, int part) {
    Mem m = part(operand, part);
    if (partial) {
      a.load(d, m, mask);
    } else {
      a.load(d, m);
    }
  }

  /** Stores a vector into an operand. */
  void store(int operand, int s) {
    store(operand, 0, s);
  }

  /** Stores a vector into a part of an operand. */
  void store(int operand, int part, int s) {
    Mem m = part(operand, part);
    if (partial) {
      a.store(m, s, mask);
    } else {
      a.store(m, s);
    }
  }

  /** {@code d = s} in the lanes of the run; d stays in those beyond. */
  void inside(int d, int s) {
    if (partial) {
      a.merge(d, s, mask);
    } else {
      a.move(d, s);
    }
  }

  /** {@code s} itself, or in the rest of a run {@code t} with zeros in the lanes beyond. */
  int zerosBeyond(int s, int t) {
    if (!partial) {
      return s;
    }
    a.zero(t);
    a.merge(t, s, mask);
    return t;
  }

  /** What is done to each row; the first so many operands go on to their next row then. */
  void rows(int moving, Runnable row) {
    a.push(ROWS_LEFT, STARTS[0], STARTS[1], STARTS[2], STARTS[3]);
    for (int i = 0; i < operands; i++) {
      a.mov(STARTS[i], OPERANDS[i]);
    }
    a.mov(ROWS_LEFT, slot(ROWS));
    a.lea(STATISTICS, slot(FIRST_OF_ROW));
    byRow = true;
    Label next = a.here();
    row.run();
    for (int i = 0; i < moving; i++) {
      a.add(STARTS[i], slot(ROW_BYTES));
    }
    a.add(STATISTICS, Long.BYTES);
    a.sub(ROWS_LEFT, 1);
    a.jump(NOT_EQUAL, next);
    byRow = false;
    a.pop(ROWS_LEFT, STARTS[0], STARTS[1], STARTS[2], STARTS[3]);
  }

  /** Keeps the first lane of s as the row's first or second number. */
  void keep(boolean second, int s) {
    int slots = second ? SECOND_OF_ROW - FIRST_OF_ROW : 0;
    a.store(Mem.at(STATISTICS, slots * Long.BYTES), s);
  }

  /** All lanes of d become the row's first or second number. */
  void given(boolean second, int d) {
    int slots = second ? SECOND_OF_ROW - FIRST_OF_ROW : 0;
    a.broadcast(d, Mem.at(STATISTICS, slots * Long.BYTES));
  }

  /** The sums become 0. */
  void zeroSums() {
    for (int i = 0; i < UNROLL; i++) {
      a.zero(i);
    }
  }

  /** The lanes of the sums, joined by {@code op}, into the first lane of v0. */
  void fold(Op op) {
    a.op(op, 0, 0, 2);
    a.op(op, 1, 1, 3);
    a.op(op, 0, 0, 1);
    if (a.isa() == Isa.AVX512) {
      a.blocks(1, 0, 0, 0x4E);
      a.op(op, 0, 0, 1);
      a.blocks(1, 0, 0, 0xB1);
    } else {
      a.blocks(1, 0, 0, 0x01);
    }
    a.op(op, 0, 0, 1);
    a.unpackPairs(true, 1, 0, 0);
    a.op(op, 0, 0, 1);
    a.op(Op.UNPACK_LOW, 1, 0, 0);
    a.unpackPairs(true, 1, 1, 1);
    a.op(op, 0, 0, 1);
  }

  /** The same into all lanes of d. */
  void fold(Op op, int d) {
    fold(op);
    a.broadcast(d, 0);
  }

  /** The loop; the body is given the number of its sum. */
  void loop(IntConsumer body) {
    int bytes = a.isa().bytes();
    int lanes = a.isa().lanes();
    Label single = a.label();
    Label one = a.label();
    Label rest = a.label();
    Label end = a.label();
    for (int i = 0; i < operands && byRow; i++) {
      a.mov(OPERANDS[i], STARTS[i]);
    }
    a.mov(LEFT, slot(COUNT));
    a.sub(LEFT, UNROLL * lanes);
    a.jump(LESS, single);
    a.align(64);
    Label four = a.here();
    for (int i = 0; i < UNROLL; i++) {
      at = i * bytes;
      body.accept(i);
    }
    at = 0;
    advance(UNROLL * bytes);
    a.sub(LEFT, UNROLL * lanes);
    a.jump(GREATER_OR_EQUAL, four);
    a.bind(single);
    a.add(LEFT, (UNROLL - 1) * lanes);
    a.jump(LESS, rest);
    a.bind(one);
    body.accept(0);
    advance(bytes);
    a.sub(LEFT, lanes);
    a.jump(GREATER_OR_EQUAL, one);
    a.bind(rest);
    a.add(LEFT, lanes);
    a.jump(EQUAL, end);
    partial = true;
    body.accept(0);
    partial = false;
    a.bind(end);
  }

  private void advance(int bytes) {
    for (int i = 0; i < operands; i++) {
      a.add(OPERANDS[i], bytes);
    }
  }

  /** Ends the function. */
  byte[] finish() {
    a.leave();
    return a.finish();
  }
}
