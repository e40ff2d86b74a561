package io.weft.machinecode.loops;

import io.weft.machinecode.asm.Assembler;
import io.weft.machinecode.asm.Compare;
import io.weft.machinecode.asm.Isa;
import io.weft.machinecode.asm.Op;
import io.weft.machinecode.memory.Frame;
import java.util.function.Consumer;

/**
 * The loops of the engine's {@code ArrayKernel}, with the registers of {@link RunCode}. Sums end in
 * {@link #RESULT}.
 */
final class ArrayCode {
  /** First slot of a vector whose first lane is a sum. */
  static final int RESULT = 16;

  private static final int X = 4;
  private static final int Y = 5;
  private static final int Z = 6;
  private static final int T = 7;
  private static final int NAN = 8;
  private static final int MASK = 9;
  private static final int S0 = RunCode.FIRST_SCALAR;
  private static final int S1 = S0 + 1;
  private static final int S2 = S0 + 2;

  private ArrayCode() {}

  /** {@code Σ x}. */
  static byte[] sum(Isa isa) {
    return total(
        isa,
        1,
        0,
        r ->
            r.loop(
                i -> {
                  r.load(X, 0);
                  r.a.op(Op.ADD, i, i, X);
                }));
  }

  /** {@code Σ x y}. */
  static byte[] dot(Isa isa) {
    return total(
        isa,
        2,
        0,
        r ->
            r.loop(
                i -> {
                  r.load(X, 0);
                  r.load(Y, 1);
                  r.a.op(Op.FMA_231, i, X, Y);
                }));
  }

  /** {@code Σ (x - s0)²}. */
  static byte[] squares(Isa isa) {
    return total(
        isa,
        1,
        1,
        r ->
            r.loop(
                i -> {
                  r.load(X, 0);
                  r.a.op(Op.SUBTRACT, X, X, S0);
                  r.a.zero(Y);
                  r.inside(Y, X);
                  r.a.op(Op.FMA_231, i, Y, Y);
                }));
  }

  private static byte[] total(Isa isa, int operands, int scalars, Consumer<RunCode> loop) {
    RunCode r = new RunCode(isa, operands, scalars);
    for (int i = 0; i < RunCode.UNROLL; i++) {
      r.a.zero(i);
    }
    loop.accept(r);
    fold(r.a, Op.ADD);
    r.a.store(Frame.slot(RESULT), 0);
    return r.finish();
  }

  /** The largest x, NaN if there is one. MAX forgets a NaN, so one is noted apart. */
  static byte[] max(Isa isa) {
    RunCode r = new RunCode(isa, 1, 0);
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
    fold(a, Op.MAX);
    a.move(X, 0);
    a.move(0, NAN);
    for (int i = 1; i < RunCode.UNROLL; i++) {
      a.zero(i);
    }
    fold(a, Op.ADD); // 0 or NaN
    a.op(Op.ADD, 0, 0, X);
    a.store(Frame.slot(RESULT), 0);
    return r.finish();
  }

  /** The four sums, then their lanes, into the first lane of v0. */
  private static void fold(Assembler a, Op op) {
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

  /** {@code y = x s0 + s1}. */
  static byte[] affine(Isa isa) {
    RunCode r = new RunCode(isa, 2, 2);
    r.loop(
        i -> {
          r.load(X, 0);
          r.a.op(Op.FMA_213, X, S0, S1);
          r.store(1, X);
        });
    return r.finish();
  }

  /** {@code y = op(x, y)}. */
  static byte[] combine(Isa isa, Op op) {
    RunCode r = new RunCode(isa, 2, 0);
    r.loop(
        i -> {
          r.load(X, 0);
          r.load(Y, 1);
          r.a.op(op, Y, X, Y);
          r.store(1, Y);
        });
    return r.finish();
  }

  /** {@code y = max(x, y)}, NaN if either is. */
  static byte[] maximum(Isa isa) {
    RunCode r = new RunCode(isa, 2, 0);
    r.loop(
        i -> {
          r.load(X, 0);
          r.load(Y, 1);
          r.a.op(Op.MAX, Y, X, Y); // Y where either is NaN
          r.a.where(Compare.UNORDERED, X, r.a.constant(0f), Y, X, MASK);
          r.store(1, Y);
        });
    return r.finish();
  }

  /** {@code y += x s0}. */
  static byte[] addScaled(Isa isa) {
    RunCode r = new RunCode(isa, 2, 1);
    r.loop(
        i -> {
          r.load(X, 0);
          r.load(Y, 1);
          r.a.op(Op.FMA_231, Y, X, S0);
          r.store(1, Y);
        });
    return r.finish();
  }

  /** {@code z += x y}. */
  static byte[] addProduct(Isa isa) {
    RunCode r = new RunCode(isa, 3, 0);
    r.loop(
        i -> {
          r.load(X, 0);
          r.load(Y, 1);
          r.load(Z, 2);
          r.a.op(Op.FMA_231, Z, X, Y);
          r.store(2, Z);
        });
    return r.finish();
  }

  /** {@code z = x (y - s0)}. */
  static byte[] centeredProduct(Isa isa) {
    RunCode r = new RunCode(isa, 3, 1);
    r.loop(
        i -> {
          r.load(X, 0);
          r.load(Y, 1);
          r.a.op(Op.SUBTRACT, Y, Y, S0);
          r.a.op(Op.MULTIPLY, X, X, Y);
          r.store(2, X);
        });
    return r.finish();
  }

  /** {@code z = s0 (x - s1 - y s2)}. */
  static byte[] normGradient(Isa isa) {
    RunCode r = new RunCode(isa, 3, 3);
    r.loop(
        i -> {
          r.load(X, 0);
          r.load(Y, 1);
          r.a.op(Op.SUBTRACT, T, X, S1);
          r.a.op(Op.FNMA_231, T, Y, S2);
          r.a.op(Op.MULTIPLY, T, T, S0);
          r.store(2, T);
        });
    return r.finish();
  }

  /** Where {@code x > y}, y takes x over and z becomes s0. */
  static byte[] firstLargest(Isa isa) {
    RunCode r = new RunCode(isa, 3, 1);
    r.loop(
        i -> {
          r.load(X, 0);
          r.load(Y, 1);
          r.load(Z, 2);
          r.a.where(Compare.GREATER, X, Y, Z, S0, MASK);
          r.a.where(Compare.GREATER, X, Y, Y, X, MASK);
          r.store(1, Y);
          r.store(2, Z);
        });
    return r.finish();
  }

  /** {@code z += y} where {@code x = s0}. */
  static byte[] addWhereEqual(Isa isa) {
    RunCode r = new RunCode(isa, 3, 1);
    r.loop(
        i -> {
          r.load(X, 0);
          r.load(Y, 1);
          r.load(Z, 2);
          r.a.op(Op.ADD, Y, Y, Z);
          r.a.where(Compare.EQUAL, X, S0, Z, Y, MASK);
          r.store(2, Z);
        });
    return r.finish();
  }
}
