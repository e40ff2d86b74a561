package io.weft.engine.op;

import io.weft.engine.kernel.ConvKernels;
import io.weft.engine.kernel.ConvShape;
import io.weft.engine.kernel.DepthwiseWeights;
import io.weft.engine.kernel.DoubleConvKernels;
import io.weft.engine.kernel.PoolKernels;
import io.weft.tensor.Convolution;
import io.weft.tensor.DType;
import io.weft.tensor.Op;
import io.weft.tensor.Pooling;
import io.weft.tensor.Rules;
import io.weft.tensor.Shape;
import io.weft.tensor.TensorSpec;
import java.util.Arrays;
import java.util.List;

/** Kernels of convolution and pooling. */
final class ConvolutionKernels {
  private ConvolutionKernels() {}

  static void register(Kernels k) {
    // one class links faster than seven lambdas: a first prediction waits for it
    Kernels.Maker<Op> maker =
        new Kernels.Maker<>() {
          @Override
          public Kernel make(Op op, List<TensorSpec> in, List<TensorSpec> out) {
            return ConvolutionKernels.make(op, in, out);
          }
        };
    k.put(Convolution.Conv.class, maker);
    k.put(Convolution.ConvInputGradient.class, maker);
    k.put(Convolution.ConvFilterGradient.class, maker);
    k.put(Pooling.Pool.class, maker);
    k.put(Pooling.AveragePoolGradient.class, maker);
    k.put(Pooling.MaxPoolGradient.class, maker);
    k.put(Pooling.MaxPoolPick.class, maker);
  }

  private static Kernel make(Op op, List<TensorSpec> in, List<TensorSpec> out) {
    if (op instanceof Convolution.Conv c) {
      return conv(c, in, out);
    }
    if (op instanceof Convolution.ConvInputGradient c) {
      ConvShape s = shape(c.geometry(), c.full(), in.get(1).shape());
      return Numeric.floating(
          in,
          out,
          (x, y) -> ConvKernels.inputGradient(s, x[0], 0, x[1], 0, y[0], 0),
          (x, y) -> DoubleConvKernels.inputGradient(s, x[0], 0, x[1], 0, y[0], 0));
    }
    if (op instanceof Convolution.ConvFilterGradient c) {
      ConvShape s = shape(c.geometry(), in.get(0).shape(), c.kernel());
      return Numeric.floating(
          in,
          out,
          (x, y) -> ConvKernels.filterGradient(s, x[0], 0, x[1], 0, y[0], 0),
          (x, y) -> DoubleConvKernels.filterGradient(s, x[0], 0, x[1], 0, y[0], 0));
    }
    if (op instanceof Pooling.Pool p) {
      return pool(p, in, out);
    }
    if (op instanceof Pooling.AveragePoolGradient p) {
      ConvShape s = shape(p.windows(), p.full());
      return Numeric.floating(
          in,
          out,
          (x, y) -> PoolKernels.averageGradient(s, x[0], 0, y[0], 0),
          (x, y) -> WindowLoops.of(p.windows(), p.full()).averageGradient(x[0], y[0]));
    }
    if (op instanceof Pooling.MaxPoolGradient p) {
      ConvShape s = shape(p.windows(), in.get(0).shape());
      WindowLoops loops = WindowLoops.of(p.windows(), in.get(0).shape());
      return Numeric.floating(
          in,
          out,
          (x, y) -> PoolKernels.maxGradient(s, x[0], 0, x[1], 0, y[0], 0),
          (x, y) -> loops.maxGradient(x[0], x[1], y[0]));
    }
    WindowLoops loops = WindowLoops.of(((Pooling.MaxPoolPick) op).windows(), in.get(0).shape());
    return Numeric.byDouble(in, out, (x, y) -> loops.maxPick(x[0], x[1], y[0]));
  }

  private static Kernel conv(Convolution.Conv op, List<TensorSpec> in, List<TensorSpec> out) {
    ConvShape s = shape(op.geometry(), in.get(0).shape(), in.get(1).shape());
    Kernel plain =
        Numeric.floating(
            in,
            out,
            (x, y) -> ConvKernels.forward(s, x[0], 0, x[1], 0, y[0], 0, null),
            (x, y) -> DoubleConvKernels.forward(s, x[0], 0, x[1], 0, y[0], 0));
    return out.get(0).dtype() != DType.FLOAT32
        ? plain
        : new LinalgKernels.Weighted(
            packing(s),
            plain,
            (x, y) ->
                ConvKernels.forwardPacked(s, (float[]) x[0], 0, x[1], (float[]) y[0], 0, null));
  }

  /** How the filter is packed; null where it is used in other ways. */
  static Kernel.Preparation packing(ConvShape s) {
    if (s.isDepthwise()) {
      return ConvKernels.readsFilter(s) ? null : new Taps(s.taps(), s.filterColumns(), s.run());
    }
    return ConvKernels.takesPacked(s)
        ? new Filter(s.taps(), s.filterRows() / s.taps(), s.filterColumns(), ConvKernels.isTiled(s))
        : null;
  }

  /** A filter packed, and transformed before if tiles of the output are computed at once. */
  private record Filter(int taps, int channels, int filters, boolean tiled)
      implements Kernel.Preparation {
    @Override
    public Object of(Object array) {
      return ConvKernels.prepare(taps, channels, filters, tiled, (float[]) array);
    }
  }

  /** The weights of a depthwise convolution by tap, repeated. */
  private record Taps(int taps, int channels, int positions) implements Kernel.Preparation {
    @Override
    public Object of(Object array) {
      return DepthwiseWeights.of(taps, channels, positions, (float[]) array, 0);
    }
  }

  private static Kernel pool(Pooling.Pool op, List<TensorSpec> in, List<TensorSpec> out) {
    if (out.get(0).shape().size() == 0) {
      return (x, y) -> {};
    }
    ConvShape s = shape(op.windows(), in.get(0).shape());
    WindowLoops loops = WindowLoops.of(op.windows(), in.get(0).shape());
    return Kernel.bySpecs(
        op.max()
            ? Numeric.floating(
                in,
                out,
                new Numeric.Floats() {
                  @Override
                  public void run(float[][] x, float[][] y) {
                    PoolKernels.max(s, x[0], 0, y[0], 0);
                  }
                },
                new Numeric.Doubles() {
                  @Override
                  public void run(double[][] x, double[][] y) {
                    loops.max(x[0], y[0]);
                  }
                })
            : Numeric.floating(
                in,
                out,
                (x, y) -> PoolKernels.average(s, x[0], 0, y[0], 0),
                (x, y) -> loops.average(x[0], y[0])));
  }

  static ConvShape shape(Convolution.Geometry g, Shape x, Shape kernel) {
    int n = g.strides().size();
    int[] spatial = x.slice(1, n + 1).dims();
    int[] window = kernel.slice(0, n).dims();
    return new ConvShape(
        x.dim(0),
        spatial,
        x.dim(-1),
        window,
        kernel.dim(-1),
        g.output(spatial, window),
        Rules.array(g.strides()),
        Rules.array(g.dilation()),
        Rules.array(g.low()),
        g.groups());
  }

  private static ConvShape shape(Pooling.Windows w, Shape x) {
    int n = w.size().size();
    return PoolKernels.shape(
        x.dim(0),
        x.slice(1, n + 1).dims(),
        x.dim(-1),
        Rules.array(w.size()),
        w.output(x).slice(1, n + 1).dims(),
        Rules.array(w.strides()),
        Rules.array(w.low()));
  }

  /** Pooling of doubles over any number of axes, one window after the other. */
  private record WindowLoops(
      int batch, int channels, int[] in, int[] out, int[] size, int[] strides, int[] low) {

    static WindowLoops of(Pooling.Windows w, Shape x) {
      int n = w.size().size();
      return new WindowLoops(
          x.dim(0),
          x.dim(-1),
          x.slice(1, n + 1).dims(),
          w.output(x).slice(1, n + 1).dims(),
          Rules.array(w.size()),
          Rules.array(w.strides()),
          Rules.array(w.low()));
    }

    /** What is done with one window of one channel: its elements' positions. */
    private interface Body {
      void at(int output, int[] positions, int count);
    }

    private void each(Body body) {
      int windows = Arrays.stream(out).reduce(1, (a, b) -> a * b);
      int taps = Arrays.stream(size).reduce(1, (a, b) -> a * b);
      int inputs = Arrays.stream(in).reduce(1, (a, b) -> a * b);
      int[] positions = new int[taps];
      for (int w = 0; w < batch * windows; w++) {
        for (int c = 0; c < channels; c++) {
          int count = 0;
          for (int t = 0; t < taps; t++) {
            int p = position(w % windows, t);
            if (p >= 0) {
              positions[count++] = (w / windows * inputs + p) * channels + c;
            }
          }
          body.at(w * channels + c, positions, count);
        }
      }
    }

    private int position(int window, int tap) {
      int at = 0;
      int scale = 1;
      for (int i = in.length - 1; i >= 0; i--) {
        int p = window % out[i] * strides[i] + tap % size[i] - low[i];
        if (p < 0 || p >= in[i]) {
          return -1;
        }
        at += p * scale;
        scale *= in[i];
        window /= out[i];
        tap /= size[i];
      }
      return at;
    }

    private static int first(double[] x, int[] positions, int count) {
      int best = positions[0];
      for (int i = 1; i < count; i++) {
        if (x[positions[i]] > x[best]) {
          best = positions[i];
        }
      }
      return best;
    }

    void max(double[] x, double[] y) {
      each(
          (o, p, n) -> {
            double m = Double.NEGATIVE_INFINITY;
            for (int i = 0; i < n; i++) {
              m = Math.max(m, x[p[i]]);
            }
            y[o] = m;
          });
    }

    void average(double[] x, double[] y) {
      each(
          (o, p, n) -> {
            double sum = 0;
            for (int i = 0; i < n; i++) {
              sum += x[p[i]];
            }
            y[o] = sum / n;
          });
    }

    void averageGradient(double[] dy, double[] dx) {
      Arrays.fill(dx, 0);
      each(
          (o, p, n) -> {
            for (int i = 0; i < n; i++) {
              dx[p[i]] += dy[o] / n;
            }
          });
    }

    void maxGradient(double[] x, double[] dy, double[] dx) {
      Arrays.fill(dx, 0);
      each((o, p, n) -> dx[first(x, p, n)] += dy[o]);
    }

    void maxPick(double[] x, double[] u, double[] y) {
      each((o, p, n) -> y[o] = u[first(x, p, n)]);
    }
  }
}
