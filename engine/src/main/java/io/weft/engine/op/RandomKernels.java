package io.weft.engine.op;

import io.weft.engine.op.Registers.Kind;
import io.weft.engine.thread.WorkerTeam;
import io.weft.tensor.DType;
import io.weft.tensor.RandomOps;
import io.weft.tensor.RandomOps.Distribution;
import io.weft.tensor.TensorSpec;
import java.util.List;

/** Kernels of random draws. */
final class RandomKernels {
  private static final int CHUNK = 4096;

  /** Φ(−2), and the probability between −2 and 2. */
  private static final double BELOW = 0.5 * SpecialMath.erfc(Math.sqrt(2));

  private static final double WITHIN = 1 - 2 * BELOW;

  private RandomKernels() {}

  static void register(Kernels k) {
    k.put(
        RandomOps.RandomBits.class,
        (op, in, out) -> {
          int n = op.shape().intSize();
          return (x, y) -> {
            long[] key = (long[]) x[0];
            Philox.words(key[0], key[1], 0, (int[]) y[0], n);
          };
        });
    k.put(RandomOps.RandomDraw.class, RandomKernels::draw);
  }

  private static Kernel draw(RandomOps.RandomDraw op, List<TensorSpec> in, List<TensorSpec> out) {
    int n = op.shape().intSize();
    DType d = op.dtype();
    Kind kind = Registers.kind(d);
    return (x, y) -> {
      long[] key = (long[]) x[0];
      WorkerTeam.shared()
          .parallel(
              (n + CHUNK - 1) / CHUNK,
              t -> {
                int from = t * CHUNK;
                int m = Math.min(CHUNK, n - from);
                Object r = Registers.allocate(kind, m);
                if (kind == Kind.DOUBLE) {
                  doubles(op.distribution(), key, from, (double[]) r, m);
                } else {
                  floats(op.distribution(), d, key, from, (float[]) r, m);
                }
                Registers.store(d, r, 0, y[0], from, m);
              });
    };
  }

  private static void doubles(Distribution f, long[] key, int from, double[] y, int n) {
    int[] words = new int[2 * n];
    Philox.words(key[0], key[1], 2L * from, words, 2 * n);
    for (int i = 0; i < n; i++) {
      long bits = (long) words[2 * i] << 32 | (words[2 * i + 1] & 0xffffffffL);
      long top = bits >>> 11;
      y[i] = f == Distribution.UNIFORM ? top * 0x1p-53 : quantile(f, (top + 0.5) * 0x1p-53);
    }
  }

  private static void floats(Distribution f, DType d, long[] key, int from, float[] y, int n) {
    int[] words = new int[n];
    Philox.words(key[0], key[1], from, words, n);
    // no more bits than the significand has, so that rounding never gives 1
    int bits = d == DType.FLOAT32 ? 24 : d == DType.FLOAT16 ? 11 : 8;
    float unit = 1f / (1 << bits);
    for (int i = 0; i < n; i++) {
      if (f == Distribution.UNIFORM) {
        y[i] = (words[i] >>> 32 - bits) * unit;
      } else {
        y[i] = (float) quantile(f, ((words[i] & 0xffffffffL) + 0.5) * 0x1p-32);
      }
    }
  }

  private static double quantile(Distribution f, double u) {
    return NormalQuantile.of(f == Distribution.NORMAL ? u : BELOW + u * WITHIN);
  }
}
