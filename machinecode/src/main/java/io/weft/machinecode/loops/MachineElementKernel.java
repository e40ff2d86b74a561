package io.weft.machinecode.loops;

import io.weft.engine.kernel.AdamRates;
import io.weft.engine.kernel.ElementKernel;
import io.weft.machinecode.asm.Isa;
import io.weft.machinecode.memory.Frame;
import java.lang.System.Logger.Level;
import java.util.Objects;

/** The engine's element-wise loops in machine code. */
public final class MachineElementKernel implements ElementKernel {
  private final Isa isa;
  private final Runs runs;
  private volatile ElementSelfTest.Adam adam;

  /** Assembles the loops for these instructions. */
  public MachineElementKernel(Isa isa) {
    this.isa = isa;
    runs = new Runs(isa, ElementCode.values());
  }

  private void run(ElementCode loop, float[] x, int xo, float[] y, int yo, int n) {
    runs.run(loop, Frame.own(), x, xo, y, yo, n);
  }

  private void run(
      ElementCode loop, float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    runs.run(loop, Frame.own(), a, ao, b, bo, y, yo, n);
  }

  @Override
  public void add(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    run(ElementCode.ADD, a, ao, b, bo, y, yo, n);
  }

  @Override
  public void subtract(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    run(ElementCode.SUBTRACT, a, ao, b, bo, y, yo, n);
  }

  @Override
  public void multiply(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    run(ElementCode.MULTIPLY, a, ao, b, bo, y, yo, n);
  }

  @Override
  public void divide(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    run(ElementCode.DIVIDE, a, ao, b, bo, y, yo, n);
  }

  @Override
  public void maximum(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    run(ElementCode.MAXIMUM, a, ao, b, bo, y, yo, n);
  }

  @Override
  public void minimum(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    run(ElementCode.MINIMUM, a, ao, b, bo, y, yo, n);
  }

  @Override
  public void equal(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    run(ElementCode.EQUAL, a, ao, b, bo, y, yo, n);
  }

  @Override
  public void greater(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    run(ElementCode.GREATER, a, ao, b, bo, y, yo, n);
  }

  @Override
  public void greaterEqual(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    run(ElementCode.GREATER_EQUAL, a, ao, b, bo, y, yo, n);
  }

  @Override
  public void select(
      float[] m, int mo, float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    runs.run(ElementCode.SELECT, Frame.own(), m, mo, a, ao, b, bo, y, yo, n);
  }

  @Override
  public void relu(float[] x, int xo, float[] y, int yo, int n) {
    run(ElementCode.RELU, x, xo, y, yo, n);
  }

  @Override
  public void absolute(float[] x, int xo, float[] y, int yo, int n) {
    run(ElementCode.ABSOLUTE, x, xo, y, yo, n);
  }

  @Override
  public void negate(float[] x, int xo, float[] y, int yo, int n) {
    run(ElementCode.NEGATE, x, xo, y, yo, n);
  }

  @Override
  public void square(float[] x, int xo, float[] y, int yo, int n) {
    run(ElementCode.SQUARE, x, xo, y, yo, n);
  }

  @Override
  public void sqrt(float[] x, int xo, float[] y, int yo, int n) {
    run(ElementCode.SQRT, x, xo, y, yo, n);
  }

  @Override
  public void finish(
      float[] c,
      int co,
      float[] bias,
      float[] factor,
      float[] shift,
      int at,
      boolean relu,
      float most,
      int n) {
    if (most == 0f) { // of two zeros the loops keep the one that was there, whatever its sign
      ElementKernel.portable().finish(c, co, bias, factor, shift, at, relu, most, n);
      return;
    }
    Frame f = Runs.scalars(relu ? 0f : Float.NEGATIVE_INFINITY, relu ? 0f : -0f, most);
    if (bias != null && factor != null) {
      runs.run(ElementCode.BIASED_AND_SCALED, f, c, co, bias, at, factor, at, shift, at, n);
    } else if (factor != null) {
      runs.run(ElementCode.SCALED, f, c, co, factor, at, shift, at, n);
    } else if (bias != null) {
      runs.run(ElementCode.BIASED, f, c, co, bias, at, n);
    } else {
      runs.run(ElementCode.CLAMP, f, c, co, n);
    }
  }

  @Override
  public void adam(
      float[][] weight,
      float[][] to,
      int at,
      float[] g,
      float[] s,
      int go,
      AdamRates rates,
      int n) {
    adam().run(weight, to, at, g, s, go, rates, n);
  }

  /** Steps of Adam, made and tried by the first: predictions do without. */
  private ElementSelfTest.Adam adam() {
    ElementSelfTest.Adam loop = adam;
    if (loop == null) {
      synchronized (this) {
        if (adam == null) {
          adam = tried();
        }
        loop = adam;
      }
    }
    return loop;
  }

  private ElementSelfTest.Adam tried() {
    try {
      AdamCode code = new AdamCode(isa);
      ElementSelfTest.run(code::run);
      return code::run;
    } catch (IllegalStateException | UnsupportedOperationException e) {
      System.getLogger(MachineElementKernel.class.getName())
          .log(Level.WARNING, "kernels: no machine code for Adam", e);
      return ElementKernel.portable()::adam;
    }
  }

  /** The frame of a loop over four gates of n units each, which lie from {@code zo} on. */
  private static Frame strided(float[] gates, int zo, int n) {
    Objects.checkFromIndexSize(zo, 4L * n, gates.length);
    Frame f = Frame.own();
    f.set(RunCode.STRIDE, n * (long) Float.BYTES);
    return f;
  }

  @Override
  public void lstmGradient(
      float[] gates,
      int zo,
      float[] tanh,
      float[] dh,
      float[] dc,
      int at,
      float[] carry,
      int co,
      float[] dz,
      int dzo,
      int n) {
    strided(dz, dzo, n);
    Frame f = strided(gates, zo, n);
    runs.run(ElementCode.OUTPUT_GRADIENT, f, gates, zo, tanh, at, dh, at, dz, dzo, n);
    runs.run(ElementCode.CARRY_GRADIENT, f, gates, zo, tanh, at, dh, at, dc, at, n);
    if (carry == null) {
      runs.run(ElementCode.FIRST_GATES_GRADIENT, f, gates, zo, dc, at, dc, at, dz, dzo, n);
    } else {
      runs.run(ElementCode.GATES_GRADIENT, f, gates, zo, dc, at, carry, co, dz, dzo, n);
    }
  }
}
