package io.weft.machinecode.memory;

import io.weft.machinecode.asm.Assembler;
import io.weft.machinecode.asm.Gpr;
import io.weft.machinecode.asm.Isa;
import io.weft.machinecode.asm.Mem;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** What this CPU, and the system on it, can do; asked by a generated function. */
public final class Cpu {
  /** System property that forces {@code avx2} where there is AVX-512 too. */
  public static final String PROPERTY = "weft.machine.isa";

  private static final int FMA = 1 << 12; // leaf 1, ECX
  private static final int OSXSAVE = 1 << 27;
  private static final int AVX = 1 << 28;
  private static final int AVX2 = 1 << 5; // leaf 7, EBX
  private static final int AVX512 = 1 << 16 | 1 << 17 | 1 << 30 | 1 << 31; // F, DQ, BW, VL
  private static final int YMM_STATE = 0x6;
  private static final int ZMM_STATE = 0xE6;

  private Cpu() {}

  /**
   * The best instructions there are.
   *
   * @throws UnsupportedOperationException if there is neither AVX-512 nor AVX2 with FMA
   */
  public static Isa isa() {
    long[] code = CodeMemory.install(List.of(leaves(), states()));
    long[] found = new long[5];
    NativeCall.run(code[0], segment(found), segment(found), segment(found), Frame.own());
    int basic = (int) found[1];
    int extended = found[0] >= 7 ? (int) found[2] : 0;
    int states = 0;
    if ((basic & OSXSAVE) != 0) {
      NativeCall.run(code[1], segment(found), segment(found), segment(found), Frame.own());
      states = (int) found[3];
    }
    int needed = FMA | AVX | OSXSAVE;
    if ((basic & needed) != needed || (extended & AVX2) == 0 || (states & YMM_STATE) != YMM_STATE) {
      throw new UnsupportedOperationException("the CPU has no AVX2 with FMA");
    }
    boolean wide = (extended & AVX512) == AVX512 && (states & ZMM_STATE) == ZMM_STATE;
    return wide && !System.getProperty(PROPERTY, "").equals("avx2") ? Isa.AVX512 : Isa.AVX2;
  }

  private static MemorySegment segment(long[] array) {
    return MemorySegment.ofArray(array);
  }

  /**
   * {@code x[0]} = the highest leaf, {@code x[1]} = ECX of leaf 1, {@code x[2]} = EBX of leaf 7.
   */
  private static byte[] leaves() {
    Assembler a = new Assembler(Isa.AVX2);
    a.push(Gpr.RBX);
    leaf(a, 0);
    a.mov(Mem.at(Gpr.RDI), Gpr.RAX);
    leaf(a, 1);
    a.mov(Mem.at(Gpr.RDI, 8), Gpr.RCX);
    leaf(a, 7);
    a.mov(Mem.at(Gpr.RDI, 16), Gpr.RBX);
    a.pop(Gpr.RBX);
    a.ret();
    return a.finish();
  }

  private static void leaf(Assembler a, int number) {
    a.mov(Gpr.RAX, number);
    a.mov(Gpr.RCX, 0);
    a.cpuid();
  }

  /** {@code x[3]} = the register states that the system saves. */
  private static byte[] states() {
    Assembler a = new Assembler(Isa.AVX2);
    a.mov(Gpr.RCX, 0);
    a.xgetbv();
    a.mov(Mem.at(Gpr.RDI, 24), Gpr.RAX);
    a.ret();
    return a.finish();
  }
}
