package io.weft.machinecode.loops;

import io.weft.machinecode.asm.Isa;
import io.weft.machinecode.memory.CodeMemory;
import io.weft.machinecode.memory.Frame;
import io.weft.machinecode.memory.NativeCall;
import io.weft.machinecode.memory.Tail;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** The loops of a table, assembled, and the calls to them. */
final class Runs {
  private static final int MOST = 1 << 16; // elements in a call: it ends within a millisecond

  private final Isa isa;
  private final long[] code;

  /** Assembles the loops for these instructions. */
  Runs(Isa isa, LoopCode... table) {
    this.isa = isa;
    List<byte[]> functions = new ArrayList<>();
    for (LoopCode loop : table) {
      RunCode r = new RunCode(isa, loop.operands(), loop.scalars());
      loop.assemble(r);
      functions.add(r.finish());
    }
    code = CodeMemory.install(functions);
  }

  /** The thread's frame with up to three scalars. */
  static Frame scalars(float s0, float s1, float s2) {
    Frame f = Frame.own();
    f.set(RunCode.SCALARS, Float.floatToRawIntBits(s0));
    f.set(RunCode.SCALARS + 1, Float.floatToRawIntBits(s1));
    f.set(RunCode.SCALARS + 2, Float.floatToRawIntBits(s2));
    return f;
  }

  /** A loop over one run. */
  void run(LoopCode loop, Frame f, float[] x, int xo, int n) {
    run(loop, f, x, xo, x, xo, x, xo, x, xo, n);
  }

  /** Over two. */
  void run(LoopCode loop, Frame f, float[] x, int xo, float[] y, int yo, int n) {
    run(loop, f, x, xo, y, yo, y, yo, y, yo, n);
  }

  /** Over three. */
  void run(LoopCode loop, Frame f, float[] x, int xo, float[] y, int yo, float[] z, int zo, int n) {
    run(loop, f, x, xo, y, yo, z, zo, z, zo, n);
  }

  /**
   * Over four, cut into calls.
   *
   * @throws IndexOutOfBoundsException if a run does not lie in its array
   */
  void run(
      LoopCode loop,
      Frame f,
      float[] x,
      int xo,
      float[] y,
      int yo,
      float[] z,
      int zo,
      float[] w,
      int wo,
      int n) {
    for (int i = 0; i < n; i += MOST) {
      call(loop, f, x, xo + i, y, yo + i, z, zo + i, w, wo + i, Math.min(MOST, n - i));
    }
  }

  /**
   * Over rows of n elements, {@code stride} apart; that all of them lie in their arrays is for the
   * caller to check.
   */
  void rows(
      LoopCode loop,
      Frame f,
      float[] x,
      int xo,
      float[] y,
      int yo,
      float[] z,
      int zo,
      float[] w,
      int wo,
      int rows,
      int stride,
      int n) {
    f.set(RunCode.ROWS, rows);
    f.set(RunCode.ROW_BYTES, stride * (long) Float.BYTES);
    call(loop, f, x, xo, y, yo, z, zo, w, wo, n);
  }

  private void call(
      LoopCode loop,
      Frame f,
      float[] x,
      int xo,
      float[] y,
      int yo,
      float[] z,
      int zo,
      float[] w,
      int wo,
      int n) {
    Objects.checkFromIndexSize(xo, n, x.length);
    Objects.checkFromIndexSize(yo, n, y.length);
    Objects.checkFromIndexSize(zo, n, z.length);
    Objects.checkFromIndexSize(wo, n, w.length);
    f.set(RunCode.OFFSETS, xo * (long) Float.BYTES);
    f.set(RunCode.OFFSETS + 1, yo * (long) Float.BYTES);
    f.set(RunCode.OFFSETS + 2, zo * (long) Float.BYTES);
    f.set(RunCode.OFFSETS + 3, wo * (long) Float.BYTES);
    f.set(RunCode.COUNT, n);
    f.set(RunCode.MASK, Tail.mask(isa, n % isa.lanes()));
    NativeCall.run(code[loop.ordinal()], x, y, z, w, f);
  }

  /** Address of a loop. */
  long address(LoopCode loop) {
    return code[loop.ordinal()];
  }
}
