package io.weft.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.autodiff.GradientTape;
import io.weft.backend.Backend;
import io.weft.backend.Backends;
import io.weft.backend.CompileOptions;
import io.weft.backend.Storage;
import io.weft.compile.CompiledFunction;
import io.weft.tensor.ArrayTensor;
import io.weft.tensor.BinaryFunction;
import io.weft.tensor.DType;
import io.weft.tensor.Elementwise;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.tensor.TensorSpec;
import io.weft.tensor.Trace;
import io.weft.tensor.UnaryFunction;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A random function gives the same bits eagerly, captured, and after all passes. */
class RandomGraphTest {
  private static final Shape[] SHAPES = {
    Shape.of(3, 4), Shape.of(4), Shape.of(3, 1), Shape.SCALAR, Shape.of(2, 3, 4), Shape.of(700, 4)
  };
  private static final UnaryFunction[] UNARY = {
    UnaryFunction.TANH,
    UnaryFunction.RELU,
    UnaryFunction.SIGMOID,
    UnaryFunction.NEGATIVE,
    UnaryFunction.SIN,
    UnaryFunction.ABSOLUTE,
    UnaryFunction.SILU
  };
  private static final BinaryFunction[] BINARY = {
    BinaryFunction.ADD,
    BinaryFunction.SUBTRACT,
    BinaryFunction.MULTIPLY,
    BinaryFunction.MAXIMUM,
    BinaryFunction.MINIMUM
  };

  /** Random steps; every value that was made may be read again by later ones. */
  private static List<Tensor> body(long seed, List<Tensor> in) {
    SplittableRandom r = new SplittableRandom(seed);
    List<Tensor> values = new ArrayList<>(in);
    int steps = 5 + r.nextInt(40);
    for (int i = 0; i < steps; i++) {
      Tensor x = values.get(r.nextInt(values.size()));
      Tensor y = values.get(r.nextInt(values.size()));
      values.add(step(r, x, y));
    }
    List<Tensor> out = new ArrayList<>(values.subList(values.size() - 3, values.size()));
    out.add(in.get(r.nextInt(in.size())));
    return out;
  }

  private static boolean broadcast(Tensor x, Tensor y) {
    try {
      return Shape.broadcast(x.shape(), y.shape()).size() < 20000;
    } catch (io.weft.error.ShapeException e) {
      return false;
    }
  }

  private static Tensor step(SplittableRandom r, Tensor x, Tensor y) {
    int rank = x.rank();
    switch (r.nextInt(14)) {
      case 0:
      case 1:
      case 2:
        return Ops.unary(UNARY[r.nextInt(UNARY.length)], x);
      case 3:
      case 4:
      case 5:
        return broadcast(x, y)
            ? Ops.apply1(new Elementwise.Binary(BINARY[r.nextInt(BINARY.length)]), x, y)
            : x.times(r.nextInt(3));
      case 6:
        return rank == 0 ? x.plus(1) : Ops.sum(x, new int[] {r.nextInt(rank)}, r.nextBoolean());
      case 7:
        return rank == 0 ? x : Ops.max(x, new int[] {r.nextInt(rank)}, r.nextBoolean());
      case 8:
        return Ops.transpose(x);
      case 9:
        return r.nextBoolean() ? Ops.reshape(x, -1) : Ops.expandDims(x, r.nextInt(rank + 1));
      case 10:
        return broadcast(x, y) ? Ops.where(Ops.greater(x, y), x, Ops.stopGradient(y)) : x;
      case 11:
        return Ops.cast(Ops.cast(x.times(10), DType.INT16), x.dtype()).times(0.1);
      case 12:
        return Ops.cast(Ops.tanh(Ops.cast(x, DType.BFLOAT16)), x.dtype());
      default:
        return x.shape().size() < 100
            ? Ops.broadcastTo(x, Shape.of(2).plus(x.shape().dims()))
            : Ops.softmax(x, -1);
    }
  }

  private static List<Tensor> inputs(long seed) {
    List<Tensor> in = new ArrayList<>();
    for (Shape s : SHAPES) {
      SplittableRandom r = new SplittableRandom(seed + s.rank());
      float[] x = new float[s.intSize()];
      for (int i = 0; i < x.length; i++) {
        x[i] = (float) r.nextDouble(-2, 2);
      }
      in.add(Tensor.of(x, x.length).reshape(s.dims()));
    }
    return in;
  }

  private static void same(List<Tensor> got, List<Tensor> want, String how) {
    for (int i = 0; i < want.size(); i++) {
      assertThat(got.get(i).spec()).isEqualTo(want.get(i).spec());
      assertThat(got.get(i).toFloatArray())
          .as("%s, output %d", how, i)
          .containsExactly(want.get(i).toFloatArray());
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 100, 200, 300, 400})
  void eagerCapturedAndOptimized(long first) {
    for (long seed = first; seed < first + 40; seed++) {
      long s = seed;
      List<Tensor> in = inputs(seed);
      List<Tensor> want = body(seed, in);
      CompiledFunction f = CompiledFunction.of(x -> body(s, x));
      same(f.run(in), want, "optimized " + seed);
      same(f.run(in), want, "optimized again " + seed);
      List<TensorSpec> specs = in.stream().map(Tensor::spec).toList();
      Backend b = Backends.current();
      var graph = Trace.capture(specs, x -> body(s, x)).graph();
      List<Storage> storages = new ArrayList<>();
      in.forEach(t -> storages.add(((ArrayTensor) t).storage()));
      List<Storage> out = b.run(b.compile(graph, CompileOptions.DEFAULT), storages);
      List<Tensor> captured = new ArrayList<>();
      for (int i = 0; i < out.size(); i++) {
        captured.add(ArrayTensor.of(out.get(i), want.get(i).shape()));
      }
      same(captured, want, "captured " + seed);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1000, 2000})
  void gradients(long first) {
    for (long seed = first; seed < first + 25; seed++) {
      long s = seed;
      java.util.function.Function<List<Tensor>, List<Tensor>> g =
          x -> {
            try (GradientTape tape = GradientTape.open()) {
              List<Tensor> y = body(s, x);
              List<Tensor> r = new ArrayList<>();
              for (Tensor t : tape.gradients(y, null, x)) {
                r.add(t == null ? Tensor.scalar(0f) : t);
              }
              return r;
            }
          };
      List<Tensor> in = inputs(seed);
      same(CompiledFunction.of(g).run(in), g.apply(in), "gradients " + seed);
    }
  }

  /** Several tasks, whose cut must not depend on what else is computed with a sum. */
  @ParameterizedTest
  @ValueSource(ints = {1, 5, 24, 33})
  void sumsOfManyElementsAreAddedInOneOrder(int channels) {
    SplittableRandom r = new SplittableRandom(channels);
    Tensor x = random(r, 9, 41, 29, channels);
    Tensor row = random(r, 29, channels);
    Tensor bias = random(r, channels);
    java.util.function.Function<List<Tensor>, List<Tensor>> f =
        in -> {
          Tensor y = in.get(0).times(in.get(1));
          Tensor z = in.get(0).plus(in.get(2));
          return List.of(
              Ops.sum(y, new int[] {0, 1, 2, 3}, false),
              Ops.sum(z, new int[] {0, 1, 2}, false),
              Ops.sum(z.times(y), new int[] {0, 1}, true),
              Ops.sum(in.get(0).times(2), new int[] {0, 1, 2}, true));
        };
    List<Tensor> in = List.of(x, bias, row);
    same(CompiledFunction.of(f).run(in), f.apply(in), "sums of " + channels);
  }

  private static Tensor random(SplittableRandom r, int... dims) {
    float[] x = new float[Shape.of(dims).intSize()];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) r.nextDouble(-2, 2);
    }
    return Tensor.of(x, x.length).reshape(dims);
  }
}
