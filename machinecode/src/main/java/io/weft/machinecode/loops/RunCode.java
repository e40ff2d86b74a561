package io.weft.machinecode.loops;

import static io.weft.machinecode.asm.Condition.EQUAL;
import static io.weft.machinecode.asm.Condition.GREATER_OR_EQUAL;
import static io.weft.machinecode.asm.Condition.LESS;
import static io.weft.machinecode.memory.Frame.slot;

import io.weft.machinecode.asm.Assembler;
import io.weft.machinecode.asm.Gpr;
import io.weft.machinecode.asm.Isa;
import io.weft.machinecode.asm.Label;
import io.weft.machinecode.asm.Mem;
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

  /** Register of the first scalar. */
  static final int FIRST_SCALAR = 12;

  private static final Gpr[] OPERANDS = {Gpr.RDI, Gpr.RSI, Gpr.RDX, Gpr.R8};
  private static final Gpr LEFT = Gpr.RAX;

  final Assembler a;
  private final int operands;
  private final int mask;
  private int at; // bytes from the running operands
  private boolean partial;

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

  /** The loop; the body is given the number of its sum. */
  void loop(IntConsumer body) {
    int bytes = a.isa().bytes();
    int lanes = a.isa().lanes();
    Label single = a.label();
    Label one = a.label();
    Label rest = a.label();
    Label end = a.label();
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
