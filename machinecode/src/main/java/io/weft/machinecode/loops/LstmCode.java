package io.weft.machinecode.loops;

import static io.weft.machinecode.asm.Condition.EQUAL;
import static io.weft.machinecode.asm.Condition.GREATER_OR_EQUAL;
import static io.weft.machinecode.asm.Condition.NOT_EQUAL;
import static io.weft.machinecode.memory.Frame.slot;

import io.weft.engine.kernel.MathKernel;
import io.weft.machinecode.asm.Assembler;
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
 * {@link MathKernel#lstmStep}: from a vector of each gate's sums to the carry and the state without
 * leaving the registers, with the bits of the functions and loops one after the other.
 *
 * <pre>
 * RDI, RAX, R10  sums of i, f, o of this row     v0 … v10   of the functions
 * RSI, RDX, R8   candidate, carry, state         v11, v12   a gate, the new carry
 * R9, R11        bytes of a row, of what is done v13        a number that is read
 * RCX            the frame                       k1 or v15  mask of the rest
 *                                                v14 …      constants (AVX-512)
 * </pre>
 */
final class LstmCode {
  private static final int GATES = 0;
  private static final int CANDIDATE = 1;
  private static final int CARRY = 2;
  private static final int STATE = 3;
  private static final int ROW = 4; // bytes
  private static final int WHOLE = 5; // bytes of a row in whole vectors
  private static final int REST = 6; // 1 if there are more, else 0
  private static final int MASK = 7;
  private static final int ROWS = 8;

  private static final int CALL = 1 << 15; // units: a call ends within a millisecond

  private static final int KEPT = 11;
  private static final int NEW = 12;
  private static final int READ = 13;
  private static final Gpr I = Gpr.RDI;
  private static final Gpr F = Gpr.RAX;
  private static final Gpr O = Gpr.R10;
  private static final Gpr G = Gpr.RSI;
  private static final Gpr C = Gpr.RDX;
  private static final Gpr H = Gpr.R8;
  private static final Gpr LENGTH = Gpr.R9;
  private static final Gpr AT = Gpr.R11;

  private final Isa isa;
  private final long code;
  private final long keeping;

  /** Assembles both forms, with and without activated gates. */
  LstmCode(Isa isa) {
    this.isa = isa;
    long[] functions = CodeMemory.install(List.of(assemble(isa, false), assemble(isa, true)));
    code = functions[0];
    keeping = functions[1];
  }

  /**
   * Runs {@link MathKernel#lstmStep}.
   *
   * @throws IndexOutOfBoundsException if rows do not lie in their arrays
   */
  void run(
      int rows, int u, float[] ifo, int z, float[] g, int zg, float[] c, float[] h, boolean keep) {
    int n = Math.multiplyExact(rows, u);
    Objects.checkFromIndexSize((long) z, 3L * n, (long) ifo.length);
    Objects.checkFromIndexSize(zg, n, g.length);
    Objects.checkFromIndexSize(0, n, c.length);
    Objects.checkFromIndexSize(0, n, h.length);
    run(
        rows,
        u,
        MemorySegment.ofArray(ifo),
        z,
        MemorySegment.ofArray(g),
        zg,
        MemorySegment.ofArray(c),
        MemorySegment.ofArray(h),
        keep);
  }

  /** The same on memory; nothing is checked. */
  void run(
      int rows,
      int u,
      MemorySegment ifo,
      int z,
      MemorySegment g,
      int zg,
      MemorySegment c,
      MemorySegment h,
      boolean keep) {
    if (u == 0) {
      return;
    }
    int most = Math.max(1, CALL / u);
    int whole = u / isa.lanes() * isa.lanes();
    for (int b = 0; b < rows; b += most) {
      Frame f = Frame.own();
      f.set(GATES, (z + 3L * b * u) * Float.BYTES);
      f.set(CANDIDATE, (zg + (long) b * u) * Float.BYTES);
      f.set(CARRY, (long) b * u * Float.BYTES);
      f.set(STATE, (long) b * u * Float.BYTES);
      f.set(ROW, (long) u * Float.BYTES);
      f.set(WHOLE, (long) whole * Float.BYTES);
      f.set(REST, whole < u ? 1 : 0);
      f.set(MASK, Tail.mask(isa, u - whole));
      f.set(ROWS, Math.min(most, rows - b));
      NativeCall.run(keep ? keeping : code, ifo, g, c, h, f);
    }
  }

  private static void both(Functions f) {
    f.sigmoid();
    f.tanh();
  }

  private static byte[] assemble(Isa isa, boolean keep) {
    Assembler a = new Assembler(isa);
    Functions functions =
        isa == Isa.AVX512
            ? Functions.withConstants(a, READ + 1, isa.registers(), f -> both(f))
            : new Functions(a);
    int mask = isa == Isa.AVX512 ? 1 : 15;
    a.add(I, slot(GATES));
    a.add(G, slot(CANDIDATE));
    a.add(C, slot(CARRY));
    a.add(H, slot(STATE));
    a.mov(LENGTH, slot(ROW));
    a.mov(AT, slot(MASK));
    if (isa == Isa.AVX512) {
      a.maskFrom(mask, AT);
    } else {
      a.load(mask, Mem.at(AT));
    }
    Label row = a.here();
    a.lea(F, Mem.at(I, LENGTH, 1));
    a.lea(O, Mem.at(I, LENGTH, 2));
    a.mov(AT, 0);
    Label rest = a.label();
    Label next = a.label();
    Label loop = a.here();
    a.cmp(AT, slot(WHOLE));
    a.jump(GREATER_OR_EQUAL, rest);
    new LstmVector(a, functions, 0, keep).write();
    a.add(AT, isa.bytes());
    a.jump(loop);
    a.bind(rest);
    a.mov(F, slot(REST));
    a.cmp(F, 0);
    a.jump(EQUAL, next);
    a.lea(F, Mem.at(I, LENGTH, 1));
    new LstmVector(a, functions, mask, keep).write();
    a.bind(next);
    a.lea(I, Mem.at(I, LENGTH, 2));
    for (Gpr running : new Gpr[] {I, G, C, H}) {
      a.add(running, LENGTH);
    }
    a.mov(AT, slot(ROWS));
    a.sub(AT, 1);
    a.mov(slot(ROWS), AT);
    a.jump(NOT_EQUAL, row);
    a.leave();
    return a.finish();
  }

  /**
   * The units of one vector.
   *
   * @param mask of those that there are; 0 for all
   */
  private record LstmVector(Assembler a, Functions functions, int mask, boolean keep) {
    void write() {
      gate(I, functions::sigmoid);
      a.move(KEPT, Functions.X);
      gate(G, functions::tanh);
      a.op(Op.MULTIPLY, KEPT, KEPT, Functions.X);
      gate(F, functions::sigmoid);
      load(READ, C);
      a.op(Op.MULTIPLY, NEW, Functions.X, READ);
      a.op(Op.ADD, NEW, NEW, KEPT);
      store(C, NEW);
      gate(O, functions::sigmoid);
      a.move(KEPT, Functions.X);
      a.move(Functions.X, NEW);
      functions.tanh();
      a.op(Op.MULTIPLY, KEPT, KEPT, Functions.X);
      store(H, KEPT);
    }

    private void gate(Gpr sums, Runnable function) {
      load(Functions.X, sums);
      function.run();
      if (keep) {
        store(sums, Functions.X);
      }
    }

    private void load(int d, Gpr base) {
      a.load(d, Mem.at(base, AT, 1), mask);
    }

    private void store(Gpr base, int s) {
      a.store(Mem.at(base, AT, 1), s, mask);
    }
  }
}
