package io.weft.machinecode.loops;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.machinecode.asm.Isa;
import io.weft.machinecode.memory.Cpu;
import io.weft.machinecode.memory.Frame;
import io.weft.machinecode.memory.Guarded;
import io.weft.machinecode.memory.NativeCall;
import io.weft.machinecode.memory.Tail;
import java.lang.foreign.MemorySegment;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every loop of the tables, between inaccessible pages. */
class RunsTest {
  private static final int ROWS = 3;

  static Stream<Arguments> loops() {
    Stream<LoopCode> all =
        Stream.of(ArrayCode.values(), ElementCode.values(), RowsCode.values()).flatMap(Stream::of);
    return all.flatMap(
        loop ->
            Stream.of(Isa.values())
                .filter(isa -> isa.compareTo(Cpu.isa()) <= 0)
                .map(isa -> Arguments.of(loop, isa)));
  }

  /** How many runs of n elements, one after the other, an operand has. */
  private static int parts(LoopCode loop, int operand) {
    if (loop instanceof RowsCode) {
      boolean gradient = loop == RowsCode.NORM_GRADIENT || loop == RowsCode.RMS_NORM_GRADIENT;
      boolean row = operand < 2 || operand == 2 && (gradient || loop == RowsCode.CENTERED);
      return row || operand == 3 && gradient ? ROWS : 1; // parameters have three parts too
    }
    if (!(loop instanceof ElementCode e) || e.compareTo(ElementCode.CARRY_GRADIENT) < 0) {
      return 1;
    }
    return operand == 0 || operand == 3 && e != ElementCode.CARRY_GRADIENT ? 4 : 1;
  }

  @ParameterizedTest
  @MethodSource("loops")
  void touchesNothingBesideItsRuns(LoopCode loop, Isa isa) {
    Runs runs = new Runs(isa, (LoopCode[]) loop.getClass().getEnumConstants());
    MemorySegment[] pages = new MemorySegment[4];
    for (int i = 0; i < 4; i++) {
      pages[i] = Guarded.floats(1024, false); // a page between two inaccessible ones
    }
    for (int n = 1; n <= 140; n++) {
      boolean end = n % 2 == 0;
      Frame f = Frame.own();
      for (int i = 0; i < 4; i++) {
        f.set(RunCode.OFFSETS + i, 0);
      }
      f.set(RunCode.COUNT, n);
      f.set(RunCode.MASK, Tail.mask(isa, n % isa.lanes()));
      f.set(RunCode.STRIDE, n * (long) Float.BYTES);
      f.set(RunCode.ROWS, ROWS);
      f.set(RunCode.ROW_BYTES, n * (long) Float.BYTES);
      MemorySegment[] x = new MemorySegment[4];
      for (int i = 0; i < 4; i++) {
        long bytes = n * (long) Float.BYTES * parts(loop, i);
        x[i] = pages[i].asSlice(end ? pages[i].byteSize() - bytes : 0, bytes);
      }
      NativeCall.run(runs.address(loop), x[0], x[1], x[2], x[3], f);
      assertThat((int) f.get(RunCode.COUNT)).isEqualTo(n);
    }
  }
}
