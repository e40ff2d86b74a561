package io.weft.initializers;

import io.weft.config.Config;
import io.weft.config.Entry;
import io.weft.error.ShapeException;
import io.weft.layer.Initializer;
import io.weft.tensor.DType;
import io.weft.tensor.HostArray;
import io.weft.tensor.RandomOps;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;

/**
 * Orthogonal rows or columns (whichever are fewer) of length {@code gain}: the Q of a random normal
 * matrix, for the shape read as (product of the leading sizes, last size). Saxe et al. 2014.
 */
public final class Orthogonal extends RandomInitializer {
  public static final Entry<Orthogonal> TYPE =
      new Entry<>(Initializer.class, "keras.initializers", "Orthogonal", null, Orthogonal::new);

  private final double gain;

  /** Restores from a config with {@code seed} and {@code gain}. */
  public Orthogonal(Config config) {
    super(TYPE, config);
    gain = args.number("gain", 1.0);
  }

  public Orthogonal(double gain) {
    this(Config.of("gain", gain));
  }

  @Override
  Tensor draw(Shape shape, DType dtype, Tensor key) {
    if (shape.rank() < 2) {
      throw new ShapeException(
          "Orthogonal: expected a rank of at least 2. Received: shape " + shape);
    }
    int rows = shape.product(0, shape.rank() - 1);
    int cols = shape.dim(-1);
    int most = Math.max(rows, cols);
    int least = Math.min(rows, cols);
    Shape flat = Shape.of(least, most);
    double[] q = RandomOps.normal(flat, 0, 1, DType.FLOAT64, key).toDoubleArray();
    orthonormalize(q, least, most);
    HostArray out = HostArray.zeros(dtype, shape);
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < cols; c++) {
        out.set(r * cols + c, gain * (rows < cols ? q[r * most + c] : q[c * most + r]));
      }
    }
    return Tensor.ofTrusted(out);
  }

  /**
   * Makes the n vectors of length m orthonormal by Gram and Schmidt, twice, which is as exact as
   * reflections; the diagonal of R is then positive, as the sign rule of Keras wants.
   */
  private static void orthonormalize(double[] v, int n, int m) {
    for (int i = 0; i < n; i++) {
      for (int pass = 0; pass < 2; pass++) {
        for (int j = 0; j < i; j++) {
          double dot = 0;
          for (int k = 0; k < m; k++) {
            dot += v[i * m + k] * v[j * m + k];
          }
          for (int k = 0; k < m; k++) {
            v[i * m + k] -= dot * v[j * m + k];
          }
        }
      }
      double norm = 0;
      for (int k = 0; k < m; k++) {
        norm += v[i * m + k] * v[i * m + k];
      }
      norm = Math.sqrt(norm);
      for (int k = 0; k < m; k++) {
        v[i * m + k] /= norm;
      }
    }
  }
}
