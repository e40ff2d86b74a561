package io.weft.machinecode.loops;

import io.weft.machinecode.asm.Assembler;
import io.weft.machinecode.asm.Compare;
import io.weft.machinecode.asm.Op;

/**
 * Functions of rows, several rows in a call, each row in a few loops while it is in the first
 * cache. Operands: x, y, then parameters of a row; two numbers of each row are left in the frame.
 */
enum RowsCode implements LoopCode {
  /**
   * {@code y = e^x / Σ e^x}; NaN and infinity make NaN at their place, 0 elsewhere in the row.
   * Leaves the largest x (infinity where one is NaN) and the sum of {@code e^(x - largest)}.
   */
  SOFTMAX(2, 0),
  /** {@code y = x - log Σ e^x}. */
  LOG_SOFTMAX(2, 0),
  /**
   * {@code y = (x - mean) rstd γ + β}; s0 the number of elements, s1 ε. Leaves mean and rstd = 1 /
   * sqrt(variance + ε).
   */
  LAYER_NORM(4, 2),
  /** {@link #LAYER_NORM} without γ. */
  SHIFTED_LAYER_NORM(4, 2),
  /** {@link #LAYER_NORM} without β. */
  SCALED_LAYER_NORM(4, 2),
  /** {@link #LAYER_NORM} without γ and β. */
  PLAIN_LAYER_NORM(4, 2),
  /** {@code y = x rstd γ}, the mean taken as 0. */
  RMS_NORM(4, 2),
  /** {@link #RMS_NORM} without γ. */
  PLAIN_RMS_NORM(4, 2),
  /**
   * Of x and y, the gradient of a norm's result, the gradient z of x; w holds γ and sums of the
   * gradients of γ and β. s0 the number of elements; mean and rstd are given.
   */
  NORM_GRADIENT(4, 1),
  /** {@link #NORM_GRADIENT} of a norm whose mean is taken as 0. */
  RMS_NORM_GRADIENT(4, 1),
  /** {@code y = e^(x - a)}, a given for each row. */
  POWERS(2, 0),
  /** Leaves {@code Σ x y}. */
  DOTS(2, 0),
  /** {@code z = x (y - a) s0}, a given for each row. */
  CENTERED(3, 1);

  private static final int T4 = 4;
  private static final int T5 = 5;
  private static final int X = 8; // what the parts of functions leave alone
  private static final int MASK = 10;
  private static final int INFINITY = 11;
  private static final int LARGEST = 12;
  private static final int FACTOR = 13;
  private static final int CONSTANTS = 16; // of functions, where there are so many registers
  private static final int S0 = RunCode.FIRST_SCALAR;
  private static final int S1 = S0 + 1;
  private static final int MEAN = 14;
  private static final int RSTD = 11;
  private static final int SUM = 9;
  private static final int SUM_OF_PRODUCTS = 10;

  private final int operands;
  private final int scalars;

  RowsCode(int operands, int scalars) {
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
    boolean powers = this == SOFTMAX || this == LOG_SOFTMAX || this == POWERS;
    int end = powers ? Math.max(CONSTANTS, r.a.isa().registers()) : CONSTANTS;
    Functions functions = Functions.withConstants(r.a, CONSTANTS, end, f -> f.exp(X));
    if (this == NORM_GRADIENT || this == RMS_NORM_GRADIENT) {
      r.strided();
      r.rows(3, () -> normGradient(r));
      return;
    }
    r.rows(
        this == CENTERED ? 3 : 2,
        () -> {
          switch (this) {
            case SOFTMAX -> softmax(r, functions);
            case LOG_SOFTMAX -> logSoftmax(r, functions);
            case POWERS -> powers(r, functions);
            case DOTS -> dots(r);
            case CENTERED -> centered(r);
            default -> norm(r);
          }
        });
  }

  /** LARGEST = the largest x, infinity where one is NaN. */
  private static void largest(RunCode r) {
    Assembler a = r.a;
    for (int i = 0; i < RunCode.UNROLL; i++) {
      a.load(i, a.constant(Float.NEGATIVE_INFINITY));
    }
    a.load(INFINITY, a.constant(Float.POSITIVE_INFINITY));
    r.loop(
        i -> {
          a.load(T4, a.constant(Float.NEGATIVE_INFINITY));
          r.load(X, 0);
          r.inside(T4, X);
          a.op(Op.MAX, i, T4, i);
          a.where(Compare.UNORDERED, X, a.constant(0f), i, INFINITY, MASK);
        });
    r.fold(Op.MAX, LARGEST);
  }

  /** FACTOR = the sum of {@code e^(x - LARGEST)}, which are stored as y if so wanted. */
  private static void sumOfPowers(RunCode r, Functions functions, boolean store) {
    r.zeroSums();
    r.loop(
        i -> {
          r.load(X, 0);
          r.a.op(Op.SUBTRACT, X, X, LARGEST);
          functions.exp(X);
          if (store) {
            r.store(1, X);
          }
          r.a.op(Op.ADD, i, i, r.zerosBeyond(X, T4));
        });
    r.fold(Op.ADD, FACTOR);
  }

  private static void softmax(RunCode r, Functions functions) {
    Assembler a = r.a;
    largest(r);
    sumOfPowers(r, functions, true);
    r.keep(false, LARGEST);
    r.keep(true, FACTOR);
    a.load(T4, a.constant(1f));
    a.op(Op.DIVIDE, FACTOR, T4, FACTOR);
    a.where(Compare.EQUAL, LARGEST, INFINITY, FACTOR, T4, MASK);
    r.loop(
        i -> {
          r.load(X, 1);
          a.op(Op.MULTIPLY, X, X, FACTOR);
          r.store(1, X);
        });
  }

  private static void logSoftmax(RunCode r, Functions functions) {
    largest(r);
    sumOfPowers(r, functions, false);
    functions.log(FACTOR);
    r.loop(
        i -> {
          r.load(X, 0);
          r.a.op(Op.SUBTRACT, X, X, LARGEST);
          r.a.op(Op.SUBTRACT, X, X, FACTOR);
          r.store(1, X);
        });
  }

  private void norm(RunCode r) {
    Assembler a = r.a;
    boolean centered = this != RMS_NORM && this != PLAIN_RMS_NORM;
    boolean scaled = this == LAYER_NORM || this == SCALED_LAYER_NORM || this == RMS_NORM;
    boolean shifted = this == LAYER_NORM || this == SHIFTED_LAYER_NORM;
    if (centered) {
      r.zeroSums();
      r.loop(
          i -> {
            r.load(X, 0);
            a.op(Op.ADD, i, i, X);
          });
      r.fold(Op.ADD, MEAN);
      a.op(Op.DIVIDE, MEAN, MEAN, S0);
    } else {
      a.zero(MEAN);
    }
    r.zeroSums();
    r.loop(
        i -> {
          r.load(X, 0);
          a.op(Op.SUBTRACT, X, X, MEAN);
          int d = r.zerosBeyond(X, T4);
          a.op(Op.FMA_231, i, d, d);
        });
    r.fold(Op.ADD, RSTD);
    a.op(Op.DIVIDE, RSTD, RSTD, S0);
    a.op(Op.ADD, RSTD, RSTD, S1);
    a.sqrt(RSTD, RSTD);
    a.load(T4, a.constant(1f));
    a.op(Op.DIVIDE, RSTD, T4, RSTD);
    r.keep(false, MEAN);
    r.keep(true, RSTD);
    r.loop(
        i -> {
          r.load(X, 0);
          a.op(Op.SUBTRACT, X, X, MEAN);
          a.op(Op.MULTIPLY, X, X, RSTD);
          if (scaled) {
            r.load(T4, 2);
          }
          if (shifted) {
            r.load(T5, 3);
          }
          if (scaled && shifted) {
            a.op(Op.FMA_213, X, T4, T5);
          } else if (scaled) {
            a.op(Op.MULTIPLY, X, X, T4);
          } else if (shifted) {
            a.op(Op.ADD, X, X, T5);
          }
          r.store(1, X);
        });
  }

  private static void powers(RunCode r, Functions functions) {
    r.given(false, LARGEST);
    r.loop(
        i -> {
          r.load(X, 0);
          r.a.op(Op.SUBTRACT, X, X, LARGEST);
          functions.exp(X);
          r.store(1, X);
        });
  }

  private static void dots(RunCode r) {
    r.zeroSums();
    r.loop(
        i -> {
          r.load(X, 0);
          r.load(T4, 1);
          r.a.op(Op.FMA_231, i, X, T4);
        });
    r.fold(Op.ADD);
    r.keep(false, 0);
  }

  private static void centered(RunCode r) {
    r.given(false, MEAN);
    r.loop(
        i -> {
          r.load(X, 0);
          r.load(T4, 1);
          r.a.op(Op.SUBTRACT, T4, T4, MEAN);
          r.a.op(Op.MULTIPLY, X, X, T4);
          r.a.op(Op.MULTIPLY, X, X, S0);
          r.store(2, X);
        });
  }

  /** X = (x - mean) rstd, T4 = dy. */
  private static void normalized(RunCode r) {
    r.load(X, 0);
    r.a.op(Op.SUBTRACT, X, X, MEAN);
    r.a.op(Op.MULTIPLY, X, X, RSTD);
    r.load(T4, 1);
  }

  /** {@code dx = rstd (g - Σ g / n - h Σ g h / n)} of g = dy γ and h = (x - mean) rstd. */
  private void normGradient(RunCode r) {
    Assembler a = r.a;
    r.given(false, MEAN);
    r.given(true, RSTD);
    r.zeroSums();
    r.loop(
        i -> {
          normalized(r);
          r.load(T5, 3, 1);
          a.op(Op.FMA_231, T5, X, T4);
          r.store(3, 1, T5);
          r.load(T5, 3, 2);
          a.op(Op.ADD, T5, T5, T4);
          r.store(3, 2, T5);
          r.load(T5, 3);
          a.op(Op.MULTIPLY, T4, T4, T5);
          a.op(Op.ADD, i & 1, i & 1, T4);
          a.op(Op.FMA_231, 2 + (i & 1), T4, X);
        });
    a.op(Op.ADD, SUM_OF_PRODUCTS, 2, 3);
    a.zero(2);
    a.zero(3);
    if (this == NORM_GRADIENT) {
      r.fold(Op.ADD, SUM);
      a.op(Op.DIVIDE, SUM, SUM, S0);
    } else {
      a.zero(SUM);
    }
    r.zeroSums();
    a.move(0, SUM_OF_PRODUCTS);
    r.fold(Op.ADD, SUM_OF_PRODUCTS);
    a.op(Op.DIVIDE, SUM_OF_PRODUCTS, SUM_OF_PRODUCTS, S0);
    r.loop(
        i -> {
          normalized(r);
          r.load(T5, 3);
          a.op(Op.MULTIPLY, T4, T4, T5);
          a.op(Op.SUBTRACT, T4, T4, SUM);
          a.op(Op.FNMA_231, T4, X, SUM_OF_PRODUCTS);
          a.op(Op.MULTIPLY, T4, T4, RSTD);
          r.store(2, T4);
        });
  }
}
