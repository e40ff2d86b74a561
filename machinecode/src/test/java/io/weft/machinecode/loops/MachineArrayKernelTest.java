package io.weft.machinecode.loops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import io.weft.machinecode.asm.Isa;
import io.weft.machinecode.asm.Op;
import io.weft.machinecode.memory.CodeMemory;
import io.weft.machinecode.memory.Cpu;
import io.weft.machinecode.memory.Frame;
import io.weft.machinecode.memory.Guarded;
import io.weft.machinecode.memory.NativeCall;
import io.weft.machinecode.memory.Tail;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class MachineArrayKernelTest {
  static Stream<MachineArrayKernel> kernels() {
    return Stream.of(Isa.values())
        .filter(isa -> isa.compareTo(Cpu.isa()) <= 0)
        .map(MachineArrayKernel::new);
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void passesItsSelfTest(MachineArrayKernel kernel) {
    ArraySelfTest.run(kernel);
  }

  @ParameterizedTest
  @EnumSource(Isa.class)
  void loopsTouchNothingBesideTheirRuns(Isa isa) {
    if (isa.compareTo(Cpu.isa()) > 0) {
      return; // the other instructions are tested
    }
    long[] code =
        CodeMemory.install(
            List.of(
                ArrayCode.sum(isa),
                ArrayCode.dot(isa),
                ArrayCode.squares(isa),
                ArrayCode.max(isa),
                ArrayCode.affine(isa),
                ArrayCode.combine(isa, Op.ADD),
                ArrayCode.maximum(isa),
                ArrayCode.addScaled(isa),
                ArrayCode.addProduct(isa),
                ArrayCode.centeredProduct(isa),
                ArrayCode.normGradient(isa),
                ArrayCode.firstLargest(isa),
                ArrayCode.addWhereEqual(isa)));
    for (int n = 1; n <= 140; n++) {
      for (long address : code) {
        boolean end = n % 2 == 0;
        Frame f = Frame.own();
        for (int i = 0; i < 4; i++) {
          f.set(RunCode.OFFSETS + i, 0);
        }
        f.set(RunCode.COUNT, n);
        f.set(RunCode.MASK, Tail.mask(isa, n % isa.lanes()));
        MemorySegment x = Guarded.floats(n, end);
        NativeCall.run(address, x, Guarded.floats(n, end), Guarded.floats(n, end), f);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void longSumsAreExactEnoughAndCutInPairs(MachineArrayKernel kernel) {
    float[] x = new float[300_001];
    Arrays.fill(x, 0.1f);
    assertThat((double) kernel.sum(x, 0, x.length)).isCloseTo(30000.1, within(0.05));
    assertThat((double) kernel.dot(x, 1, x, 0, 300_000)).isCloseTo(3000, within(0.02));
    assertThat((double) kernel.squares(x, 0, x.length, 0.2f)).isCloseTo(3000, within(0.02));
    x[200_000] = 7;
    assertThat(kernel.max(x, 0, x.length)).isEqualTo(7);
    assertThat(kernel.max(x, 0, 0)).isEqualTo(Float.NEGATIVE_INFINITY);
    kernel.add(x, 0, x, 0, x.length);
    assertThat(x[200_000]).isEqualTo(14);
    assertThat(x[300_000]).isEqualTo(0.2f);
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void runsBeyondAnArrayAreRefused(MachineArrayKernel kernel) {
    float[] x = new float[10];
    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> kernel.sum(x, 1, 10));
    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> kernel.add(x, 0, x, 3, 8));
    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> kernel.max(x, -1, 5));
  }
}
