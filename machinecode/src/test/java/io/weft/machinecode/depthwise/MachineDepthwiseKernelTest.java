package io.weft.machinecode.depthwise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.weft.engine.gemm.Epilogue;
import io.weft.engine.kernel.DepthwiseKernel.Line;
import io.weft.machinecode.asm.Isa;
import io.weft.machinecode.memory.Cpu;
import io.weft.machinecode.memory.Frame;
import io.weft.machinecode.memory.Guarded;
import io.weft.machinecode.memory.NativeCall;
import io.weft.machinecode.memory.Tail;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class MachineDepthwiseKernelTest {
  static Stream<Isa> isas() {
    return Stream.of(Isa.values()).filter(isa -> isa.compareTo(Cpu.isa()) <= 0);
  }

  private static float[] numbers(Random random, int n) {
    float[] x = new float[n];
    for (int i = 0; i < n; i++) {
      x[i] = random.nextFloat() - 0.5f;
    }
    return x;
  }

  /** Any stride, dilation and padding, also more than the filter is wide, and negative. */
  private static Line line(Random random) {
    int taps = 1 + random.nextInt(random.nextInt(5) == 0 ? 30 : 5);
    int stride = 1 + random.nextInt(4);
    int dilation = random.nextBoolean() ? 1 : 1 + random.nextInt(4);
    int in = 1 + random.nextInt(random.nextBoolean() ? 60 : 9);
    int pad = random.nextInt(taps * dilation + 2) - 1;
    int out = 1 + random.nextInt(40);
    int channels = 1 + random.nextInt(random.nextBoolean() ? 70 : 12);
    return new Line(channels, taps, stride, dilation, pad, in, out);
  }

  @ParameterizedTest
  @MethodSource("isas")
  void givesTheBitsOfPlainLoopsAndWritesNothingElse(Isa isa) {
    MachineDepthwiseKernel kernel = new MachineDepthwiseKernel(isa);
    Random random = new Random(1);
    for (int q = 0; q < 400; q++) {
      Line line = line(random);
      int c = line.channels();
      int count = 1 + random.nextInt(4);
      int rows = random.nextInt(4);
      int rowStep = random.nextInt(3) * line.in() * c;
      int lineStep = random.nextInt(3) * line.in() * c;
      int length = Math.max(0, rows - 1) * rowStep + (count - 1) * lineStep + line.in() * c;
      float[] x = numbers(random, 3 + length);
      float[] w = numbers(random, 2 + rows * line.taps() * c);
      if (q % 5 == 0) { // and what lies beside the input is not multiplied
        w[random.nextInt(w.length)] = Float.NaN;
        x[random.nextInt(x.length)] = Float.POSITIVE_INFINITY;
      }
      boolean scaled = random.nextBoolean();
      Epilogue.Simple last =
          q % 3 == 0
              ? null
              : new Epilogue.Simple(
                  random.nextBoolean() ? numbers(random, c + 1) : null,
                  scaled ? numbers(random, c + 1) : null,
                  scaled ? numbers(random, c + 1) : null,
                  1,
                  random.nextBoolean(),
                  random.nextBoolean() ? 0.25f : Float.POSITIVE_INFINITY,
                  null);
      float[] y = new float[5 + count * line.out() * c + 1];
      Arrays.fill(y, 7f);
      float[] expected = y.clone();
      kernel.lines(line).run(count, rows, x, 3, lineStep, rowStep, w, 2, y, 5, last);
      PlainLines.run(
          line, 0, line.out(), count, rows, x, 3, lineStep, rowStep, w, 2, expected, 5, last);
      assertThat(y).as("%s, %d lines, %d rows", line, count, rows).isEqualTo(expected);
    }
  }

  /** Operands between inaccessible pages: a stray read or write would end the process. */
  @ParameterizedTest
  @MethodSource("isas")
  void kernelsTouchNothingBeside(Isa isa) {
    MachineDepthwiseKernel kernel = new MachineDepthwiseKernel(isa);
    Random random = new Random(2);
    for (int q = 0; q < 300; q++) {
      boolean end = q % 2 == 0;
      int taps = 1 + random.nextInt(6);
      int stride = 1 + random.nextInt(3);
      int dilation = 1 + random.nextInt(3);
      int outputs = 1 + random.nextInt(DepthwiseCode.MOST_OUTPUTS);
      int span = Block.span(taps, stride, dilation, outputs);
      int low = q % 3 == 0 ? random.nextInt(span) : 0;
      int high = q % 4 == 0 ? low + random.nextInt(span - low) : span;
      Block block = new Block(taps, stride, dilation, outputs, low, Math.max(low, high));
      long code = kernel.address(block);
      assertThat(code).as("passes its test: %s", block).isNotZero();
      int c = 1 + random.nextInt(40);
      int rows = random.nextInt(4);
      int row = (block.high() - block.low()) * c;
      Frame f = Frame.own();
      f.set(DepthwiseCode.X_OFFSET, 0);
      f.set(DepthwiseCode.W_OFFSET, 0);
      f.set(DepthwiseCode.Y_OFFSET, 0);
      f.set(DepthwiseCode.LINES, 1);
      f.set(DepthwiseCode.X_LINE, 0);
      f.set(DepthwiseCode.Y_LINE, 0);
      f.set(DepthwiseCode.BLOCKS, 1);
      f.set(DepthwiseCode.X_BLOCK, 0);
      f.set(DepthwiseCode.Y_BLOCK, 0);
      f.set(DepthwiseCode.ROWS, rows);
      f.set(DepthwiseCode.X_ROW, (long) row * Float.BYTES);
      f.set(DepthwiseCode.COLUMN, (long) c * Float.BYTES);
      f.set(DepthwiseCode.CHANNELS, c);
      f.set(DepthwiseCode.MASK, Tail.mask(isa, c % isa.lanes()));
      f.set(DepthwiseCode.STEPS, q & 15);
      f.set(DepthwiseCode.PARAMETERS, (long) c * Float.BYTES);
      f.set(DepthwiseCode.PARAMETERS_OFFSET, 0);
      f.set(DepthwiseCode.MOST, 0);
      NativeCall.run(
          code,
          Guarded.floats((long) rows * row, end),
          Guarded.floats((long) rows * taps * c, end),
          Guarded.floats((long) outputs * c, end),
          Guarded.floats(3L * c, end),
          f);
    }
  }

  /** Lines too wide for a kernel of their own are done in plain loops. */
  @ParameterizedTest
  @MethodSource("isas")
  void veryWideFiltersAgreeToo(Isa isa) {
    Line line = new Line(3, 2, 1, 2000, 0, 2010, 10);
    float[] x = numbers(new Random(3), 2010 * 3);
    float[] y = new float[30];
    float[] expected = new float[30];
    float[] w = {1, 2, 3, 4, 5, 6};
    new MachineDepthwiseKernel(isa).lines(line).run(1, 1, x, 0, 0, 0, w, 0, y, 0, null);
    PlainLines.run(line, 0, 10, 1, 1, x, 0, 0, 0, w, 0, expected, 0, null);
    assertThat(y).isEqualTo(expected);
  }

  @ParameterizedTest
  @MethodSource("isas")
  void operandsBeyondTheirArraysAreRefused(Isa isa) {
    Line line = new Line(4, 3, 1, 1, 1, 5, 5);
    float[] x = new float[3 * 20];
    float[] w = new float[36];
    float[] y = new float[20];
    Runnable[] calls = {
      () -> new MachineDepthwiseKernel(isa).lines(line).run(1, 3, x, 1, 0, 20, w, 0, y, 0, null),
      () -> new MachineDepthwiseKernel(isa).lines(line).run(1, 3, x, 0, 0, 20, w, 1, y, 0, null),
      () -> new MachineDepthwiseKernel(isa).lines(line).run(1, 3, x, 0, 0, 20, w, 0, y, 1, null),
      () -> new MachineDepthwiseKernel(isa).lines(line).run(2, 3, x, 0, 20, 20, w, 0, x, 0, null),
      () -> new MachineDepthwiseKernel(isa).lines(line).run(1, 3, x, -1, 0, 20, w, 0, y, 0, null)
    };
    for (Runnable call : calls) {
      assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(call::run);
    }
  }

  /** To the filter and to the input; operands between inaccessible pages, compared to all bits. */
  @ParameterizedTest
  @MethodSource("isas")
  void gradientsGiveTheBitsOfPlainLoopsAndTouchNothingBeside(Isa isa) {
    MachineDepthwiseKernel kernel = new MachineDepthwiseKernel(isa);
    Random random = new Random(5);
    int served = 0;
    for (int q = 0; q < 400; q++) {
      Line line = line(random);
      Edges edges = Edges.of(line);
      if (edges == null) {
        assertThat(kernel.gradients(line)).isNull();
        continue;
      }
      served++;
      boolean toFilter = q % 2 == 0;
      boolean end = random.nextBoolean();
      int c = line.channels();
      int count = 1 + random.nextInt(4);
      int rows = 1 + random.nextInt(3);
      int rowStep = random.nextInt(3) * line.in() * c;
      int lineStep = random.nextInt(3) * line.in() * c;
      float[] x = numbers(random, (rows - 1) * rowStep + (count - 1) * lineStep + line.in() * c);
      float[] y = numbers(random, count * line.out() * c);
      float[] w = numbers(random, rows * line.taps() * c);
      long code = kernel.address(line, edges, toFilter);
      assertThat(code).as("passes its test: %s", line).isNotZero();
      MemorySegment guardedX = Guarded.copy(x, end);
      MemorySegment guardedW = Guarded.copy(w, end);
      MachineGradients.call(
          isa,
          code,
          line,
          edges,
          count,
          rows,
          guardedX,
          0,
          lineStep,
          rowStep,
          Guarded.copy(y, end),
          0,
          guardedW,
          0);
      float[] otherX = x.clone();
      float[] otherW = w.clone();
      if (toFilter) {
        kernel.gradients(line).filter(count, rows, otherX, 0, lineStep, rowStep, y, 0, otherW, 0);
      } else {
        kernel.gradients(line).input(count, rows, otherX, 0, lineStep, rowStep, y, 0, otherW, 0);
      }
      PlainGradients.run(line, toFilter, count, rows, x, 0, lineStep, rowStep, y, 0, w, 0);
      assertThat(guardedX.toArray(ValueLayout.JAVA_FLOAT)).as("x, %s", line).isEqualTo(x);
      assertThat(guardedW.toArray(ValueLayout.JAVA_FLOAT)).as("w, %s", line).isEqualTo(w);
      assertThat(otherX).isEqualTo(x);
      assertThat(otherW).isEqualTo(w);
    }
    assertThat(served).isGreaterThan(200);
    Line line = new Line(4, 3, 1, 1, 1, 5, 5);
    float[] full = new float[60];
    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> kernel.gradients(line).filter(1, 3, full, 1, 0, 20, full, 0, full, 0));
    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> kernel.gradients(line).filter(1, 3, full, 0, 0, 20, full, 41, full, 0));
    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> kernel.gradients(line).input(1, 3, full, 0, 0, 20, full, 0, full, 25));
  }
}
