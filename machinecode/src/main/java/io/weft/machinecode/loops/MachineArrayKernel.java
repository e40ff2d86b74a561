package io.weft.machinecode.loops;

import io.weft.engine.kernel.ArrayLoops;
import io.weft.machinecode.asm.Isa;
import io.weft.machinecode.asm.Op;
import io.weft.machinecode.memory.CodeMemory;
import io.weft.machinecode.memory.Frame;
import io.weft.machinecode.memory.NativeCall;
import io.weft.machinecode.memory.Tail;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Objects;

/** The engine's plain loops in machine code. */
public final class MachineArrayKernel implements ArrayLoops {
  private static final int MOST = 1 << 16; // elements in a call: it ends within a millisecond
  private static final int BLOCK = 1 << 12; // of a sum; blocks are added in pairs

  private final Isa isa;
  private final long sum;
  private final long dot;
  private final long squares;
  private final long max;
  private final long affine;
  private final long add;
  private final long multiply;
  private final long maximum;
  private final long addScaled;
  private final long addProduct;
  private final long centeredProduct;
  private final long normGradient;
  private final long firstLargest;
  private final long addWhereEqual;

  /** Assembles the loops for these instructions. */
  public MachineArrayKernel(Isa isa) {
    this.isa = isa;
    long[] code =
        CodeMemory.install(
            List.of(
                ArrayCode.sum(isa),
                ArrayCode.dot(isa),
                ArrayCode.squares(isa),
                ArrayCode.max(isa),
                ArrayCode.affine(isa),
                ArrayCode.combine(isa, Op.ADD),
                ArrayCode.combine(isa, Op.MULTIPLY),
                ArrayCode.maximum(isa),
                ArrayCode.addScaled(isa),
                ArrayCode.addProduct(isa),
                ArrayCode.centeredProduct(isa),
                ArrayCode.normGradient(isa),
                ArrayCode.firstLargest(isa),
                ArrayCode.addWhereEqual(isa)));
    sum = code[0];
    dot = code[1];
    squares = code[2];
    max = code[3];
    affine = code[4];
    add = code[5];
    multiply = code[6];
    maximum = code[7];
    addScaled = code[8];
    addProduct = code[9];
    centeredProduct = code[10];
    normGradient = code[11];
    firstLargest = code[12];
    addWhereEqual = code[13];
  }

  private static Frame scalars(float s0, float s1, float s2) {
    Frame f = Frame.own();
    f.set(RunCode.SCALARS, Float.floatToRawIntBits(s0));
    f.set(RunCode.SCALARS + 1, Float.floatToRawIntBits(s1));
    f.set(RunCode.SCALARS + 2, Float.floatToRawIntBits(s2));
    return f;
  }

  /** One call of at most {@link #MOST} elements. */
  private void call(
      long code, Frame f, float[] x, int xo, float[] y, int yo, float[] z, int zo, int n) {
    Objects.checkFromIndexSize(xo, n, x.length);
    Objects.checkFromIndexSize(yo, n, y.length);
    Objects.checkFromIndexSize(zo, n, z.length);
    f.set(RunCode.OFFSETS, (long) xo * Float.BYTES);
    f.set(RunCode.OFFSETS + 1, (long) yo * Float.BYTES);
    f.set(RunCode.OFFSETS + 2, (long) zo * Float.BYTES);
    f.set(RunCode.COUNT, n);
    f.set(RunCode.MASK, Tail.mask(isa, n % isa.lanes()));
    MemorySegment first = MemorySegment.ofArray(x);
    MemorySegment second = MemorySegment.ofArray(y);
    NativeCall.run(code, first, second, MemorySegment.ofArray(z), f);
  }

  /** A loop that makes z, cut into calls. */
  private void loop(
      long code, Frame f, float[] x, int xo, float[] y, int yo, float[] z, int zo, int n) {
    for (int i = 0; i < n; i += MOST) {
      call(code, f, x, xo + i, y, yo + i, z, zo + i, Math.min(MOST, n - i));
    }
  }

  /** A sum of at most {@link #BLOCK} elements. */
  private float total(long code, Frame f, float[] x, int xo, float[] y, int yo, int n) {
    call(code, f, x, xo, y, yo, y, yo, n);
    return Float.intBitsToFloat((int) f.get(ArrayCode.RESULT));
  }

  /** The first half, a multiple of the block: the largest power of two below n. */
  private static int half(int n) {
    return Math.max(BLOCK, Integer.highestOneBit(n - 1));
  }

  @Override
  public float sum(float[] x, int xo, int n) {
    if (n > BLOCK) {
      int half = half(n);
      return sum(x, xo, half) + sum(x, xo + half, n - half);
    }
    return total(sum, Frame.own(), x, xo, x, xo, n);
  }

  @Override
  public float dot(float[] x, int xo, float[] y, int yo, int n) {
    if (n > BLOCK) {
      int half = half(n);
      return dot(x, xo, y, yo, half) + dot(x, xo + half, y, yo + half, n - half);
    }
    return total(dot, Frame.own(), x, xo, y, yo, n);
  }

  @Override
  public float squares(float[] x, int xo, int n, float center) {
    if (n > BLOCK) {
      int half = half(n);
      return squares(x, xo, half, center) + squares(x, xo + half, n - half, center);
    }
    return total(squares, scalars(center, 0, 0), x, xo, x, xo, n);
  }

  @Override
  public float max(float[] x, int xo, int n) {
    float m = Float.NEGATIVE_INFINITY;
    for (int i = 0; i < n; i += MOST) {
      int count = Math.min(MOST, n - i);
      m = Math.max(m, total(max, Frame.own(), x, xo + i, x, xo + i, count));
    }
    return m;
  }

  @Override
  public void affine(float[] x, int xo, float scale, float shift, float[] y, int yo, int n) {
    loop(affine, scalars(scale, shift, 0), x, xo, y, yo, y, yo, n);
  }

  @Override
  public void add(float[] x, int xo, float[] y, int yo, int n) {
    loop(add, Frame.own(), x, xo, y, yo, y, yo, n);
  }

  @Override
  public void multiply(float[] x, int xo, float[] y, int yo, int n) {
    loop(multiply, Frame.own(), x, xo, y, yo, y, yo, n);
  }

  @Override
  public void maximum(float[] x, int xo, float[] y, int yo, int n) {
    loop(maximum, Frame.own(), x, xo, y, yo, y, yo, n);
  }

  @Override
  public void addScaled(float[] x, int xo, float scale, float[] y, int yo, int n) {
    loop(addScaled, scalars(scale, 0, 0), x, xo, y, yo, y, yo, n);
  }

  @Override
  public void addProduct(float[] x, int xo, float[] w, int wo, float[] y, int yo, int n) {
    loop(addProduct, Frame.own(), x, xo, w, wo, y, yo, n);
  }

  @Override
  public void centeredProduct(
      float[] y, int yo, float[] dy, int dyo, float dot, float[] dx, int dxo, int n) {
    loop(centeredProduct, scalars(dot, 0, 0), y, yo, dy, dyo, dx, dxo, n);
  }

  @Override
  public void normGradient(
      float[] g,
      int go,
      float[] h,
      int ho,
      float scale,
      float a,
      float b,
      float[] dx,
      int dxo,
      int n) {
    loop(normGradient, scalars(scale, a, b), g, go, h, ho, dx, dxo, n);
  }

  @Override
  public void firstLargest(float[] x, int xo, float tap, float[] best, int n) {
    loop(firstLargest, scalars(tap, 0, 0), x, xo, best, 0, best, n, n);
  }

  @Override
  public void addWhereEqual(
      float[] keys, int ko, float key, float[] x, int xo, float[] y, int yo, int n) {
    loop(addWhereEqual, scalars(key, 0, 0), keys, ko, x, xo, y, yo, n);
  }
}
