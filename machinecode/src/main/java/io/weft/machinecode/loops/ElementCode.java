package io.weft.machinecode.loops;

import io.weft.machinecode.asm.Assembler;
import io.weft.machinecode.asm.Compare;
import io.weft.machinecode.asm.Op;

/**
 * The loops of the engine's {@code ElementKernel}, with the registers of {@link RunCode} and the
 * bits of the plain loops: every operation is rounded by itself. x, y, z, w are operands, s0 … s2
 * scalars; the last operand receives the result, and gates lie a stride apart.
 */
enum ElementCode implements LoopCode {
  ADD(3, 0),
  SUBTRACT(3, 0),
  MULTIPLY(3, 0),
  DIVIDE(3, 0),
  /** NaN if either is; -0 is less than 0. */
  MAXIMUM(3, 0),
  /** NaN if either is; -0 is less than 0. */
  MINIMUM(3, 0),
  /** 1 and 0, as the other comparisons. */
  EQUAL(3, 0),
  GREATER(3, 0),
  GREATER_EQUAL(3, 0),
  /** {@code w = x != 0 ? y : z}. */
  SELECT(4, 0),
  RELU(2, 0),
  ABSOLUTE(2, 0),
  NEGATE(2, 0),
  SQUARE(2, 0),
  SQRT(2, 0),
  /** {@code x = min(max(x, s0) + s1, s2)}; s1 is 0 to make -0 into 0, or -0 to leave it. */
  CLAMP(1, 3),
  /** {@link #CLAMP} of {@code x + y}. */
  BIASED(2, 3),
  /** {@link #CLAMP} of {@code x y + z}. */
  SCALED(3, 3),
  /** {@link #CLAMP} of {@code (x + y) z + w}. */
  BIASED_AND_SCALED(4, 3),
  /** {@code w = w + z x₃ (1 - y²)}: gradient of the carry, of y = tanh(carry) and z = dh. */
  CARRY_GRADIENT(4, 0),
  /** {@code w₃ = z y x₃ (1 - x₃)}: gradient of the output gate. */
  OUTPUT_GRADIENT(4, 0),
  /** Gradients of the gates i, f and g from y, that of the carry; z is the carry before. */
  GATES_GRADIENT(4, 0),
  /** The same without a carry before. */
  FIRST_GATES_GRADIENT(4, 0);

  private static final int X = 0;
  private static final int Y = 1;
  private static final int Z = 2;
  private static final int W = 3;
  private static final int T = 4;
  private static final int ONE = 5;
  private static final int U = 6;
  private static final int MASK = 7;
  private static final int S0 = RunCode.FIRST_SCALAR;
  private static final int S1 = S0 + 1;
  private static final int S2 = S0 + 2;

  private static final int SIGN = 0x80000000;
  private static final int MAGNITUDE = 0x7FFFFFFF;

  private final int operands;
  private final int scalars;

  ElementCode(int operands, int scalars) {
    this.operands = operands;
    this.scalars = scalars;
  }

  @Override
  public int operands() {
    return operands;
  }

  @Override
  public int scalars() {
    return scalars;
  }

  @Override
  public void assemble(RunCode r) {
    if (ordinal() >= CARRY_GRADIENT.ordinal()) {
      r.strided();
      r.loop(i -> gates(r));
    } else if (scalars == 3) {
      r.loop(i -> clamped(r));
    } else {
      r.loop(i -> result(r));
    }
  }

  private void result(RunCode r) {
    for (int i = 0; i < operands - 1; i++) {
      r.load(i, i);
    }
    Assembler a = r.a;
    switch (this) {
      case ADD -> a.op(Op.ADD, X, X, Y);
      case SUBTRACT -> a.op(Op.SUBTRACT, X, X, Y);
      case MULTIPLY -> a.op(Op.MULTIPLY, X, X, Y);
      case DIVIDE -> a.op(Op.DIVIDE, X, X, Y);
      case MAXIMUM -> extreme(a, Op.MAX, Op.AND);
      case MINIMUM -> extreme(a, Op.MIN, Op.OR);
      case EQUAL -> bits(a, Compare.EQUAL);
      case GREATER -> bits(a, Compare.GREATER);
      case GREATER_EQUAL -> bits(a, Compare.GREATER_OR_EQUAL);
      case SELECT -> {
        a.where(Compare.NOT_EQUAL, X, a.constant(0f), Z, Y, MASK);
        a.move(X, Z);
      }
      case RELU -> {
        a.zero(Y);
        a.op(Op.MAX, X, Y, X); // X where it is NaN or a zero
        a.op(Op.ADD, X, X, Y); // -0 becomes 0
      }
      case ABSOLUTE -> a.op(Op.AND, X, X, a.constantBits(MAGNITUDE));
      case NEGATE -> a.op(Op.XOR, X, X, a.constantBits(SIGN));
      case SQUARE -> a.op(Op.MULTIPLY, X, X, X);
      case SQRT -> a.sqrt(X, X);
      default -> throw new IllegalStateException("ElementCode: " + this + " is no such loop.");
    }
    r.store(operands - 1, X);
  }

  /** Both orders give both zeros where both are zeros; the bits choose among them. */
  private static void extreme(Assembler a, Op op, Op zeros) {
    a.op(op, Z, X, Y);
    a.op(op, T, Y, X);
    a.op(zeros, Z, Z, T);
    a.op(Op.ADD, T, X, Y);
    a.where(Compare.UNORDERED, X, Y, Z, T, MASK);
    a.move(X, Z);
  }

  private static void bits(Assembler a, Compare compare) {
    a.zero(Z);
    a.load(ONE, a.constant(1f));
    a.where(compare, X, Y, Z, ONE, MASK);
    a.move(X, Z);
  }

  private void clamped(RunCode r) {
    Assembler a = r.a;
    for (int i = 0; i < operands; i++) {
      r.load(i, i);
    }
    int next = Y;
    if (this == BIASED || this == BIASED_AND_SCALED) {
      a.op(Op.ADD, X, X, next++);
    }
    if (operands >= 3) {
      a.op(Op.MULTIPLY, X, X, next);
      a.op(Op.ADD, X, X, next + 1);
    }
    a.op(Op.MAX, X, S0, X); // X where it is NaN or a zero
    a.op(Op.ADD, X, X, S1);
    a.op(Op.MIN, X, S2, X);
    r.store(0, X);
  }

  /** Loops over the gates of an LSTM, i, f, g and o of the first operand, a stride apart. */
  private void gates(RunCode r) {
    Assembler a = r.a;
    a.load(ONE, a.constant(1f));
    if (this == CARRY_GRADIENT || this == OUTPUT_GRADIENT) {
      r.load(X, 0, 3);
      r.load(Y, 1);
      r.load(Z, 2);
      if (this == OUTPUT_GRADIENT) {
        a.op(Op.MULTIPLY, Z, Z, Y);
        a.op(Op.MULTIPLY, Z, Z, X);
        a.op(Op.SUBTRACT, T, ONE, X);
        a.op(Op.MULTIPLY, Z, Z, T);
        r.store(3, 3, Z);
      } else {
        a.op(Op.MULTIPLY, Z, Z, X);
        a.op(Op.MULTIPLY, Y, Y, Y);
        a.op(Op.SUBTRACT, T, ONE, Y);
        a.op(Op.MULTIPLY, Z, Z, T);
        r.load(W, 3);
        a.op(Op.ADD, W, W, Z);
        r.store(3, W);
      }
      return;
    }
    gatesGradient(r);
  }

  private void gatesGradient(RunCode r) {
    Assembler a = r.a;
    r.load(X, 0); // i
    r.load(W, 0, 2); // g
    r.load(Y, 1);
    a.op(Op.MULTIPLY, T, Y, W);
    a.op(Op.MULTIPLY, T, T, X);
    a.op(Op.SUBTRACT, U, ONE, X);
    a.op(Op.MULTIPLY, T, T, U);
    r.store(3, T);
    a.op(Op.MULTIPLY, X, Y, X);
    a.op(Op.MULTIPLY, W, W, W);
    a.op(Op.SUBTRACT, W, ONE, W);
    a.op(Op.MULTIPLY, X, X, W);
    r.store(3, 2, X);
    r.load(X, 0, 1); // f
    if (this == GATES_GRADIENT) {
      r.load(Z, 2);
    } else {
      a.zero(Z);
    }
    a.op(Op.MULTIPLY, Z, Y, Z);
    a.op(Op.MULTIPLY, Z, Z, X);
    a.op(Op.SUBTRACT, U, ONE, X);
    a.op(Op.MULTIPLY, Z, Z, U);
    r.store(3, 1, Z);
    a.op(Op.MULTIPLY, Y, Y, X);
    r.store(1, Y);
  }
}
