package io.weft.bench;

import io.weft.layers.attention.CrossAttention;
import io.weft.layers.core.Dense;
import io.weft.layers.core.Input;
import io.weft.layers.normalization.LayerNormalization;
import io.weft.layers.rnn.LSTM;
import io.weft.models.Functional;
import io.weft.optimizers.Adam;
import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What it costs that a batch has a size not seen before: a small model of two sources is called
 * with so many sizes in turn. Eight signatures are kept, so that sixteen sizes retrace at each call
 * and two never do.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
public class RetraceBenchmark {
  /** Batch sizes in turn. */
  @Param({"2", "16"})
  public int sizes;

  private Functional model;
  private Tensor[] past;
  private Tensor[] future;
  private Tensor[] y;
  private int turn;

  /** Builds and compiles the model. */
  @Setup
  public void prepare() {
    Tensor p = Input.of("past", 12, 4);
    Tensor f = Input.of("future", 6, 3);
    Tensor seen = LSTM.builder(8).returnSequences(true).build().apply(p);
    Tensor asked = new Dense(8).apply(f);
    Tensor attended = new CrossAttention(8, 2).apply(asked, seen);
    Tensor normed = new LayerNormalization().apply(attended.plus(asked));
    model = new Functional(List.of(p, f), new Dense(1).apply(normed), "two_sources");
    model.compile(new Adam(1e-3), "mse");
    past = new Tensor[sizes];
    future = new Tensor[sizes];
    y = new Tensor[sizes];
    for (int i = 0; i < sizes; i++) {
      past[i] = Ops.full(Shape.of(i + 1, 12, 4), 0.1, DType.FLOAT32);
      future[i] = Ops.full(Shape.of(i + 1, 6, 3), 0.2, DType.FLOAT32);
      y[i] = Ops.full(Shape.of(i + 1, 6, 1), 0.3, DType.FLOAT32);
    }
  }

  /** One prediction. */
  @Benchmark
  public List<Tensor> predict() {
    int i = next();
    return model.predictAll(List.of(past[i], future[i]), sizes);
  }

  /** One training step. */
  @Benchmark
  public Object train() {
    int i = next();
    return model.trainOnBatch(List.of(past[i], future[i]), y[i], null);
  }

  private int next() {
    turn = (turn + 1) % sizes;
    return turn;
  }
}
