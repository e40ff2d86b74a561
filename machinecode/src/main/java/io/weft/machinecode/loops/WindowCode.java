package io.weft.machinecode.loops;

import static io.weft.machinecode.asm.Condition.EQUAL;
import static io.weft.machinecode.asm.Condition.GREATER_OR_EQUAL;
import static io.weft.machinecode.asm.Condition.NOT_EQUAL;
import static io.weft.machinecode.memory.Frame.slot;

import io.weft.engine.kernel.ArrayLoops;
import io.weft.machinecode.asm.Assembler;
import io.weft.machinecode.asm.Compare;
import io.weft.machinecode.asm.Gpr;
import io.weft.machinecode.asm.Isa;
import io.weft.machinecode.asm.Label;
import io.weft.machinecode.asm.Mem;
import io.weft.machinecode.asm.Op;
import io.weft.machinecode.memory.CodeMemory;
import io.weft.machinecode.memory.Frame;
import io.weft.machinecode.memory.NativeCall;
import io.weft.machinecode.memory.Tail;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Objects;

/**
 * {@link ArrayLoops#addToFirstLargest}: for each vector of a window first the largest number and
 * its tap are found, then dy is added to the taps, each where it is the one.
 *
 * <pre>
 * RDI, RDX  window in x and dx         v0, v1  largest, its tap
 * RSI       dy of the window           v2, v3  a tap, its number
 * R8        where taps start           v4      dy
 * RAX       bytes into the runs        v5, v6  1, temporary
 * R9, R10   windows and taps to go     k1 or v15  mask of the rest
 * R11, RBX  running R8, a tap
 * </pre>
 */
final class WindowCode {
  private static final int X_OFFSET = 0;
  private static final int DY_OFFSET = 1;
  private static final int DX_OFFSET = 2;
  private static final int COUNT = 3;
  private static final int STEP = 4; // bytes
  private static final int TAPS = 5;
  private static final int RUN = 6; // bytes
  private static final int WHOLE = 7; // bytes of a run in whole vectors
  private static final int REST = 8; // 1 if there are more, else 0
  private static final int MASK = 9;

  private static final long CALL = 1 << 17; // numbers: a call ends within a millisecond

  private static final int BEST = 0;
  private static final int TAP = 1;
  private static final int VALUE = 2;
  private static final int NUMBER = 3;
  private static final int DY = 4;
  private static final int ONE = 5;
  private static final int TEMPORARY = 6;
  private static final Gpr X = Gpr.RDI;
  private static final Gpr GRADIENT = Gpr.RSI;
  private static final Gpr DX = Gpr.RDX;
  private static final Gpr TABLE = Gpr.R8;
  private static final Gpr AT = Gpr.RAX;
  private static final Gpr WINDOWS = Gpr.R9;
  private static final Gpr TO_GO = Gpr.R10;
  private static final Gpr RUNNING = Gpr.R11;
  private static final Gpr START = Gpr.RBX;

  private final Isa isa;
  private final long code;

  /** Assembles the loop for these instructions. */
  WindowCode(Isa isa) {
    this.isa = isa;
    code = CodeMemory.install(List.of(assemble(isa)))[0];
  }

  /**
   * Runs {@link ArrayLoops#addToFirstLargest}.
   *
   * @throws IndexOutOfBoundsException if a window does not lie in its array
   */
  void run(
      int count,
      int step,
      int[] taps,
      float[] x,
      int xo,
      float[] dy,
      int dyo,
      float[] dx,
      int dxo,
      int n) {
    if (count == 0 || taps.length == 0) {
      return;
    }
    long[] starts = new long[taps.length];
    long last = (count - 1L) * step + n;
    for (int t = 0; t < taps.length; t++) {
      Objects.checkFromToIndex((long) xo + taps[t], xo + taps[t] + last, (long) x.length);
      Objects.checkFromToIndex((long) dxo + taps[t], dxo + taps[t] + last, (long) dx.length);
      starts[t] = (long) taps[t] * Float.BYTES;
    }
    Objects.checkFromIndexSize((long) dyo, (long) count * n, (long) dy.length);
    int most = (int) Math.max(1, CALL / Math.max(1, (long) n * taps.length));
    for (int i = 0; i < count; i += most) {
      run(
          Math.min(most, count - i),
          step,
          starts,
          MemorySegment.ofArray(x),
          xo + (long) i * step,
          MemorySegment.ofArray(dy),
          dyo + (long) i * n,
          MemorySegment.ofArray(dx),
          dxo + (long) i * step,
          n);
    }
  }

  /** The same on memory in one call; nothing is checked. */
  void run(
      int count,
      int step,
      long[] starts,
      MemorySegment x,
      long xo,
      MemorySegment dy,
      long dyo,
      MemorySegment dx,
      long dxo,
      int n) {
    int whole = n / isa.lanes() * isa.lanes();
    Frame f = Frame.own();
    f.set(X_OFFSET, xo * Float.BYTES);
    f.set(DY_OFFSET, dyo * Float.BYTES);
    f.set(DX_OFFSET, dxo * Float.BYTES);
    f.set(COUNT, count);
    f.set(STEP, (long) step * Float.BYTES);
    f.set(TAPS, starts.length);
    f.set(RUN, (long) n * Float.BYTES);
    f.set(WHOLE, (long) whole * Float.BYTES);
    f.set(REST, whole < n ? 1 : 0);
    f.set(MASK, Tail.mask(isa, n - whole));
    NativeCall.run(code, x, dy, dx, MemorySegment.ofArray(starts), f);
  }

  private static byte[] assemble(Isa isa) {
    Assembler a = new Assembler(isa);
    int mask = isa == Isa.AVX512 ? 1 : 15;
    a.push(START);
    a.add(X, slot(X_OFFSET));
    a.add(GRADIENT, slot(DY_OFFSET));
    a.add(DX, slot(DX_OFFSET));
    a.mov(AT, slot(MASK));
    if (isa == Isa.AVX512) {
      a.maskFrom(mask, AT);
    } else {
      a.load(mask, Mem.at(AT));
    }
    a.load(ONE, a.constant(1f));
    a.mov(WINDOWS, slot(COUNT));
    Label window = a.here();
    a.mov(AT, 0);
    Label rest = a.label();
    Label next = a.label();
    Label loop = a.here();
    a.cmp(AT, slot(WHOLE));
    a.jump(GREATER_OR_EQUAL, rest);
    vector(a, 0);
    a.add(AT, isa.bytes());
    a.jump(loop);
    a.bind(rest);
    a.mov(TO_GO, slot(REST));
    a.cmp(TO_GO, 0);
    a.jump(EQUAL, next);
    vector(a, mask);
    a.bind(next);
    a.add(X, slot(STEP));
    a.add(DX, slot(STEP));
    a.add(GRADIENT, slot(RUN));
    a.sub(WINDOWS, 1);
    a.jump(NOT_EQUAL, window);
    a.pop(START);
    a.leave();
    return a.finish();
  }

  /** One vector of a window; {@code mask} 0 for a whole one. */
  private static void vector(Assembler a, int mask) {
    Label found = a.label();
    a.mov(RUNNING, TABLE);
    a.mov(TO_GO, slot(TAPS));
    start(a);
    a.load(BEST, Mem.at(X, START, 1), mask);
    a.zero(TAP);
    a.zero(NUMBER);
    Label search = a.here();
    a.sub(TO_GO, 1);
    a.jump(EQUAL, found);
    start(a);
    a.load(VALUE, Mem.at(X, START, 1), mask);
    a.op(Op.ADD, NUMBER, NUMBER, ONE);
    a.where(Compare.GREATER, VALUE, BEST, TAP, NUMBER, TEMPORARY);
    a.where(Compare.GREATER, VALUE, BEST, BEST, VALUE, TEMPORARY);
    a.jump(search);
    a.bind(found);
    a.load(DY, Mem.at(GRADIENT, AT, 1), mask);
    a.mov(RUNNING, TABLE);
    a.mov(TO_GO, slot(TAPS));
    a.zero(NUMBER);
    Label add = a.here();
    start(a);
    a.load(VALUE, Mem.at(DX, START, 1), mask);
    a.op(Op.ADD, BEST, VALUE, DY);
    a.where(Compare.EQUAL, TAP, NUMBER, VALUE, BEST, TEMPORARY);
    a.store(Mem.at(DX, START, 1), VALUE, mask);
    a.op(Op.ADD, NUMBER, NUMBER, ONE);
    a.sub(TO_GO, 1);
    a.jump(NOT_EQUAL, add);
  }

  /** The next tap's place in the run. */
  private static void start(Assembler a) {
    a.mov(START, Mem.at(RUNNING));
    a.add(START, AT);
    a.add(RUNNING, Long.BYTES);
  }
}
