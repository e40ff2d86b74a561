package io.weft.regularizers;

import io.weft.config.Config;
import io.weft.config.Configured;
import io.weft.config.Entry;
import io.weft.error.ShapeException;
import io.weft.layer.Regularizer;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;

/**
 * {@code factor / 2 · mean |cos|} between different rows (or columns) of a matrix, the mean over
 * the n·(n−1)/2 pairs with each pair counted twice, as in Keras.
 */
public final class OrthogonalRegularizer extends Configured implements Regularizer {
  public static final Entry<OrthogonalRegularizer> TYPE =
      new Entry<>(
          Regularizer.class,
          "keras.regularizers",
          "OrthogonalRegularizer",
          null,
          OrthogonalRegularizer::new);

  private final double factor;
  private final boolean rows;

  /** Restores from a config with {@code factor} and {@code mode} (rows or columns). */
  public OrthogonalRegularizer(Config config) {
    super(TYPE, config);
    factor = Factors.readFloat(args, "factor", 0.01);
    rows = args.oneOf("mode", "rows", "rows", "columns").equals("rows");
  }

  public OrthogonalRegularizer(double factor, String mode) {
    this(Config.of("factor", factor, "mode", mode));
  }

  @Override
  public Tensor apply(Tensor x) {
    if (x.rank() != 2) {
      throw new ShapeException(
          "OrthogonalRegularizer: expected a matrix. Received: shape " + x.shape());
    }
    Tensor vectors = rows ? x : Ops.transpose(x);
    Tensor squares = Ops.sum(Ops.square(vectors), new int[] {1}, true);
    Tensor unit = vectors.times(Ops.rsqrt(Ops.maximum(squares, 1e-14)));
    Tensor cosines = Ops.matmul(unit, Ops.transpose(unit));
    int n = unit.dim(0);
    Tensor i = Ops.arange(n);
    Tensor different = Ops.notEqual(Ops.expandDims(i, 0), Ops.expandDims(i, 1));
    Tensor sum = Ops.sum(Ops.abs(Ops.where(different, cosines, 0)));
    return sum.times(factor * 0.5).divide(n * (n - 1.0) / 2);
  }
}
