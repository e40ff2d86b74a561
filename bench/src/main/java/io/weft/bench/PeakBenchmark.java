package io.weft.bench;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Multiply-adds on numbers that stay in the first cache: what plain Java reaches at most on one
 * core with fused multiply-adds.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
public class PeakBenchmark {
  /** Floating-point operations of one call. */
  static final double FLOPS = 2.0 * 512 * 8 * 64;

  private final float[] a = new float[512];
  private final float[] y = new float[512];

  @Benchmark
  public float[] call() {
    for (int round = 0; round < 64; round++) {
      for (int i = 0; i < y.length; i++) {
        float v = y[i];
        float x = a[i];
        v = Math.fma(v, x, 1f);
        v = Math.fma(v, x, 2f);
        v = Math.fma(v, x, 3f);
        v = Math.fma(v, x, 4f);
        v = Math.fma(v, x, 5f);
        v = Math.fma(v, x, 6f);
        v = Math.fma(v, x, 7f);
        v = Math.fma(v, x, 8f);
        y[i] = v;
      }
    }
    return y;
  }
}
