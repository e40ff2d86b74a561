package io.weft.engine.op;

import io.weft.engine.gemm.Epilogue;
import io.weft.engine.gemm.PackedB;
import io.weft.engine.gemm.RowAction;
import io.weft.engine.kernel.ConvKernels;
import io.weft.engine.kernel.ConvShape;
import io.weft.engine.kernel.ElementKernel;
import io.weft.engine.kernel.RowKernels;
import io.weft.fused.Product;
import io.weft.tensor.Convolution;
import io.weft.tensor.DType;
import io.weft.tensor.Fused;
import io.weft.tensor.Linalg;
import io.weft.tensor.Shape;
import io.weft.tensor.TensorSpec;
import io.weft.tensor.UnaryFunction;
import java.util.List;

/** Kernels of matrix products and softmax. */
final class LinalgKernels {
  /** Vectors of a product's last axis that are shorter are repeated. */
  private static final int SHORT = 128;

  private static final ElementKernel LOOPS = ElementKernel.get();

  private LinalgKernels() {}

  static void register(Kernels k) {
    k.put(Linalg.MatMul.class, LinalgKernels::matmul);
    k.put(Fused.Softmax.class, LinalgKernels::softmax);
    k.put(Product.class, LinalgKernels::product);
  }

  /** A product with bias and activation; other dtypes than float32 go by way of plain ops. */
  private static Kernel product(Product op, List<TensorSpec> in, List<TensorSpec> out) {
    if (out.get(0).dtype() != DType.FLOAT32) {
      return null;
    }
    Shape a = in.get(0).shape();
    Shape b = in.get(1).shape();
    int size = out.get(0).shape().intSize();
    int width = out.get(0).shape().dim(-1);
    if (op.product() instanceof Linalg.MatMul m) {
      Products p = Products.of(m, a, b, out.get(0).shape());
      return new Weighted(
          p.packing(),
          (x, y) ->
              p.floats(
                  (float[]) x[0], (float[]) x[1], (float[]) y[0], epilogue(op, x, size, width)),
          (x, y) ->
              p.packed(
                  (float[]) x[0], (PackedB) x[1], (float[]) y[0], epilogue(op, x, size, width)));
    }
    ConvShape s = ConvolutionKernels.shape(((Convolution.Conv) op.product()).geometry(), a, b);
    return new Weighted(
        ConvolutionKernels.packing(s),
        (x, y) ->
            ConvKernels.forward(
                s,
                (float[]) x[0],
                0,
                (float[]) x[1],
                0,
                (float[]) y[0],
                0,
                epilogue(op, x, size, width)),
        (x, y) ->
            ConvKernels.forwardPacked(
                s, (float[]) x[0], 0, x[1], (float[]) y[0], 0, epilogue(op, x, size, width)));
  }

  /** A product that takes its weights as they are or packed. */
  record Weighted(Preparation weights, Kernel plain, Kernel packed) implements Kernel {
    @Override
    public void run(Object[] in, Object[] out) {
      (in[1] instanceof float[] ? plain : packed).run(in, out);
    }

    @Override
    public Preparation preparation(int input) {
      return input == 1 ? weights : null;
    }
  }

  private static Epilogue epilogue(Product op, Object[] x, int size, int width) {
    int last = x.length - 1;
    int rows = width == 0 ? 0 : size / width;
    return new Epilogue(
        null,
        0,
        new After(
            op,
            op.bias() ? repeated((float[]) x[2], rows) : null,
            op.affine() ? repeated((float[]) x[last - 1], rows) : null,
            op.affine() ? repeated((float[]) x[last], rows) : null));
  }

  /** A short vector several times over, so that loops over short rows join. */
  private static float[] repeated(float[] v, int rows) {
    if (v.length == 0 || v.length >= SHORT || rows < SHORT / 8) {
      return v;
    }
    float[] r = new float[(SHORT + v.length - 1) / v.length * v.length];
    for (int i = 0; i < r.length; i += v.length) {
      System.arraycopy(v, 0, r, i, v.length);
    }
    return r;
  }

  /**
   * What is done with finished elements; runs are parts of one or more rows, and the offset says
   * which columns. Parameters are null where there are none.
   */
  private record After(Product op, float[] bias, float[] factor, float[] shift)
      implements RowAction {
    @Override
    public Epilogue.Simple simple() {
      boolean relu = op.activation() == UnaryFunction.RELU;
      return factor == null && !op.isBounded() && (relu || op.activation() == null)
          ? new Epilogue.Simple(bias, 0, relu)
          : null;
    }

    @Override
    public void apply(float[] c, int offset, int n) {
      int width = bias != null ? bias.length : factor != null ? factor.length : 0;
      boolean relu = op.activation() == UnaryFunction.RELU;
      float most = (float) op.most();
      for (int i = 0; i < n && width > 0; ) {
        int column = (offset + i) % width;
        int m = Math.min(n - i, width - column);
        boolean last = op.activation() == null || relu;
        float bound = last ? most : Float.POSITIVE_INFINITY;
        LOOPS.finish(c, offset + i, bias, factor, shift, column, relu, bound, m);
        i += m;
      }
      if (op.activation() != null && (!relu || width == 0)) {
        FloatLoops.unary(op.activation(), c, offset, c, offset, n);
      }
      if (op.isBounded() && (width == 0 || op.activation() != null && !relu)) {
        for (int i = offset; i < offset + n; i++) {
          c[i] = Math.min(c[i], most);
        }
      }
    }
  }

  private static Kernel matmul(Linalg.MatMul op, List<TensorSpec> in, List<TensorSpec> out) {
    Products p = Products.of(op, in.get(0).shape(), in.get(1).shape(), out.get(0).shape());
    DType d = out.get(0).dtype();
    if (d.isFloating()) {
      Kernel plain =
          Numeric.floating(
              in,
              out,
              (x, y) -> p.floats(x[0], x[1], y[0], null),
              (x, y) -> p.doubles(x[0], x[1], y[0]));
      return d == DType.FLOAT32
          ? new Weighted(
              p.packing(),
              plain,
              (x, y) -> p.packed((float[]) x[0], (PackedB) x[1], (float[]) y[0], null))
          : plain;
    }
    if (d == DType.INT32 || d == DType.UINT32) { // sums modulo 2³² are the same for both
      return (x, y) -> p.ints((int[]) x[0], (int[]) x[1], (int[]) y[0]);
    }
    int na = in.get(0).shape().intSize();
    int nb = in.get(1).shape().intSize();
    int size = out.get(0).shape().intSize();
    return (x, y) -> {
      long[] r = new long[size];
      p.longs(ReductionKernels.longs(d, x[0], na), ReductionKernels.longs(d, x[1], nb), r);
      ReductionKernels.storeLongs(d, r, y[0]);
    };
  }

  private static Kernel softmax(Fused.Softmax op, List<TensorSpec> in, List<TensorSpec> out) {
    int n = in.get(0).shape().dim(-1);
    int rows = n == 0 ? 0 : in.get(0).shape().intSize() / n;
    boolean log = op.log();
    return Numeric.floating(
        in,
        out,
        (x, y) -> {
          if (log) {
            RowKernels.logSoftmax(x[0], 0, y[0], 0, rows, n);
          } else {
            RowKernels.softmax(x[0], 0, y[0], 0, rows, n);
          }
        },
        (x, y) -> {
          System.arraycopy(x[0], 0, y[0], 0, rows * n);
          for (int r = 0; r < rows; r++) {
            softmaxRow(y[0], r * n, n, log);
          }
        });
  }

  private static void softmaxRow(double[] y, int from, int n, boolean log) {
    double max = Double.NEGATIVE_INFINITY;
    for (int i = from; i < from + n; i++) {
      max = Math.max(max, y[i]);
    }
    double sum = 0;
    for (int i = from; i < from + n; i++) {
      y[i] -= max;
      sum += Math.exp(y[i]);
    }
    double scale = log ? Math.log(sum) : 1 / sum;
    for (int i = from; i < from + n; i++) {
      y[i] = log ? y[i] - scale : Math.exp(y[i]) * scale;
    }
  }
}
