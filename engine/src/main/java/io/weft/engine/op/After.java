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
  private final int rows;
  private volatile After repeated; // made when it is needed, perhaps by several threads

  After(Product op, float[] bias, float[] factor, float[] shift, int rows) {
    this.op = op;
    this.bias = bias;
    this.factor = factor;
    this.shift = shift;
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
    int width = bias != null ? bias.length : factor != null ? factor.length : 0;
    if (width > 0) {
      After joined = joined(width);
      joined.affine(joined.width(), c, offset, n);
    }
    if (width == 0 || !isClamp()) {
      activate(c, offset, n);
    }
  }

  private int width() {
    return bias != null ? bias.length : factor.length;
  }

  private void affine(int width, float[] c, int offset, int n) {
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
  private After joined(int width) {
    if (width >= SHORT || rows < SHORT / 8) {
      return this;
    }
    After r = repeated;
    if (r == null) {
      r = new After(op, repeat(bias), repeat(factor), repeat(shift), 1);
      repeated = r;
    }
    return r;
  }

  private static float[] repeat(float[] v) {
    if (v == null) {
      return null;
    }
    float[] r = new float[(SHORT + v.length - 1) / v.length * v.length];
    for (int i = 0; i < r.length; i += v.length) {
      System.arraycopy(v, 0, r, i, v.length);
    }
    return r;
  }
}
