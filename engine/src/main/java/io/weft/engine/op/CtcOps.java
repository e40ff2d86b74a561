package io.weft.engine.op;

import io.weft.engine.kernel.CtcKernels;
import io.weft.tensor.Ctc;
import io.weft.tensor.DType;
import io.weft.tensor.Shape;
import io.weft.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/** Kernels of connectionist temporal classification: sequence by sequence. */
final class CtcOps {
  private CtcOps() {}

  static void register(Kernels k) {
    k.put(Ctc.Loss.class, CtcOps::loss);
    k.put(Ctc.Decode.class, CtcOps::decode);
  }

  private static int bounded(int v, int high) {
    return Math.max(0, Math.min(v, high));
  }

  private static Kernel loss(Ctc.Loss op, List<TensorSpec> in, List<TensorSpec> out) {
    Shape s = in.get(1).shape();
    DType d = in.get(1).dtype();
    int frames = s.dim(1);
    int classes = s.dim(2);
    int most = in.get(0).shape().dim(1);
    return (a, y) -> {
      int[] labels = (int[]) a[0];
      double[] log = new double[frames * classes];
      double[] gradient = new double[frames * classes];
      double[] value = new double[1];
      for (int i = 0; i < s.dim(0); i++) {
        int n = bounded(((int[]) a[3])[i], frames);
        int length = bounded(((int[]) a[2])[i], most);
        int[] own = Arrays.copyOfRange(labels, i * most, (i + 1) * most);
        for (int j = 0; j < most; j++) {
          own[j] = bounded(own[j], classes - 1);
        }
        MatrixKernels.read(d, a[1], i * frames * classes, log);
        CtcKernels.logSoftmax(log, frames, classes);
        value[0] = CtcKernels.loss(log, n, classes, own, length, op.blank(), gradient);
        MatrixKernels.write(d, value, y[0], i);
        MatrixKernels.write(d, gradient, y[1], i * frames * classes);
      }
    };
  }

  private static Kernel decode(Ctc.Decode op, List<TensorSpec> in, List<TensorSpec> out) {
    Shape s = in.get(0).shape();
    DType d = in.get(0).dtype();
    int batch = s.dim(0);
    int frames = s.dim(1);
    int classes = s.dim(2);
    return (a, y) -> {
      int[] labels = (int[]) y[0];
      Arrays.fill(labels, -1);
      double[] x = new double[frames * classes];
      double[] scores = new double[op.paths()];
      for (int i = 0; i < batch; i++) {
        MatrixKernels.read(d, a[0], i * frames * classes, x);
        int n = bounded(((int[]) a[1])[i], frames);
        if (op.beamWidth() == 0) {
          List<Integer> path = new ArrayList<>();
          scores[0] = CtcKernels.greedy(x, n, classes, op.mergeRepeated(), op.blank(), path);
          fill(labels, i * frames, path);
        } else {
          CtcKernels.logSoftmax(x, frames, classes);
          Arrays.fill(scores, Double.NEGATIVE_INFINITY);
          Iterator<Map.Entry<List<Integer>, Double>> best =
              CtcKernels.beam(x, n, classes, op.beamWidth(), op.blank()).entrySet().iterator();
          for (int p = 0; p < op.paths() && best.hasNext(); p++) {
            Map.Entry<List<Integer>, Double> e = best.next();
            scores[p] = e.getValue();
            fill(labels, (p * batch + i) * frames, e.getKey());
          }
        }
        MatrixKernels.write(d, scores, y[1], i * op.paths());
      }
    };
  }

  private static void fill(int[] labels, int from, List<Integer> path) {
    for (int j = 0; j < path.size(); j++) {
      labels[from + j] = path.get(j);
    }
  }
}
