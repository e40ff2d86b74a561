package io.weft.engine.op;

import io.weft.engine.gemm.Epilogue;
import io.weft.engine.gemm.RowAction;
import io.weft.engine.kernel.ElementKernel;
import io.weft.fused.Product;
import io.weft.tensor.UnaryFunction;

/**
 * What a {@link Product} does with finished elements; runs are parts of one or more rows, and the
 * offset says which columns. Parameters are null where there are none.
 */
final class After implements RowAction {
  /** Vectors of a product's last axis that are shorter are repeated. */
  private static final int SHORT = 128;

  private final Product op;
  private final float[] bias;
  private final float[] factor;
  private final float[] shift;
  private final int width; // of the parameters
  private final int rows;
  private volatile After repeated; // made when it is needed, perhaps by several threads

  /** For results of so many rows and columns, which is how many elements the parameters have. */
  After(Product op, float[] bias, float[] factor, float[] shift, int width, int rows) {
    this.op = op;
    this.bias = bias;
    this.factor = factor;
    this.shift = shift;
    this.width = width;
    this.rows = rows;
  }

  /** Whether the activation is one that loops over all parameters do in passing. */
  private boolean isClamp() {
    return op.activation() == null || op.activation() == UnaryFunction.RELU;
  }

  @Override
  public Epilogue.Simple simple() {
    return isClamp()
        ? new Epilogue.Simple(
            bias, factor, shift, 0, op.activation() == UnaryFunction.RELU, (float) op.most(), null)
        : new Epilogue.Simple(
            bias, factor, shift, 0, false, Float.POSITIVE_INFINITY, this::activate);
  }

  @Override
  public void apply(float[] c, int offset, int n) {
    boolean alone = bias == null && factor == null;
    if (!alone && width > 0) {
      joined().affine(c, offset, n);
    }
    if (alone || !isClamp()) {
      activate(c, offset, n);
    }
  }

  private void affine(float[] c, int offset, int n) {
    boolean relu = op.activation() == UnaryFunction.RELU;
    float most = isClamp() ? (float) op.most() : Float.POSITIVE_INFINITY;
    for (int i = 0; i < n; ) {
      int column = (offset + i) % width;
      int m = Math.min(n - i, width - column);
      ElementKernel.of(m).finish(c, offset + i, bias, factor, shift, column, relu, most, m);
      i += m;
    }
  }

  /** Activation and bound. */
  private void activate(float[] c, int offset, int n) {
    if (op.activation() != null) {
      FloatLoops.unary(op.activation(), c, offset, c, offset, n);
    }
    if (op.isBounded()) {
      float most = (float) op.most();
      for (int i = offset; i < offset + n; i++) {
        c[i] = Math.min(c[i], most);
      }
    }
  }

  /** This with short vectors several times over, so that loops over short rows join. */
  private After joined() {
    if (width >= SHORT || rows < SHORT / 8) {
      return this;
    }
    After r = repeated;
    if (r == null) {
      int times = (SHORT + width - 1) / width;
      r =
          new After(
              op,
              repeat(bias, times),
              repeat(factor, times),
              repeat(shift, times),
              times * width,
              1);
      repeated = r;
    }
    return r;
  }

  private float[] repeat(float[] v, int times) {
    if (v == null) {
      return null;
    }
    float[] r = new float[times * width];
    for (int i = 0; i < r.length; i += width) {
      System.arraycopy(v, 0, r, i, width);
    }
    return r;
  }
}
