package io.weft.machinecode.loops;

import static io.weft.machinecode.asm.Condition.GREATER_OR_EQUAL;
import static io.weft.machinecode.memory.Frame.slot;

import io.weft.engine.kernel.AdamRates;
import io.weft.engine.kernel.ElementKernel;
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
 * {@link ElementKernel#adam} in one loop, which reads and writes each number once.
 *
 * <pre>
 * RDI, RSI, RDX  w, m, v          v0 … v2   w, m, v
 * R9, R10, R11   new w, m, v      v3, v4    gradient, its square
 * R8, RAX        gradient, squares v10 … v13 rates, alpha, epsilon
 * RBX            bytes done       k1 or v15 mask of the rest
 * </pre>
 */
final class AdamCode {
  private static final int WEIGHT_OFFSET = 0;
  private static final int GRADIENT_OFFSET = 1;
  private static final int WHOLE = 2; // bytes in whole vectors
  private static final int ALL = 3; // bytes
  private static final int MASK = 4;
  private static final int RATES = 5; // four of them

  private static final int MOST = 1 << 15; // elements: a call ends within a millisecond

  private static final int W = 0;
  private static final int M = 1;
  private static final int V = 2;
  private static final int G = 3;
  private static final int S = 4;
  private static final int RATE1 = 10;
  private static final int RATE2 = 11;
  private static final int ALPHA = 12;
  private static final int EPSILON = 13;
  private static final Gpr[] OLD = {Gpr.RDI, Gpr.RSI, Gpr.RDX};
  private static final Gpr[] NEW = {Gpr.R9, Gpr.R10, Gpr.R11};
  private static final Gpr GRADIENT = Gpr.R8;
  private static final Gpr SQUARES = Gpr.RAX;
  private static final Gpr AT = Gpr.RBX;

  private final Isa isa;
  private final long code;
  private final long withSquares;

  /** Assembles both forms, with squares of the gradient given and without. */
  AdamCode(Isa isa) {
    this.isa = isa;
    long[] functions = CodeMemory.install(List.of(assemble(isa, false), assemble(isa, true)));
    code = functions[0];
    withSquares = functions[1];
  }

  /**
   * Runs {@link ElementKernel#adam}.
   *
   * @throws IndexOutOfBoundsException if a run does not lie in its array
   */
  void run(
      float[][] weight,
      float[][] to,
      int at,
      float[] g,
      float[] s,
      int go,
      AdamRates rates,
      int n) {
    MemorySegment[] all = new MemorySegment[8];
    for (int i = 0; i < 3; i++) {
      Objects.checkFromIndexSize(at, n, weight[i].length);
      Objects.checkFromIndexSize(at, n, to[i].length);
      all[i] = MemorySegment.ofArray(weight[i]);
      all[3 + i] = MemorySegment.ofArray(to[i]);
    }
    Objects.checkFromIndexSize(go, n, g.length);
    all[6] = MemorySegment.ofArray(g);
    all[7] = all[6];
    if (s != null) {
      Objects.checkFromIndexSize(go, n, s.length);
      all[7] = MemorySegment.ofArray(s);
    }
    for (int i = 0; i < n; i += MOST) {
      run(all, at + i, go + i, s != null, rates, Math.min(MOST, n - i));
    }
  }

  /**
   * The same on memory in one call; nothing is checked.
   *
   * @param all w, m, v, the new ones, the gradient and its squares
   */
  void run(MemorySegment[] all, int at, int go, boolean squares, AdamRates rates, int n) {
    int whole = n / isa.lanes() * isa.lanes();
    Frame f = Frame.own();
    f.set(WEIGHT_OFFSET, (long) at * Float.BYTES);
    f.set(GRADIENT_OFFSET, (long) go * Float.BYTES);
    f.set(WHOLE, (long) whole * Float.BYTES);
    f.set(ALL, (long) n * Float.BYTES);
    f.set(MASK, Tail.mask(isa, n - whole));
    f.set(RATES, Float.floatToRawIntBits(rates.rate1()));
    f.set(RATES + 1, Float.floatToRawIntBits(rates.rate2()));
    f.set(RATES + 2, Float.floatToRawIntBits(rates.alpha()));
    f.set(RATES + 3, Float.floatToRawIntBits(rates.epsilon()));
    long address = squares ? withSquares : code;
    NativeCall.run(address, all[0], all[1], all[2], all[6], all[3], all[4], all[5], all[7], f);
  }

  private static byte[] assemble(Isa isa, boolean squares) {
    Assembler a = new Assembler(isa);
    int mask = isa == Isa.AVX512 ? 1 : 15;
    a.push(AT);
    for (int i = 0; i < 3; i++) {
      a.mov(NEW[i], Mem.at(Gpr.RSP, (2 + i) * Long.BYTES));
      a.add(NEW[i], slot(WEIGHT_OFFSET));
      a.add(OLD[i], slot(WEIGHT_OFFSET));
    }
    a.mov(AT, slot(MASK));
    if (isa == Isa.AVX512) {
      a.maskFrom(mask, AT);
    } else {
      a.load(mask, Mem.at(AT));
    }
    a.add(GRADIENT, slot(GRADIENT_OFFSET));
    a.mov(SQUARES, Mem.at(Gpr.RSP, 5 * Long.BYTES));
    a.add(SQUARES, slot(GRADIENT_OFFSET));
    for (int i = 0; i < 4; i++) {
      a.broadcast(RATE1 + i, slot(RATES + i));
    }
    a.mov(AT, 0);
    Label rest = a.label();
    Label end = a.label();
    Label loop = a.here();
    a.cmp(AT, slot(WHOLE));
    a.jump(GREATER_OR_EQUAL, rest);
    vector(a, 0, squares);
    a.add(AT, isa.bytes());
    a.jump(loop);
    a.bind(rest);
    a.cmp(AT, slot(ALL));
    a.jump(GREATER_OR_EQUAL, end);
    vector(a, mask, squares);
    a.bind(end);
    a.pop(AT);
    a.leave();
    return a.finish();
  }

  /** One vector, rounded as if the steps were done one after the other. */
  private static void vector(Assembler a, int mask, boolean squares) {
    a.load(G, Mem.at(GRADIENT, AT, 1), mask);
    if (squares) {
      a.load(S, Mem.at(SQUARES, AT, 1), mask);
    } else {
      a.op(Op.MULTIPLY, S, G, G);
    }
    for (int i = 0; i < 3; i++) {
      a.load(W + i, Mem.at(OLD[i], AT, 1), mask);
    }
    a.op(Op.SUBTRACT, G, G, M);
    a.op(Op.MULTIPLY, G, G, RATE1);
    a.op(Op.ADD, M, M, G);
    a.op(Op.SUBTRACT, S, S, V);
    a.op(Op.MULTIPLY, S, S, RATE2);
    a.op(Op.ADD, V, V, S);
    a.sqrt(S, V);
    a.op(Op.ADD, S, S, EPSILON);
    a.op(Op.MULTIPLY, G, M, ALPHA);
    a.op(Op.DIVIDE, G, G, S);
    a.op(Op.SUBTRACT, W, W, G);
    for (int i = 0; i < 3; i++) {
      a.store(Mem.at(NEW[i], AT, 1), W + i, mask);
    }
  }
}
