package io.weft.machinecode.loops;

import io.weft.engine.kernel.MathKernel;
import io.weft.machinecode.asm.Isa;
import io.weft.machinecode.memory.CodeMemory;
import io.weft.machinecode.memory.Frame;
import io.weft.machinecode.memory.NativeCall;
import io.weft.machinecode.memory.Tail;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;

/** The engine's functions of one value in machine code. */
public final class MachineMathKernel implements MathKernel {
  private static final int MOST = 1 << 16; // floats in a call: it ends within a millisecond

  private static final List<Consumer<Functions>> FUNCTIONS =
      List.of(
          Functions::exp,
          Functions::log,
          Functions::tanh,
          Functions::sigmoid,
          Functions::erf,
          Functions::erfc,
          Functions::gelu,
          Functions::geluTanh,
          Functions::silu,
          Functions::softplus,
          Functions::geluSlope);

  private final Isa isa;
  private final long[] code;
  private final LstmCode lstm;

  /** Assembles the functions for these instructions. */
  public MachineMathKernel(Isa isa) {
    this.isa = isa;
    List<byte[]> functions = new ArrayList<>();
    for (Consumer<Functions> f : FUNCTIONS) {
      functions.add(MapCode.assemble(isa, f));
    }
    code = CodeMemory.install(functions);
    lstm = new LstmCode(isa);
  }

  private void run(int function, float[] x, int xo, float[] y, int yo, int n) {
    Objects.checkFromIndexSize(xo, n, x.length);
    Objects.checkFromIndexSize(yo, n, y.length);
    for (int i = 0; i < n; i += MOST) {
      Frame f = frame(xo + i, yo + i, Math.min(MOST, n - i));
      NativeCall.run(code[function], x, y, y, y, f);
    }
  }

  /** On memory; at most {@link #MOST} elements, nothing is checked. */
  void run(int function, MemorySegment x, MemorySegment y, int n) {
    NativeCall.run(code[function], x, y, y, frame(0, 0, n));
  }

  private Frame frame(int xo, int yo, int n) {
    Frame f = Frame.own();
    f.set(MapCode.X_OFFSET, xo * (long) Float.BYTES);
    f.set(MapCode.Y_OFFSET, yo * (long) Float.BYTES);
    f.set(MapCode.COUNT, n);
    f.set(MapCode.MASK, Tail.mask(isa, n % isa.lanes()));
    return f;
  }

  /** One step of an LSTM. */
  LstmCode lstm() {
    return lstm;
  }

  /** Number of functions, in the order of the interface. */
  static int functions() {
    return FUNCTIONS.size();
  }

  @Override
  public void exp(float[] x, int xo, float[] y, int yo, int n) {
    run(0, x, xo, y, yo, n);
  }

  @Override
  public void log(float[] x, int xo, float[] y, int yo, int n) {
    run(1, x, xo, y, yo, n);
  }

  @Override
  public void tanh(float[] x, int xo, float[] y, int yo, int n) {
    run(2, x, xo, y, yo, n);
  }

  @Override
  public void sigmoid(float[] x, int xo, float[] y, int yo, int n) {
    run(3, x, xo, y, yo, n);
  }

  @Override
  public void erf(float[] x, int xo, float[] y, int yo, int n) {
    run(4, x, xo, y, yo, n);
  }

  @Override
  public void erfc(float[] x, int xo, float[] y, int yo, int n) {
    run(5, x, xo, y, yo, n);
  }

  @Override
  public void gelu(float[] x, int xo, float[] y, int yo, int n) {
    run(6, x, xo, y, yo, n);
  }

  @Override
  public void geluTanh(float[] x, int xo, float[] y, int yo, int n) {
    run(7, x, xo, y, yo, n);
  }

  @Override
  public void silu(float[] x, int xo, float[] y, int yo, int n) {
    run(8, x, xo, y, yo, n);
  }

  @Override
  public void softplus(float[] x, int xo, float[] y, int yo, int n) {
    run(9, x, xo, y, yo, n);
  }

  @Override
  public void geluSlope(float[] x, int xo, float[] y, int yo, int n) {
    run(10, x, xo, y, yo, n);
  }

  @Override
  public void lstmStep(
      int rows, int u, float[] ifo, int z, float[] g, int zg, float[] c, float[] h, boolean keep) {
    lstm.run(rows, u, ifo, z, g, zg, c, h, keep);
  }
}
