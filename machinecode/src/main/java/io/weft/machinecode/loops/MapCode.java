package io.weft.machinecode.loops;

import static io.weft.machinecode.asm.Condition.EQUAL;
import static io.weft.machinecode.asm.Condition.GREATER_OR_EQUAL;
import static io.weft.machinecode.asm.Condition.LESS;
import static io.weft.machinecode.memory.Frame.slot;

import io.weft.machinecode.asm.Assembler;
import io.weft.machinecode.asm.Gpr;
import io.weft.machinecode.asm.Isa;
import io.weft.machinecode.asm.Label;
import io.weft.machinecode.asm.Mem;
import java.util.function.Consumer;

/**
 * {@code y = f(x)} over a run: whole vectors, then the rest under a mask.
 *
 * <pre>
 * RDI, RSI  running x and y      v0          a vector, before and after f
 * RAX       floats to go         k1 or v15   mask of the rest; before it, a constant
 * </pre>
 */
final class MapCode {
  /** First element of x, in bytes from the start of x. */
  static final int X_OFFSET = 0;

  /** First element of y, in bytes from the start of y. */
  static final int Y_OFFSET = 1;

  /** Number of elements. */
  static final int COUNT = 2;

  /** Mask of those beyond whole vectors. */
  static final int MASK = 3;

  private static final Gpr LEFT = Gpr.RAX;

  private MapCode() {}

  static byte[] assemble(Isa isa, Consumer<Functions> f) {
    Assembler a = new Assembler(isa);
    Functions functions = Functions.withConstants(a, f);
    int mask = isa == Isa.AVX512 ? 1 : 15;
    Label rest = a.label();
    Label end = a.label();
    a.add(Gpr.RDI, slot(X_OFFSET));
    a.add(Gpr.RSI, slot(Y_OFFSET));
    a.mov(LEFT, slot(COUNT));
    a.sub(LEFT, isa.lanes());
    a.jump(LESS, rest);
    a.align(64);
    Label loop = a.here();
    a.load(Functions.X, Mem.at(Gpr.RDI));
    f.accept(functions);
    a.store(Mem.at(Gpr.RSI), Functions.X);
    a.add(Gpr.RDI, isa.bytes());
    a.add(Gpr.RSI, isa.bytes());
    a.sub(LEFT, isa.lanes());
    a.jump(GREATER_OR_EQUAL, loop);
    a.bind(rest);
    a.add(LEFT, isa.lanes());
    a.jump(EQUAL, end);
    a.mov(LEFT, slot(MASK));
    if (isa == Isa.AVX512) {
      a.maskFrom(mask, LEFT);
    } else {
      a.load(mask, Mem.at(LEFT));
    }
    a.load(Functions.X, Mem.at(Gpr.RDI), mask);
    f.accept(functions);
    a.store(Mem.at(Gpr.RSI), Functions.X, mask);
    a.bind(end);
    a.leave();
    return a.finish();
  }
}
