package io.weft.machinecode.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.machinecode.asm.Assembler;
import io.weft.machinecode.asm.Gpr;
import io.weft.machinecode.asm.Isa;
import io.weft.machinecode.asm.Mem;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class CpuTest {
  @Test
  void seesWhatTheKernelOfTheSystemSees() throws Exception {
    String flags =
        Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
            .filter(l -> l.startsWith("flags"))
            .findFirst()
            .orElseThrow();
    boolean wide =
        List.of("avx512f", "avx512dq", "avx512bw", "avx512vl").stream()
            .allMatch(f -> (flags + " ").contains(" " + f + " "));
    boolean forced = System.getProperty(Cpu.PROPERTY, "").equals("avx2");
    assertThat(Cpu.isa()).isEqualTo(wide && !forced ? Isa.AVX512 : Isa.AVX2);
  }

  @Test
  void codeGetsItsOperandsAndFrame() {
    Assembler a = new Assembler(Isa.AVX2);
    a.mov(Gpr.RAX, Frame.slot(3));
    a.add(Gpr.RAX, Mem.at(Gpr.RDI));
    a.mov(Mem.at(Gpr.RSI, 8), Gpr.RAX);
    a.mov(Mem.at(Gpr.RDX), Gpr.RAX);
    a.ret();
    long address = CodeMemory.install(List.of(a.finish()))[0];
    long[] x = {40};
    long[] y = {1, 1};
    long[] z = {1};
    Frame f = Frame.own();
    f.set(3, 2);
    NativeCall.run(
        address, MemorySegment.ofArray(x), MemorySegment.ofArray(y), MemorySegment.ofArray(z), f);
    assertThat(y).containsExactly(1, 42);
    assertThat(z).containsExactly(42);
  }

  @Test
  void noMemoryIsWritableAndExecutableAtOnce() throws Exception {
    Cpu.isa();
    long[] code = CodeMemory.install(List.of(new byte[] {(byte) 0xC3}));
    String ours =
        Files.readAllLines(Path.of("/proc/self/maps")).stream()
            .filter(l -> contains(l, code[0]))
            .findFirst()
            .orElseThrow();
    assertThat(ours).contains(" r-xp ");
  }

  private static boolean contains(String line, long address) {
    String[] range = line.split(" ", 2)[0].split("-");
    return Long.parseUnsignedLong(range[0], 16) <= address
        && address < Long.parseUnsignedLong(range[1], 16);
  }
}
