package io.weft.engine;

import io.weft.compile.Passes;
import io.weft.control.Cond;
import io.weft.control.Scan;
import io.weft.control.While;
import io.weft.engine.op.Kernel;
import io.weft.engine.op.Kernels;
import io.weft.tensor.Graph;
import io.weft.tensor.Op;
import io.weft.tensor.TensorSpec;
import java.lang.reflect.Array;
import java.util.Arrays;
import java.util.List;

/** Kernels of the ops that hold graphs: each graph is compiled once and then run. */
final class ControlKernels {
  private ControlKernels() {}

  static void register(Kernels k) {
    Kernels.Maker<Op> maker =
        new Kernels.Maker<>() {
          @Override
          public Kernel make(Op op, List<TensorSpec> in, List<TensorSpec> out) {
            if (op instanceof Cond c) {
              return branch(k, c);
            }
            return op instanceof While w ? loop(k, w) : scan(k, (Scan) op);
          }
        };
    k.put(Cond.class, maker);
    k.put(While.class, maker);
    k.put(Scan.class, maker);
  }

  private static Kernel branch(Kernels k, Cond op) {
    JavaExecutable then = compile(k, op.then());
    JavaExecutable otherwise = compile(k, op.otherwise());
    int first = 1 + op.then().inputs().size();
    return (x, y) -> {
      Object[] r =
          ((byte[]) x[0])[0] != 0
              ? then.run(Arrays.copyOfRange(x, 1, first))
              : otherwise.run(Arrays.copyOfRange(x, first, x.length));
      give(r, y);
    };
  }

  private static JavaExecutable compile(Kernels k, Graph g) {
    return new GraphCompiler(k).compile(Passes.simplify(g));
  }

  private static void give(Object[] from, Object[] to) {
    for (int i = 0; i < to.length; i++) {
      System.arraycopy(from[i], 0, to[i], 0, Array.getLength(to[i]));
    }
  }

  private static Kernel loop(Kernels k, While op) {
    JavaExecutable condition = compile(k, op.condition());
    JavaExecutable body = compile(k, op.body());
    int c = op.carries();
    int split = op.condition().inputs().size();
    return (x, y) -> {
      Object[] test = Arrays.copyOfRange(x, 0, split);
      Object[] in = new Object[c + x.length - split];
      System.arraycopy(x, 0, in, 0, c);
      System.arraycopy(x, split, in, c, x.length - split);
      for (int i = 0; op.most() < 0 || i < op.most(); i++) {
        System.arraycopy(in, 0, test, 0, c);
        if (((byte[]) condition.run(test)[0])[0] == 0) {
          break;
        }
        System.arraycopy(body.run(in), 0, in, 0, c);
      }
      give(in, y);
    };
  }

  private static Kernel scan(Kernels k, Scan op) {
    JavaExecutable body = compile(k, op.body());
    int c = op.carries();
    int s = op.sequences();
    int steps = op.steps();
    return (x, y) -> {
      Object[] values = x.clone();
      for (int i = 0; i < steps; i++) {
        int t = op.reverse() ? steps - 1 - i : i;
        for (int j = c; j < c + s; j++) {
          values[j] = slice(x[j], t, steps);
        }
        Object[] r = body.run(values);
        System.arraycopy(r, 0, values, 0, c);
        for (int j = c; j < r.length; j++) {
          int n = Array.getLength(r[j]);
          System.arraycopy(r[j], 0, y[j], t * n, n);
        }
      }
      give(values, Arrays.copyOf(y, c));
    };
  }

  private static Object slice(Object x, int t, int steps) {
    int n = Array.getLength(x) / steps;
    Object r = Array.newInstance(x.getClass().getComponentType(), n);
    System.arraycopy(x, t * n, r, 0, n);
    return r;
  }
}
