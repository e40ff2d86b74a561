package io.weft.machinecode.loops;

import io.weft.machinecode.asm.Assembler;
import io.weft.machinecode.asm.Compare;
import io.weft.machinecode.asm.Op;
import io.weft.machinecode.memory.Frame;

/**
 * The loops of the engine's {@code ArrayKernel}, with the registers of {@link RunCode}; x, y, z are
 * operands, s0 … s2 scalars. Sums end in {@link #RESULT}.
 */
enum ArrayCode implements LoopCode {
  /** {@code Σ x}. */
  SUM(1, 0),
  /** {@code Σ x y}. */
  DOT(2, 0),
  /** {@code Σ (x - s0)²}. */
  SQUARES(1, 1),
  /** The largest x, NaN if there is one. */
  MAX(1, 0),
  /** {@code y = x s0 + s1}. */
  AFFINE(2, 2),
  /** {@code y += x}. */
  ADD(2, 0),
  /** {@code y *= x}. */
  MULTIPLY(2, 0),
  /** {@code y = max(x, y)}, NaN if either is. */
  MAXIMUM(2, 0),
  /** {@code y += x s0}. */
  ADD_SCALED(2, 1),
  /** {@code z += x y}. */
  ADD_PRODUCT(3, 0),
  /** {@code z = x (y - s0)}. */
  CENTERED_PRODUCT(3, 1),
  /** {@code z = s0 (x - s1 - y s2)}. */
  NORM_GRADIENT(3, 3);

  /** First slot of a vector whose first lane is a sum. */
  static final int RESULT = 16;

  private static final int X = 4;
  private static final int Y = 5;
  private static final int Z = 6;
  private static final int NAN = 8;
  private static final int MASK = 9;
  private static final int S0 = RunCode.FIRST_SCALAR;
  private static final int S1 = S0 + 1;
  private static final int S2 = S0 + 2;

  private final int operands;
  private final int scalars;

  ArrayCode(int operands, int scalars) {
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
    boolean total = this == SUM || this == DOT || this == SQUARES;
    if (total) {
      r.zeroSums();
    }
    if (this == MAX) {
      max(r);
    } else {
      r.loop(i -> vector(r, i));
    }
    if (total) {
      r.fold(Op.ADD);
      r.a.store(Frame.slot(RESULT), 0);
    }
  }

  /** One vector; sums are added to register i. */
  private void vector(RunCode r, int i) {
    Assembler a = r.a;
    r.load(X, 0);
    if (operands > 1 && this != AFFINE) {
      r.load(Y, 1);
    }
    if (operands > 2 && this != CENTERED_PRODUCT && this != NORM_GRADIENT) {
      r.load(Z, 2);
    }
    switch (this) {
      case SUM -> a.op(Op.ADD, i, i, X);
      case DOT -> a.op(Op.FMA_231, i, X, Y);
      case SQUARES -> {
        a.op(Op.SUBTRACT, X, X, S0);
        a.zero(Y);
        r.inside(Y, X);
        a.op(Op.FMA_231, i, Y, Y);
      }
      case AFFINE -> {
        a.move(Y, X);
        a.op(Op.FMA_213, Y, S0, S1);
      }
      case ADD -> a.op(Op.ADD, Y, X, Y);
      case MULTIPLY -> a.op(Op.MULTIPLY, Y, X, Y);
      case MAXIMUM -> {
        a.op(Op.MAX, Y, X, Y); // Y where either is NaN
        a.where(Compare.UNORDERED, X, a.constant(0f), Y, X, MASK);
      }
      case ADD_SCALED -> a.op(Op.FMA_231, Y, X, S0);
      case ADD_PRODUCT -> a.op(Op.FMA_231, Z, X, Y);
      case CENTERED_PRODUCT -> {
        a.op(Op.SUBTRACT, Y, Y, S0);
        a.op(Op.MULTIPLY, Z, X, Y);
      }
      case NORM_GRADIENT -> {
        a.op(Op.SUBTRACT, Z, X, S1);
        a.op(Op.FNMA_231, Z, Y, S2);
        a.op(Op.MULTIPLY, Z, Z, S0);
      }
      case MAX -> throw new IllegalStateException("ArrayCode: MAX has a loop of its own.");
    }
    if (operands == 2 && this != DOT) {
      r.store(1, Y);
    } else if (operands == 3) {
      r.store(2, Z);
    }
  }

  /** MAX forgets a NaN, so one is noted apart. */
  private static void max(RunCode r) {
    Assembler a = r.a;
    for (int i = 0; i < RunCode.UNROLL; i++) {
      a.load(i, a.constant(Float.NEGATIVE_INFINITY));
    }
    a.zero(NAN);
    r.loop(
        i -> {
          a.load(Y, a.constant(Float.NEGATIVE_INFINITY));
          r.load(X, 0);
          r.inside(Y, X);
          a.op(Op.MAX, i, Y, i);
          a.where(Compare.UNORDERED, X, a.constant(0f), NAN, X, MASK);
        });
    r.fold(Op.MAX);
    a.move(X, 0);
    a.move(0, NAN);
    for (int i = 1; i < RunCode.UNROLL; i++) {
      a.zero(i);
    }
    r.fold(Op.ADD); // 0 or NaN
    a.op(Op.ADD, 0, 0, X);
    a.store(Frame.slot(RESULT), 0);
  }
}
