package io.weft.engine;

import static io.weft.tensor.Shape.of;
import static org.assertj.core.api.Assertions.assertThat;

import io.weft.autodiff.GradientTape;
import io.weft.compile.CompiledFunction;
import io.weft.compile.Passes;
import io.weft.tensor.Convolution;
import io.weft.tensor.DType;
import io.weft.tensor.Graph;
import io.weft.tensor.Ops;
import io.weft.tensor.RandomOps;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.tensor.TensorSpec;
import io.weft.tensor.Trace;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/** What the passes make of typical functions, and that the numbers stay. */
class PassesTest {
  private static Tensor random(int seed, int... shape) {
    return RandomOps.normal(of(shape), 0, 1, DType.FLOAT32, Tensor.of(new long[] {seed, 0}));
  }

  /** The names of the ops that run, in order, after checking the results. */
  private static List<String> ops(Function<List<Tensor>, List<Tensor>> f, Tensor... in) {
    List<Tensor> arguments = Arrays.asList(in);
    List<Tensor> want = f.apply(arguments);
    List<Tensor> got = CompiledFunction.of(f).run(arguments);
    for (int i = 0; i < want.size(); i++) {
      assertThat(got.get(i).toFloatArray())
          .containsExactly(want.get(i).toFloatArray(), Offset.offset(1e-5f));
    }
    Graph g = Trace.capture(arguments.stream().map(Tensor::spec).toList(), f).graph();
    return Passes.simplify(g).nodes().stream().map(n -> n.op().name()).toList();
  }

  @Test
  void productsTakeUpBiasAndActivation() {
    assertThat(
            ops(
                x -> List.of(Ops.relu(x.get(0).matmul(x.get(1)).plus(x.get(2)))),
                random(1, 5, 7),
                random(2, 7, 9),
                random(3, 9)))
        .containsExactly("matmul_bias_relu");
  }

  @Test
  void biasesOfSeveralAxesAreAddedBeforeTheReshape() {
    assertThat(
            ops(
                x -> List.of(Ops.einsum("abc,cde->abde", x.get(0), x.get(1)).plus(x.get(2))),
                random(1, 2, 5, 7),
                random(2, 7, 3, 4),
                random(3, 3, 4)))
        .contains("matmul_bias")
        .doesNotContain("add");
  }

  /** Inference of a convolution, batch normalization and ReLU6, also depthwise. */
  @Test
  void convolutionsTakeUpNormalizationAndBounds() {
    for (int groups : new int[] {1, 6}) {
      Convolution.Geometry g =
          Convolution.Geometry.of(
              "same",
              new int[] {7, 5},
              new int[] {3, 3},
              new int[] {2, 1},
              new int[] {1, 1},
              groups);
      assertThat(
              ops(
                  x -> {
                    Tensor y = Convolution.conv(g, x.get(0), x.get(1)).plus(x.get(2));
                    y = y.times(x.get(3)).plus(x.get(4));
                    return List.of(Ops.where(Ops.greaterEqual(y, 6), 6, Ops.relu(y)));
                  },
                  random(1, 2, 7, 5, 6).times(3),
                  random(2, 3, 3, 6 / groups, 12),
                  random(3, 12),
                  random(4, 1, 1, 1, 12),
                  random(5, 1, 1, 1, 12)))
          .contains("conv_bias_affine_relu_minimum")
          .allMatch(n -> n.startsWith("conv") || n.equals("reshape"));
    }
  }

  /** And into its gradient; a border of something else stays, and so does one of more channels. */
  @Test
  void bordersOfZerosGoIntoConvolutions() {
    Convolution.Geometry g =
        Convolution.Geometry.of(
            "valid", new int[] {9, 8}, new int[] {3, 2}, new int[] {2, 1}, new int[] {1, 1}, 1);
    Tensor image = random(1, 2, 7, 5, 4);
    Tensor kernel = random(2, 3, 2, 4, 6);
    int[][] border = {{0, 0}, {1, 1}, {2, 1}, {0, 0}};
    assertThat(
            ops(
                x -> List.of(Convolution.conv(g, Ops.pad(x.get(0), border, 0), x.get(1))),
                image,
                kernel))
        .containsExactly("conv");
    assertThat(
            ops(
                x -> List.of(Convolution.conv(g, Ops.pad(x.get(0), border, 1), x.get(1))),
                image,
                kernel))
        .containsExactly("pad", "conv");
    assertThat(
            ops(
                x -> {
                  try (GradientTape tape = GradientTape.open()) {
                    Tensor y = Convolution.conv(g, Ops.pad(x.get(0), border, 0), x.get(1));
                    return tape.gradients(List.of(Ops.sum(Ops.square(y))), null, List.of(x.get(1)));
                  }
                },
                image,
                kernel))
        .contains("conv_filter_gradient")
        .doesNotContain("pad");
    int[][] more = {{0, 0}, {1, 1}, {2, 1}, {0, 1}};
    assertThat(
            ops(
                x -> List.of(Convolution.conv(g, Ops.pad(x.get(0), more, 0), x.get(1))),
                random(1, 2, 7, 5, 3),
                kernel))
        .containsExactly("pad", "conv");
  }

  @Test
  void transposesGoIntoProducts() {
    assertThat(
            ops(
                x -> List.of(Ops.matmul(Ops.transpose(x.get(0)), Ops.swapaxes(x.get(1), 0, 1))),
                random(1, 7, 5),
                random(2, 9, 7)))
        .containsExactly("matmul");
  }

  @Test
  void chainsAreOnePassAndConstantsAreFolded() {
    assertThat(
            ops(
                x -> {
                  Tensor big = Ops.zeros(of(300, 4), DType.FLOAT32).plus(3);
                  Tensor y = x.get(0).times(big).plus(x.get(1));
                  return List.of(Ops.where(Ops.greater(y, 0), Ops.tanh(y), big), y);
                },
                random(1, 300, 4),
                random(2, 4)))
        .containsExactly("fused_elementwise");
  }

  @Test
  void gradientOfAReluIsOnePass() {
    assertThat(
            ops(
                x -> {
                  try (GradientTape tape = GradientTape.open()) {
                    Tensor y = Ops.sum(Ops.square(Ops.relu(x.get(0).times(2))));
                    return tape.gradients(List.of(y), null, x);
                  }
                },
                random(1, 40, 50)))
        .containsExactly("fused_elementwise");
  }

  /** Of all leading axes: what is added is not stored, whatever is left of a tile or a task. */
  @Test
  void sumsAreTakenWhereTheirTermsAreMade() {
    for (int width : new int[] {1, 2, 3, 16, 100, 1000, 1024}) {
      for (int rows : new int[] {1, 5, 40_000 / width}) {
        assertThat(
                ops(
                    x -> {
                      Tensor y = Ops.square(x.get(0).times(1e-3)).minus(x.get(1));
                      return List.of(
                          Ops.sum(y, new int[] {0}, false),
                          Ops.sum(y.times(1e-3), new int[] {0, 1}, true),
                          y.times(x.get(0)));
                    },
                    random(1, rows, width),
                    random(2, width).times(1e-5)))
            .containsExactly("fused_elementwise", "reshape");
      }
    }
    assertThat(ops(x -> List.of(Ops.sum(Ops.square(x.get(0)), 0)), random(1, 3, 1025)))
        .containsExactly("square", "sum");
    assertThat(ops(x -> List.of(Ops.sum(Ops.square(x.get(0)), 1)), random(1, 3, 5)))
        .containsExactly("square", "sum");
    assertThat(ops(x -> List.of(Ops.sum(Ops.square(x.get(0)), 0)), random(1, 0, 5)))
        .containsExactly("square", "sum");
  }

  /** Not the mask of a ReLU nor 2 (x - mean): a gradient makes them of what is stored anyway. */
  @Test
  void cheapValuesAreMadeAgainInsteadOfStored() {
    Function<List<Tensor>, List<Tensor>> f =
        x -> {
          try (GradientTape tape = GradientTape.open()) {
            Tensor a = x.get(0).matmul(x.get(1));
            Tensor centered = a.minus(Ops.mean(a, new int[] {0}, true));
            Tensor variance = Ops.mean(Ops.square(centered), new int[] {0}, true);
            Tensor y = Ops.relu(centered.times(Ops.rsqrt(variance.plus(1e-3))));
            Tensor loss = Ops.mean(Ops.square(y.matmul(x.get(2))));
            return tape.gradients(List.of(loss), null, x);
          }
        };
    Tensor[] in = {random(1, 600, 5), random(2, 5, 40), random(3, 40, 3)};
    ops(f, in);
    List<TensorSpec> specs = Arrays.stream(in).map(Tensor::spec).toList();
    Graph g = Passes.simplify(Trace.capture(specs, f).graph());
    Shape whole = of(600, 40);
    long stored =
        g.nodes().stream()
            .filter(n -> n.op().name().equals("fused_elementwise"))
            .flatMap(n -> n.outputs().stream())
            .filter(v -> g.specs().get(v).shape().equals(whole))
            .count();
    assertThat(stored).as("y and three steps of the gradient").isEqualTo(4);
  }

  /** What only costly steps or two more values would give is stored. */
  @Test
  void costlyValuesAreStored() {
    for (boolean costly : new boolean[] {true, false}) {
      Function<List<Tensor>, List<Tensor>> f =
          x -> {
            Tensor v = costly ? Ops.exp(x.get(0)) : x.get(0).plus(x.get(1));
            Tensor most = Ops.max(v, new int[] {0}, true);
            return List.of(v.times(most));
          };
      Tensor[] in = {random(1, 200, 100), random(2, 200, 100)};
      ops(f, in);
      List<TensorSpec> specs = Arrays.stream(in).map(Tensor::spec).toList();
      assertThat(Passes.simplify(Trace.capture(specs, f).graph()).nodes())
          .hasSize(4); // with a reshape of the largest
    }
  }

  /** A group must not close over something that depends on it. */
  @Test
  void groupsDoNotEncloseOtherOps() {
    ops(
        x -> {
          Tensor a = Ops.exp(x.get(0));
          Tensor s = Ops.sum(a, new int[] {1}, true);
          Tensor b = a.divide(s);
          Tensor t = Ops.max(b.plus(a), new int[] {0}, true);
          return List.of(b.times(t).plus(a), a);
        },
        random(1, 6, 5));
  }

  @Test
  void emptyAndScalarShapes() {
    ops(x -> List.of(Ops.exp(x.get(0)).plus(x.get(1)).times(2)), random(1, 0, 3), random(2, 3));
    ops(
        x -> List.of(Ops.exp(x.get(0)).plus(x.get(1))),
        Tensor.scalar(1f),
        random(2, 1).reshape(Shape.SCALAR.dims()));
  }
}
