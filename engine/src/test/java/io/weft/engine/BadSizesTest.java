package io.weft.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.error.ShapeException;
import io.weft.fused.Attention;
import io.weft.fused.LayerNorm;
import io.weft.fused.Recurrent;
import io.weft.tensor.Convolution.Conv;
import io.weft.tensor.Convolution.Geometry;
import io.weft.tensor.DType;
import io.weft.tensor.Indexing;
import io.weft.tensor.Movement;
import io.weft.tensor.Op;
import io.weft.tensor.Ops;
import io.weft.tensor.Pooling.Pool;
import io.weft.tensor.Pooling.Windows;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Sizes that overflow, steps of nothing, empty axes: an error that says so, or the empty sum. */
class BadSizesTest {
  private static final int BIG = 1 << 16; // squared, more than an array holds

  private static Tensor ones(int... dims) {
    return Ops.ones(Shape.of(dims), DType.FLOAT32);
  }

  private static Tensor apply(Op op, Tensor... in) {
    return Ops.apply(op, List.of(in)).get(0);
  }

  private static Geometry geometry(int stride, int pad, int dilation, int groups) {
    return new Geometry(
        List.of(stride, 1), List.of(pad, pad), List.of(pad, pad), List.of(dilation, 1), groups);
  }

  private static Stream<DynamicTest> refused(Map<String, Supplier<Tensor>> cases, String message) {
    return cases.entrySet().stream()
        .map(
            e ->
                DynamicTest.dynamicTest(
                    e.getKey(),
                    () ->
                        assertThatThrownBy(() -> e.getValue().get())
                            .isInstanceOf(ShapeException.class)
                            .hasMessageContaining(message)));
  }

  @TestFactory
  Stream<DynamicTest> moreThanAnArrayHolds() {
    Shape s = Shape.of(BIG, BIG);
    Tensor bytes = Ops.zeros(Shape.of(1 << 15, 1 << 10), DType.INT8);
    return refused(
        Map.of(
            "zeros", () -> Ops.zeros(s, DType.FLOAT32),
            "broadcast", () -> Ops.broadcastTo(ones(1, 1), s),
            "matmul", () -> ones(BIG, 1).matmul(ones(1, BIG)),
            "add", () -> ones(BIG, 1).plus(ones(1, BIG)),
            "tile", () -> Ops.tile(ones(BIG), new int[] {BIG}),
            "repeat", () -> Ops.repeat(ones(BIG), BIG, 0),
            "one hot", () -> Ops.oneHot(Tensor.of(new int[BIG], BIG), BIG, -1, DType.FLOAT32),
            "concatenate", () -> Ops.concatenate(Collections.nCopies(64, bytes), 0),
            "pad", () -> Ops.pad(ones(2, 2), new int[][] {{0, 1 << 30}, {0, 4}}, 0)),
        "at most 2^31 elements");
  }

  @TestFactory
  Stream<DynamicTest> moreThanALongCounts() {
    int d = 1 << 30;
    return refused(
        Map.of("zeros", () -> Ops.zeros(Shape.of(d, d, d, 8), DType.FLOAT32)), "more than 2^63");
  }

  @TestFactory
  Stream<DynamicTest> nothingToStepOrToChooseFrom() {
    Tensor x = ones(1, 4, 4, 2);
    Tensor w = ones(2, 2, 2, 3);
    return refused(
        Map.of(
            "conv stride", () -> apply(new Conv(geometry(0, 0, 1, 1)), x, w),
            "conv dilation", () -> apply(new Conv(geometry(1, 0, 0, 1)), x, w),
            "conv groups", () -> apply(new Conv(geometry(1, 0, 1, 0)), x, w),
            "conv window", () -> apply(new Conv(geometry(1, 0, 1, 1)), x, ones(0, 2, 2, 3)),
            "conv padding", () -> apply(new Conv(geometry(1, 1 << 30, 1, 1)), x, w),
            "pool stride", () -> apply(new Pool(true, windows(2, 0)), x),
            "pool window", () -> apply(new Pool(false, windows(0, 1)), x),
            "slice", () -> apply(new Movement.Slice(List.of(0), List.of(2), List.of(0)), ones(4)),
            "take", () -> apply(new Indexing.Take(0), ones(0, 3), Tensor.of(new int[1], 1)),
            "max", () -> Ops.max(ones(0, 3), new int[] {0}, false)),
        "expected");
  }

  private static Windows windows(int size, int stride) {
    return new Windows(List.of(size, 2), List.of(stride, 1), List.of(0, 0), List.of(0, 0));
  }

  @TestFactory
  Stream<DynamicTest> emptyAxes() {
    Conv conv = new Conv(geometry(1, 0, 1, 1));
    Conv depthwise = new Conv(geometry(1, 0, 1, 2));
    Tensor w = ones(2, 2, 2, 3);
    Op lstm = new Recurrent.Lstm(true, false);
    Op relu = new Recurrent.Simple(Recurrent.Activation.RELU, true, false);
    return Stream.of(
        empty("matmul rows", () -> ones(0, 4).matmul(ones(4, 3)), 0, 3),
        zeros("matmul sum", () -> ones(2, 0).matmul(ones(0, 3)), 2, 3),
        zeros("conv channels", () -> apply(conv, ones(1, 2, 2, 0), ones(2, 2, 0, 3)), 1, 1, 1, 3),
        empty("conv batch", () -> apply(conv, ones(0, 4, 4, 2), w), 0, 3, 3, 3),
        empty("depthwise", () -> apply(depthwise, ones(0, 4, 4, 2), ones(2, 2, 1, 2)), 0, 3, 3, 2),
        empty("softmax rows", () -> Ops.softmax(ones(0, 5), -1), 0, 5),
        empty("softmax", () -> Ops.softmax(ones(5, 0), -1), 5, 0),
        empty("norm rows", () -> LayerNorm.of(ones(0, 4), ones(4), ones(4), 1e-3), 0, 4),
        empty("norm", () -> LayerNorm.of(ones(3, 0), ones(0), ones(0), 1e-3), 3, 0),
        zeros("attention to nothing", () -> attention(2, 0), 1, 2, 1, 3),
        empty("attention", () -> attention(0, 2), 1, 0, 1, 3),
        empty("lstm batch", () -> recurrent(lstm, 4, 0, 3, 2, 2, 2), 0, 3, 2),
        empty("lstm steps", () -> recurrent(lstm, 4, 2, 0, 2, 2, 2), 2, 0, 2),
        empty("lstm units", () -> recurrent(lstm, 4, 2, 3, 2, 0, 2), 2, 3, 0),
        empty("simple units", () -> recurrent(relu, 1, 2, 3, 2, 0, 1), 2, 3, 0),
        // h = relu(1 + 2h): without features there is the bias
        test(
            "simple features",
            () -> recurrent(relu, 1, 1, 3, 0, 2, 1),
            new int[] {1, 3, 2},
            new float[] {3, 3, 7, 7, 15, 15}),
        zeros("sum", () -> Ops.sum(ones(0, 3), new int[] {0}, false), 3));
  }

  private static Tensor attention(int steps, int sources) {
    Tensor k = ones(1, sources, 1, 3);
    return Attention.of(ones(1, steps, 1, 3), k, k, null, null, 1, false, -1e9);
  }

  private static Tensor recurrent(Op op, int gates, int b, int t, int f, int u, int states) {
    Tensor state = ones(b, u);
    List<Tensor> in =
        new java.util.ArrayList<>(
            List.of(ones(b, t, f), ones(f, gates * u), ones(u, gates * u), ones(gates * u)));
    in.addAll(Collections.nCopies(states, state));
    return Ops.apply(op, in).get(0);
  }

  private static DynamicTest empty(String name, Supplier<Tensor> make, int... shape) {
    return test(name, make, shape, new float[0]);
  }

  private static DynamicTest zeros(String name, Supplier<Tensor> make, int... shape) {
    return test(name, make, shape, new float[Shape.of(shape).intSize()]);
  }

  private static DynamicTest test(
      String name, Supplier<Tensor> make, int[] shape, float[] numbers) {
    return DynamicTest.dynamicTest(
        name,
        () -> {
          Tensor y = make.get();
          assertThat(y.shape()).isEqualTo(Shape.of(shape));
          assertThat(y.toFloatArray()).containsExactly(numbers);
        });
  }
}
