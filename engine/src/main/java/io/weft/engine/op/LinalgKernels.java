package io.weft.engine.op;

import io.weft.engine.gemm.Epilogue;
import io.weft.engine.gemm.PackedB;
import io.weft.engine.kernel.ConvKernels;
import io.weft.engine.kernel.ConvShape;
import io.weft.engine.kernel.RowKernels;
import io.weft.fused.Product;
import io.weft.tensor.Convolution;
import io.weft.tensor.DType;
import io.weft.tensor.Fused;
import io.weft.tensor.Linalg;
import io.weft.tensor.Op;
import io.weft.tensor.Shape;
import io.weft.tensor.TensorSpec;
import java.util.List;

/** Kernels of matrix products and softmax. */
final class LinalgKernels {
  private LinalgKernels() {}

  static void register(Kernels k) {
    // one class links faster than three lambdas, here and below: a first prediction waits for it
    Kernels.Maker<Op> maker =
        new Kernels.Maker<>() {
          @Override
          public Kernel make(Op op, List<TensorSpec> in, List<TensorSpec> out) {
            if (op instanceof Product p) {
              return product(p, in, out);
            }
            return op instanceof Linalg.MatMul m
                ? matmul(m, in, out)
                : softmax((Fused.Softmax) op, in, out);
          }
        };
    k.put(Linalg.MatMul.class, maker);
    k.put(Fused.Softmax.class, maker);
    k.put(Product.class, maker);
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
      return new Weights(p.packing()) {
        @Override
        public void run(Object[] x, Object[] y) {
          Epilogue last = epilogue(op, x, size, width);
          if (x[1] instanceof float[] plain) {
            p.floats((float[]) x[0], plain, (float[]) y[0], last);
          } else {
            p.packed((float[]) x[0], (PackedB) x[1], (float[]) y[0], last);
          }
        }
      };
    }
    ConvShape s = ConvolutionKernels.shape(((Convolution.Conv) op.product()).geometry(), a, b);
    return new Weights(ConvolutionKernels.packing(s)) {
      @Override
      public void run(Object[] x, Object[] y) {
        Epilogue last = epilogue(op, x, size, width);
        if (x[1] instanceof float[] plain) {
          ConvKernels.forward(s, (float[]) x[0], 0, plain, 0, (float[]) y[0], 0, last);
        } else {
          ConvKernels.forwardPacked(s, (float[]) x[0], 0, x[1], (float[]) y[0], 0, last);
        }
      }
    };
  }

  /** A product that takes its weights as they are or packed. */
  private abstract static class Weights implements Kernel {
    private final Preparation preparation;

    Weights(Preparation preparation) {
      this.preparation = preparation;
    }

    @Override
    public Preparation preparation(int input) {
      return input == 1 ? preparation : null;
    }

    @Override
    public boolean countsBySpecs() {
      return true;
    }
  }

  /** The same of two kernels. */
  record Weighted(Preparation weights, Kernel plain, Kernel packed) implements Kernel {
    @Override
    public void run(Object[] in, Object[] out) {
      (in[1] instanceof float[] ? plain : packed).run(in, out);
    }

    @Override
    public Preparation preparation(int input) {
      return input == 1 ? weights : null;
    }

    @Override
    public boolean countsBySpecs() {
      return true;
    }
  }

  private static Epilogue epilogue(Product op, Object[] x, int size, int width) {
    int last = x.length - 1;
    return new Epilogue(
        null,
        0,
        new After(
            op,
            op.bias() ? (float[]) x[2] : null,
            op.affine() ? (float[]) x[last - 1] : null,
            op.affine() ? (float[]) x[last] : null,
            width,
            width == 0 ? 0 : size / width));
  }

  private static Kernel matmul(Linalg.MatMul op, List<TensorSpec> in, List<TensorSpec> out) {
    Products p = Products.of(op, in.get(0).shape(), in.get(1).shape(), out.get(0).shape());
    DType d = out.get(0).dtype();
    if (d.isFloating()) {
      Kernel plain =
          Numeric.floating(
              in,
              out,
              new Numeric.Floats() {
                @Override
                public void run(float[][] x, float[][] y) {
                  p.floats(x[0], x[1], y[0], null);
                }
              },
              new Numeric.Doubles() {
                @Override
                public void run(double[][] x, double[][] y) {
                  p.doubles(x[0], x[1], y[0]);
                }
              });
      return d == DType.FLOAT32
          ? new Weighted(
              p.packing(),
              plain,
              new Kernel() {
                @Override
                public void run(Object[] x, Object[] y) {
                  p.packed((float[]) x[0], (PackedB) x[1], (float[]) y[0], null);
                }
              })
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
        new Numeric.Floats() {
          @Override
          public void run(float[][] x, float[][] y) {
            if (log) {
              RowKernels.logSoftmax(x[0], 0, y[0], 0, rows, n);
            } else {
              RowKernels.softmax(x[0], 0, y[0], 0, rows, n);
            }
          }
        },
        new Numeric.Doubles() {
          @Override
          public void run(double[][] x, double[][] y) {
            System.arraycopy(x[0], 0, y[0], 0, rows * n);
            for (int r = 0; r < rows; r++) {
              softmaxRow(y[0], r * n, n, log);
            }
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
