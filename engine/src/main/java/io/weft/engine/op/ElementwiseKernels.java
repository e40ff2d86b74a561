package io.weft.engine.op;

import io.weft.engine.op.Registers.Kind;
import io.weft.engine.op.TileProgram.Loop;
import io.weft.engine.op.TileProgram.Step;
import io.weft.fused.FusedElementwise;
import io.weft.tensor.BinaryFunction;
import io.weft.tensor.DType;
import io.weft.tensor.Elementwise;
import io.weft.tensor.Graph;
import io.weft.tensor.Half;
import io.weft.tensor.HostArray;
import io.weft.tensor.Op;
import io.weft.tensor.Shape;
import io.weft.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Kernels of the element-wise ops: tile programs of one step. */
final class ElementwiseKernels {
  private ElementwiseKernels() {}

  static void register(Kernels k) {
    k.put(Elementwise.Unary.class, ElementwiseKernels::single);
    k.put(Elementwise.Binary.class, ElementwiseKernels::single);
    k.put(Elementwise.Select.class, ElementwiseKernels::single);
    k.put(Elementwise.Cast.class, ElementwiseKernels::single);
    k.put(FusedElementwise.class, ElementwiseKernels::fused);
  }

  private static Kernel fused(FusedElementwise op, List<TensorSpec> in, List<TensorSpec> out) {
    Graph body = op.body();
    Shape shape = op.shape();
    int[] register = new int[body.specs().size()];
    List<TileInput> inputs = new ArrayList<>();
    for (int i = 0; i < in.size(); i++) {
      inputs.add(new TileInput(in.get(i), shape));
      register[body.inputs().get(i)] = i;
    }
    Set<Integer> masks = floatMasks(body);
    List<Step> steps = new ArrayList<>();
    for (Graph.Node n : body.nodes()) {
      int[] from = n.inputs().stream().mapToInt(i -> register[i]).toArray();
      int y = n.outputs().get(0);
      register[y] = inputs.size() + steps.size();
      DType type = masks.contains(y) ? DType.FLOAT32 : body.specs().get(y).dtype();
      steps.add(new Step(loop(n, body, masks), from, type));
    }
    int[] outputs = body.outputs().stream().mapToInt(i -> register[i]).toArray();
    int[] widths = op.summed().stream().mapToInt(a -> width(shape, a)).toArray();
    return new TileProgram(shape, inputs, steps, outputs, widths);
  }

  /** Sums over so many leading axes that lie side by side, or 0 where nothing is summed. */
  private static int width(Shape shape, int axes) {
    return axes == 0 ? 0 : shape.product(axes, shape.rank());
  }

  /**
   * Comparisons of floats whose only readers choose between floats or turn them into 1 and 0: they
   * stay in float registers.
   */
  private static Set<Integer> floatMasks(Graph body) {
    Set<Integer> masks = new HashSet<>();
    for (Graph.Node n : body.nodes()) {
      if (n.op() instanceof Elementwise.Binary b
          && b.function().compareTo(BinaryFunction.EQUAL) >= 0
          && b.function().compareTo(BinaryFunction.GREATER_EQUAL) <= 0
          && body.specs().get(n.inputs().get(0)).dtype() == DType.FLOAT32) {
        masks.addAll(n.outputs());
      }
    }
    masks.removeAll(body.outputs());
    for (Graph.Node n : body.nodes()) {
      boolean floats = body.specs().get(n.outputs().get(0)).dtype() == DType.FLOAT32;
      for (int i = 0; i < n.inputs().size(); i++) {
        int x = n.inputs().get(i);
        boolean result = body.outputs().contains(n.outputs().get(0));
        boolean fits =
            floats
                && ((n.op() instanceof Elementwise.Cast && !result)
                    || (n.op() instanceof Elementwise.Select && i == 0));
        if (!fits) {
          masks.remove(x);
        }
      }
    }
    return masks;
  }

  private static Loop loop(Graph.Node n, Graph body, Set<Integer> masks) {
    if (masks.contains(n.outputs().get(0))) {
      return mask(((Elementwise.Binary) n.op()).function());
    }
    if (masks.contains(n.inputs().get(0))) {
      return n.op() instanceof Elementwise.Select
          ? ElementwiseKernels::selectByMask
          : cast(DType.FLOAT32, DType.FLOAT32);
    }
    return loop(n.op(), body.specs(n.inputs()));
  }

  private static Loop mask(BinaryFunction f) {
    return (a, ao, b, bo, c, co, y, yo, n) ->
        FloatLoops.mask(f, (float[]) a, ao, (float[]) b, bo, (float[]) y, yo, n);
  }

  private static void selectByMask(
      Object m, int mo, Object a, int ao, Object b, int bo, Object y, int yo, int n) {
    FloatLoops.select((float[]) m, mo, (float[]) a, ao, (float[]) b, bo, (float[]) y, yo, n);
  }

  private static Kernel single(Op op, List<TensorSpec> in, List<TensorSpec> out) {
    TensorSpec y = out.get(0);
    List<TileInput> inputs = new ArrayList<>();
    int[] from = new int[in.size()];
    for (int i = 0; i < from.length; i++) {
      inputs.add(new TileInput(in.get(i), y.shape()));
      from[i] = i;
    }
    Step step = new Step(loop(op, in), from, y.dtype());
    return new TileProgram(y.shape(), inputs, List.of(step), new int[] {from.length}, new int[1]);
  }

  /** The loop of an element-wise op. */
  static Loop loop(Op op, List<TensorSpec> in) {
    DType d = in.get(0).dtype();
    if (op instanceof Elementwise.Unary u) {
      return Loops.unary(u.function(), d);
    }
    if (op instanceof Elementwise.Binary b) {
      return Loops.binary(b.function(), d);
    }
    if (op instanceof Elementwise.Cast c) {
      return cast(d, c.to());
    }
    return select(Registers.kind(in.get(1).dtype()));
  }

  private static Loop select(Kind kind) {
    switch (kind) {
      case FLOAT:
        return (c, co, a, ao, b, bo, y, yo, n) -> {
          for (int i = 0; i < n; i++) {
            ((float[]) y)[yo + i] =
                ((byte[]) c)[co + i] != 0 ? ((float[]) a)[ao + i] : ((float[]) b)[bo + i];
          }
        };
      case DOUBLE:
        return (c, co, a, ao, b, bo, y, yo, n) -> {
          for (int i = 0; i < n; i++) {
            ((double[]) y)[yo + i] =
                ((byte[]) c)[co + i] != 0 ? ((double[]) a)[ao + i] : ((double[]) b)[bo + i];
          }
        };
      case LONG:
        return (c, co, a, ao, b, bo, y, yo, n) -> {
          for (int i = 0; i < n; i++) {
            ((long[]) y)[yo + i] =
                ((byte[]) c)[co + i] != 0 ? ((long[]) a)[ao + i] : ((long[]) b)[bo + i];
          }
        };
      default:
        return (c, co, a, ao, b, bo, y, yo, n) -> {
          for (int i = 0; i < n; i++) {
            ((byte[]) y)[yo + i] =
                ((byte[]) c)[co + i] != 0 ? ((byte[]) a)[ao + i] : ((byte[]) b)[bo + i];
          }
        };
    }
  }

  /** Reads a register of one kind as doubles. */
  private interface Reader {
    double at(Object x, int i);
  }

  /** The conversions of {@link io.weft.tensor.HostArray#cast}. */
  private static Loop cast(DType from, DType to) {
    Kind k = Registers.kind(from);
    if (k == Registers.kind(to) && (k != Kind.LONG || !to.isFloating())) {
      return (a, ao, b, bo, c, co, y, yo, n) -> System.arraycopy(a, ao, y, yo, n);
    }
    Reader r = reader(from, k);
    switch (Registers.kind(to)) {
      case FLOAT:
        if (k == Kind.LONG && from != DType.UINT64 && !to.isHalf()) {
          return (a, ao, b, bo, c, co, y, yo, n) -> {
            for (int i = 0; i < n; i++) {
              ((float[]) y)[yo + i] = ((long[]) a)[ao + i];
            }
          };
        }
        return toFloat(r, to);
      case DOUBLE:
        return (a, ao, b, bo, c, co, y, yo, n) -> {
          for (int i = 0; i < n; i++) {
            ((double[]) y)[yo + i] = r.at(a, ao + i);
          }
        };
      case LONG:
        return toLong(r, to);
      default:
        return (a, ao, b, bo, c, co, y, yo, n) -> {
          for (int i = 0; i < n; i++) {
            ((byte[]) y)[yo + i] = Loops.bit(r.at(a, ao + i) != 0);
          }
        };
    }
  }

  private static Loop toFloat(Reader r, DType to) {
    return (a, ao, b, bo, c, co, y, yo, n) -> {
      for (int i = 0; i < n; i++) {
        double v = r.at(a, ao + i);
        ((float[]) y)[yo + i] =
            to == DType.FLOAT16
                ? Half.float16ToFloat(Half.doubleToFloat16(v))
                : to == DType.BFLOAT16 ? Half.bfloat16ToFloat(Half.doubleToBfloat16(v)) : (float) v;
      }
    };
  }

  private static Loop toLong(Reader r, DType to) {
    return (a, ao, b, bo, c, co, y, yo, n) -> {
      for (int i = 0; i < n; i++) {
        ((long[]) y)[yo + i] = HostArray.whole(r.at(a, ao + i), to);
      }
    };
  }

  private static Reader reader(DType d, Kind k) {
    switch (k) {
      case FLOAT:
        return (x, i) -> ((float[]) x)[i];
      case DOUBLE:
        return (x, i) -> ((double[]) x)[i];
      case LONG:
        return d == DType.UINT64
            ? (x, i) -> {
              long v = ((long[]) x)[i];
              return v >= 0 ? v : (v >>> 1 | v & 1) * 2.0;
            }
            : (x, i) -> ((long[]) x)[i];
      default:
        return (x, i) -> ((byte[]) x)[i];
    }
  }
}
