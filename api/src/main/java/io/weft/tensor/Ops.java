package io.weft.tensor;

import io.weft.error.ShapeException;
import io.weft.error.UnsupportedFeatureException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * The operations, with the names of {@code keras.ops}. Each takes tensors of any kind: with numbers
 * it computes at once, inside a capture it becomes part of the graph, and on Keras tensors (outputs
 * of layers) it adds an op node to the model graph. Dtypes are promoted as in Keras; Java numbers
 * are weak. Axes may be negative. Further operations stand in {@code io.weft.ops}.
 */
public final class Ops {
  private Ops() {}

  // ---------------------------------------------------------------- dispatch

  /**
   * Applies an op: eagerly, or into the capture that is open. Operands must have settled dtypes.
   */
  public static List<Tensor> apply(Op op, List<Tensor> in) {
    boolean traced = false;
    for (Tensor t : in) {
      if (t instanceof KerasTensor) {
        throw new UnsupportedFeatureException(
            op.name()
                + ": is not recorded on Keras tensors. Put the computation into a layer's call(),"
                + " or use an op of the public table.");
      }
      traced |= t instanceof TracedTensor;
    }
    if (traced && Trace.current() == null) {
      throw new IllegalStateException(
          op.name()
              + ": a value of a finished capture was used. Return it from the captured function.");
    }
    List<Tensor> out = traced ? Trace.current().add(op, in) : Eager.run(op, in);
    Tape.record(op, in, out);
    return out;
  }

  /** Computes an op of tensors with numbers at once, seen by no capture or tape. */
  public static List<Tensor> compute(Op op, List<Tensor> in) {
    return Eager.run(op, in);
  }

  /** {@link #apply} for an op with one output. */
  public static Tensor apply1(Op op, Tensor... in) {
    return apply(op, Arrays.asList(in)).get(0);
  }

  /** Runs a body as if no capture, tape or autocast were open: for initial values and host work. */
  static <T> T outsideOfTrace(Supplier<T> body) {
    Tape tape = Tape.suspend();
    try {
      return Trace.outside(() -> Variable.withAutocast(null, body));
    } finally {
      Tape.resume(tape);
    }
  }

  private static boolean keras(Object x) {
    return x instanceof KerasTensor;
  }

  /** Adds an op of the public table to the model graph that a Keras tensor belongs to. */
  public static List<Tensor> record(KerasTensor any, String function, Object... namesAndValues) {
    Map<String, Object> args = new LinkedHashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      args.put((String) namesAndValues[i], namesAndValues[i + 1]);
    }
    return any.producer().record(function, args);
  }

  private static Tensor record1(Object any, String function, Object... namesAndValues) {
    return record((KerasTensor) any, function, namesAndValues).get(0);
  }

  // ---------------------------------------------------------------- element-wise

  /** f(x); the dtype must suit the function. */
  public static Tensor unary(UnaryFunction f, Tensor x) {
    return keras(x) ? record1(x, f.kerasName(), "x", x) : apply1(new Elementwise.Unary(f), x);
  }

  /** f(x) for functions of floats: integers and bools are cast to float32 first. */
  public static Tensor floatUnary(UnaryFunction f, Tensor x) {
    return keras(x)
        ? record1(x, f.kerasName(), "x", x)
        : apply1(new Elementwise.Unary(f), toFloat(x));
  }

  /** The tensor itself if floating, otherwise cast to float32. */
  public static Tensor toFloat(Tensor x) {
    return x.dtype().isFloating() ? x : cast(x, DType.FLOAT32);
  }

  /** f(a, b) with promotion; each operand is a tensor, a number or a boolean. */
  public static Tensor binary(BinaryFunction f, Object a, Object b) {
    if (keras(a) || keras(b)) {
      return record1(keras(a) ? a : b, f.kerasName(), "x1", a, "x2", b);
    }
    Tensor[] p = Promotion.pair(a, b);
    return apply1(new Elementwise.Binary(f), p[0], p[1]);
  }

  public static Tensor add(Tensor a, Object b) {
    return binary(BinaryFunction.ADD, a, b);
  }

  public static Tensor subtract(Object a, Object b) {
    return binary(BinaryFunction.SUBTRACT, a, b);
  }

  /** 1 − x. */
  public static Tensor oneMinus(Tensor x) {
    return subtract(1, x);
  }

  public static Tensor multiply(Tensor a, Object b) {
    return binary(BinaryFunction.MULTIPLY, a, b);
  }

  /** True division; integers are divided as floats. */
  public static Tensor divide(Object a, Object b) {
    if (keras(a) || keras(b)) {
      return record1(keras(a) ? a : b, "true_divide", "x1", a, "x2", b);
    }
    Tensor[] p = Promotion.pair(a, b);
    return apply1(new Elementwise.Binary(BinaryFunction.DIVIDE), toFloat(p[0]), toFloat(p[1]));
  }

  public static Tensor power(Object a, Object b) {
    return binary(BinaryFunction.POWER, a, b);
  }

  public static Tensor floorDivide(Object a, Object b) {
    return binary(BinaryFunction.FLOOR_DIVIDE, a, b);
  }

  public static Tensor mod(Object a, Object b) {
    return binary(BinaryFunction.MOD, a, b);
  }

  public static Tensor maximum(Object a, Object b) {
    return binary(BinaryFunction.MAXIMUM, a, b);
  }

  public static Tensor minimum(Object a, Object b) {
    return binary(BinaryFunction.MINIMUM, a, b);
  }

  public static Tensor equal(Object a, Object b) {
    return binary(BinaryFunction.EQUAL, a, b);
  }

  public static Tensor notEqual(Object a, Object b) {
    return binary(BinaryFunction.NOT_EQUAL, a, b);
  }

  public static Tensor less(Object a, Object b) {
    return binary(BinaryFunction.LESS, a, b);
  }

  public static Tensor lessEqual(Object a, Object b) {
    return binary(BinaryFunction.LESS_EQUAL, a, b);
  }

  public static Tensor greater(Object a, Object b) {
    return binary(BinaryFunction.GREATER, a, b);
  }

  public static Tensor greaterEqual(Object a, Object b) {
    return binary(BinaryFunction.GREATER_EQUAL, a, b);
  }

  public static Tensor logicalAnd(Tensor a, Tensor b) {
    return logical(BinaryFunction.LOGICAL_AND, a, b);
  }

  public static Tensor logicalOr(Tensor a, Tensor b) {
    return logical(BinaryFunction.LOGICAL_OR, a, b);
  }

  public static Tensor logicalXor(Tensor a, Tensor b) {
    return logical(BinaryFunction.LOGICAL_XOR, a, b);
  }

  private static Tensor logical(BinaryFunction f, Tensor a, Tensor b) {
    return keras(a) || keras(b)
        ? binary(f, a, b)
        : apply1(new Elementwise.Binary(f), cast(a, DType.BOOL), cast(b, DType.BOOL));
  }

  public static Tensor logicalNot(Tensor x) {
    return unary(UnaryFunction.LOGICAL_NOT, keras(x) ? x : cast(x, DType.BOOL));
  }

  /** condition ? a : b; condition is read as boolean, a and b are promoted. */
  public static Tensor where(Tensor condition, Object a, Object b) {
    if (keras(condition) || keras(a) || keras(b)) {
      Object k = keras(condition) ? condition : keras(a) ? a : b;
      return record1(k, "where", "condition", condition, "x1", a, "x2", b);
    }
    Tensor[] p = Promotion.pair(a, b);
    return apply1(new Elementwise.Select(), cast(condition, DType.BOOL), p[0], p[1]);
  }

  /** The numbers as another dtype: toward zero for integers, nearest even for half types. */
  public static Tensor cast(Tensor x, DType dtype) {
    if (x.dtype() == dtype) {
      return x;
    }
    return keras(x)
        ? record1(x, "cast", "x", x, "dtype", dtype.kerasName())
        : apply1(new Elementwise.Cast(dtype), x);
  }

  public static Tensor stopGradient(Tensor x) {
    return keras(x)
        ? record1(x, "stop_gradient", "variable", x)
        : apply1(new Elementwise.StopGradient(), x);
  }

  public static Tensor negative(Tensor x) {
    return unary(UnaryFunction.NEGATIVE, x);
  }

  public static Tensor abs(Tensor x) {
    return unary(UnaryFunction.ABSOLUTE, x);
  }

  public static Tensor sign(Tensor x) {
    return unary(UnaryFunction.SIGN, x);
  }

  public static Tensor square(Tensor x) {
    return unary(UnaryFunction.SQUARE, x);
  }

  public static Tensor sqrt(Tensor x) {
    return floatUnary(UnaryFunction.SQRT, x);
  }

  public static Tensor rsqrt(Tensor x) {
    return floatUnary(UnaryFunction.RSQRT, x);
  }

  public static Tensor exp(Tensor x) {
    return floatUnary(UnaryFunction.EXP, x);
  }

  public static Tensor log(Tensor x) {
    return floatUnary(UnaryFunction.LOG, x);
  }

  public static Tensor log1p(Tensor x) {
    return floatUnary(UnaryFunction.LOG1P, x);
  }

  public static Tensor sin(Tensor x) {
    return floatUnary(UnaryFunction.SIN, x);
  }

  public static Tensor cos(Tensor x) {
    return floatUnary(UnaryFunction.COS, x);
  }

  public static Tensor sinh(Tensor x) {
    return floatUnary(UnaryFunction.SINH, x);
  }

  public static Tensor cosh(Tensor x) {
    return floatUnary(UnaryFunction.COSH, x);
  }

  public static Tensor tanh(Tensor x) {
    return floatUnary(UnaryFunction.TANH, x);
  }

  public static Tensor erf(Tensor x) {
    return floatUnary(UnaryFunction.ERF, x);
  }

  public static Tensor sigmoid(Tensor x) {
    return floatUnary(UnaryFunction.SIGMOID, x);
  }

  public static Tensor softplus(Tensor x) {
    return floatUnary(UnaryFunction.SOFTPLUS, x);
  }

  public static Tensor relu(Tensor x) {
    return unary(UnaryFunction.RELU, x);
  }

  public static Tensor floor(Tensor x) {
    return floatUnary(UnaryFunction.FLOOR, x);
  }

  /** min(max(x, low), high). */
  public static Tensor clip(Tensor x, double low, double high) {
    if (keras(x)) {
      return record1(x, "clip", "x", x, "x_min", low, "x_max", high);
    }
    return apply1(
        new Elementwise.Binary(BinaryFunction.MINIMUM),
        apply1(new Elementwise.Binary(BinaryFunction.MAXIMUM), x, Tensor.scalar(low, x.dtype())),
        Tensor.scalar(high, x.dtype()));
  }

  // ---------------------------------------------------------------- reductions

  /** Folds axes (null = all). */
  public static Tensor reduce(Reduction.Fold fold, Tensor x, int[] axes, boolean keepdims) {
    if (keras(x)) {
      String name = fold.name().toLowerCase(java.util.Locale.ROOT);
      return record1(x, name, "x", x, "axis", axes, "keepdims", keepdims);
    }
    List<Integer> a = Rules.axes(x.shape(), axes);
    Tensor y = a.isEmpty() && !x.dtype().isBool() ? x : apply1(new Reduction.Reduce(fold, a), x);
    return keepdims ? reshape(y, kept(x.shape(), a)) : y;
  }

  private static int[] kept(Shape s, List<Integer> axes) {
    int[] d = s.dims();
    axes.forEach(i -> d[i] = 1);
    return d;
  }

  /** Sum; bools and small integers are summed as int32 (unsigned: uint32). */
  public static Tensor sum(Tensor x, int[] axes, boolean keepdims) {
    return reduce(Reduction.Fold.SUM, keras(x) ? x : widened(x), axes, keepdims);
  }

  /** Bool, int8 and int16 as int32; uint8 and uint16 as uint32; others unchanged. */
  public static Tensor widened(Tensor x) {
    DType d = x.dtype();
    if (d.isBool() || (d.isInteger() && d.bytes() < 4)) {
      return cast(x, d.isUnsigned() ? DType.UINT32 : DType.INT32);
    }
    return x;
  }

  public static Tensor sum(Tensor x, int... axes) {
    return sum(x, orAll(axes), false);
  }

  private static int[] orAll(int[] axes) {
    return axes.length == 0 ? null : axes;
  }

  public static Tensor max(Tensor x, int[] axes, boolean keepdims) {
    return reduce(Reduction.Fold.MAX, x, axes, keepdims);
  }

  public static Tensor min(Tensor x, int[] axes, boolean keepdims) {
    return reduce(Reduction.Fold.MIN, x, axes, keepdims);
  }

  public static Tensor prod(Tensor x, int[] axes, boolean keepdims) {
    return reduce(Reduction.Fold.PROD, keras(x) ? x : widened(x), axes, keepdims);
  }

  public static Tensor any(Tensor x, int[] axes, boolean keepdims) {
    return reduce(Reduction.Fold.ANY, keras(x) ? x : cast(x, DType.BOOL), axes, keepdims);
  }

  public static Tensor all(Tensor x, int[] axes, boolean keepdims) {
    return reduce(Reduction.Fold.ALL, keras(x) ? x : cast(x, DType.BOOL), axes, keepdims);
  }

  /** Mean; integers as float32. */
  public static Tensor mean(Tensor x, int[] axes, boolean keepdims) {
    if (keras(x)) {
      return record1(x, "mean", "x", x, "axis", axes, "keepdims", keepdims);
    }
    Tensor f = toFloat(x);
    DType wide = f.dtype().isHalf() ? DType.FLOAT32 : f.dtype();
    double n = 1;
    for (int a : Rules.axes(x.shape(), axes)) {
      n *= x.dim(a);
    }
    return cast(divide(sum(cast(f, wide), axes, keepdims), n), f.dtype());
  }

  public static Tensor mean(Tensor x, int... axes) {
    return mean(x, orAll(axes), false);
  }

  /** Population variance (divisor n); integers as float32. */
  public static Tensor var(Tensor x, int[] axes, boolean keepdims) {
    if (keras(x)) {
      return record1(x, "var", "x", x, "axis", axes, "keepdims", keepdims);
    }
    Tensor f = toFloat(x);
    Tensor wide = f.dtype().isHalf() ? cast(f, DType.FLOAT32) : f;
    Tensor centered = subtract(wide, mean(wide, axes, true));
    return cast(mean(square(centered), axes, keepdims), f.dtype());
  }

  /** Position of the largest element, int32; a null axis means the flattened tensor. */
  public static Tensor argmax(Tensor x, Integer axis, boolean keepdims) {
    return argReduce(true, x, axis, keepdims);
  }

  public static Tensor argmin(Tensor x, Integer axis, boolean keepdims) {
    return argReduce(false, x, axis, keepdims);
  }

  private static Tensor argReduce(boolean max, Tensor x, Integer axis, boolean keepdims) {
    if (keras(x)) {
      return record1(x, max ? "argmax" : "argmin", "x", x, "axis", axis, "keepdims", keepdims);
    }
    Tensor y;
    if (axis == null) {
      y = apply1(new Reduction.ArgReduce(max, 0), reshape(x, -1));
    } else {
      y = apply1(new Reduction.ArgReduce(max, x.shape().axis(axis)), x);
    }
    List<Integer> a = Rules.axes(x.shape(), axis == null ? null : new int[] {axis});
    return keepdims ? reshape(y, kept(x.shape(), a)) : y;
  }

  public static Tensor cumsum(Tensor x, int axis) {
    return keras(x)
        ? record1(x, "cumsum", "x", x, "axis", axis)
        : apply1(new Reduction.Cumulative(true, x.shape().axis(axis), false), widened(x));
  }

  /** log Σ exp(x), computed from the maximum. */
  public static Tensor logsumexp(Tensor x, int[] axes, boolean keepdims) {
    if (keras(x)) {
      return record1(x, "logsumexp", "x", x, "axis", axes, "keepdims", keepdims);
    }
    Tensor f = toFloat(x);
    Tensor m = stopGradient(max(f, axes, true));
    m = where(unary(UnaryFunction.IS_FINITE, m), m, zerosLike(m));
    Tensor y = add(log(sum(exp(subtract(f, m)), axes, true)), m);
    return keepdims ? y : squeezeAxes(y, Rules.axes(x.shape(), axes));
  }

  private static Tensor squeezeAxes(Tensor x, List<Integer> axes) {
    return reshape(x, dropped(x.shape(), axes));
  }

  private static int[] dropped(Shape s, List<Integer> axes) {
    int[] d = new int[s.rank() - axes.size()];
    int j = 0;
    for (int i = 0; i < s.rank(); i++) {
      if (!axes.contains(i)) {
        d[j++] = s.dim(i);
      }
    }
    return d;
  }

  /** Sums x down to a shape that broadcasts to its own. */
  public static Tensor sumTo(Tensor x, Shape shape) {
    if (x.shape().equals(shape)) {
      return x;
    }
    int lead = x.rank() - shape.rank();
    List<Integer> axes = new ArrayList<>();
    for (int i = 0; i < x.rank(); i++) {
      if (i < lead || (shape.dim(i - lead) == 1 && x.dim(i) != 1)) {
        axes.add(i);
      }
    }
    Tensor y =
        axes.isEmpty() ? x : apply1(new Reduction.Reduce(Reduction.Fold.SUM, List.copyOf(axes)), x);
    return reshape(y, shape.dims());
  }

  // ---------------------------------------------------------------- shapes

  /** One size may be −1. */
  public static Tensor reshape(Tensor x, int... shape) {
    if (keras(x)) {
      return record1(x, "reshape", "x", x, "newshape", shape);
    }
    Shape to = Shape.of(shape);
    return x.shape().equals(to) ? x : apply1(new Movement.Reshape(to), x);
  }

  public static Tensor broadcastTo(Tensor x, Shape shape) {
    if (keras(x)) {
      return record1(x, "broadcast_to", "x", x, "shape", shape.dims());
    }
    return x.shape().equals(shape) ? x : apply1(new Movement.BroadcastTo(shape), x);
  }

  /** Permutes the axes; none given reverses them. */
  public static Tensor transpose(Tensor x, int... axes) {
    if (keras(x)) {
      return record1(x, "transpose", "x", x, "axes", axes.length == 0 ? null : axes);
    }
    int rank = x.rank();
    int[] p = new int[axes.length == 0 ? rank : axes.length];
    boolean same = true;
    for (int i = 0; i < p.length; i++) {
      p[i] = axes.length == 0 ? rank - 1 - i : x.shape().axis(axes[i]);
      same &= p[i] == i;
    }
    return same && p.length == rank ? x : apply1(new Movement.Transpose(Rules.list(p)), x);
  }

  /** Swaps two axes. */
  public static Tensor swapaxes(Tensor x, int a, int b) {
    if (keras(x)) {
      return record1(x, "swapaxes", "x", x, "axis1", a, "axis2", b);
    }
    int[] p = Rules.array(Rules.axes(x.shape(), null));
    int i = x.shape().axis(a);
    int j = x.shape().axis(b);
    p[i] = j;
    p[j] = i;
    return transpose(x, p);
  }

  /** {@code sizes} elements from {@code starts} on. */
  public static Tensor slice(Tensor x, int[] starts, int[] sizes) {
    if (keras(x)) {
      return record1(x, "slice", "inputs", x, "start_indices", starts, "shape", sizes);
    }
    if (x.shape().equals(Shape.of(sizes))) {
      return x;
    }
    return apply1(
        new Movement.Slice(Rules.list(starts), Rules.list(sizes), Movement.ones(x.rank())), x);
  }

  /** NumPy indexing. */
  public static Tensor getItem(Tensor x, List<Index> indices) {
    return keras(x) ? record1(x, "get_item", "x", x, "key", indices) : Subscript.get(x, indices);
  }

  /** Pads with one value: {@code paddings[axis] = {before, after}}. */
  public static Tensor pad(Tensor x, int[][] paddings, double value) {
    if (keras(x)) {
      return record1(
          x, "pad", "x", x, "pad_width", paddings, "constant_values", value == 0 ? null : value);
    }
    Integer[] low = new Integer[paddings.length];
    Integer[] high = new Integer[paddings.length];
    boolean none = true;
    for (int i = 0; i < low.length; i++) {
      low[i] = paddings[i][0];
      high[i] = paddings[i][1];
      none &= low[i] == 0 && high[i] == 0;
    }
    return none && low.length == x.rank()
        ? x
        : apply1(new Movement.Pad(List.of(low), List.of(high), value), x);
  }

  public static Tensor concatenate(List<Tensor> xs, int axis) {
    for (Tensor x : xs) {
      if (keras(x)) {
        return record1(x, "concatenate", "xs", xs, "axis", axis);
      }
    }
    if (xs.isEmpty()) {
      throw new ShapeException("concatenate: expected at least one tensor. Received: none");
    }
    List<Tensor> in = promoted(xs);
    return in.size() == 1
        ? in.get(0)
        : apply(new Movement.Concat(in.get(0).shape().axis(axis)), in).get(0);
  }

  /** All tensors cast to the dtype they promote to together. */
  public static List<Tensor> promoted(List<Tensor> xs) {
    DType d = xs.get(0).dtype();
    for (Tensor x : xs) {
      d = Promotion.of(d, x.dtype());
    }
    List<Tensor> out = new ArrayList<>();
    for (Tensor x : xs) {
      out.add(cast(x, d));
    }
    return out;
  }

  /** Joins tensors of one shape along a new axis. */
  public static Tensor stack(List<Tensor> xs, int axis) {
    for (Tensor x : xs) {
      if (keras(x)) {
        return record1(x, "stack", "x", xs, "axis", axis);
      }
    }
    List<Tensor> in = new ArrayList<>();
    for (Tensor x : xs) {
      in.add(expandDims(x, axis));
    }
    return concatenate(in, axis);
  }

  /** Pieces of equal size along an axis. */
  public static List<Tensor> split(Tensor x, int pieces, int axis) {
    if (keras(x)) {
      return record((KerasTensor) x, "split", "x", x, "indices_or_sections", pieces, "axis", axis);
    }
    int a = x.shape().axis(axis);
    if (pieces <= 0 || x.dim(a) % pieces != 0) {
      throw new ShapeException(
          "split: expected a size that "
              + pieces
              + " divides along axis "
              + axis
              + ". Received: "
              + x.shape());
    }
    List<Tensor> out = new ArrayList<>();
    int n = x.dim(a) / pieces;
    for (int i = 0; i < pieces; i++) {
      int[] start = new int[x.rank()];
      start[a] = i * n;
      out.add(slice(x, start, x.shape().withDim(a, n).dims()));
    }
    return out;
  }

  /** A new axis of size 1 at a position of the result. */
  public static Tensor expandDims(Tensor x, int axis) {
    if (keras(x)) {
      return record1(x, "expand_dims", "x", x, "axis", axis);
    }
    int rank = x.rank() + 1;
    int a = axis < 0 ? axis + rank : axis;
    if (a < 0 || a >= rank) {
      throw new ShapeException("expand_dims: axis " + axis + " is out of range for " + x.shape());
    }
    return reshape(
        x, x.shape().slice(0, a).plus(1).plus(x.shape().slice(a, rank - 1).dims()).dims());
  }

  /** Drops axes of size 1; none given drops all of them. */
  public static Tensor squeeze(Tensor x, int... axes) {
    if (keras(x)) {
      return record1(x, "squeeze", "x", x, "axis", axes.length == 0 ? null : axes);
    }
    List<Integer> drop = new ArrayList<>();
    if (axes.length > 0) {
      drop.addAll(Rules.axes(x.shape(), axes));
    } else {
      for (int i = 0; i < x.rank(); i++) {
        if (x.dim(i) == 1) {
          drop.add(i);
        }
      }
    }
    for (int a : drop) {
      if (x.dim(a) != 1) {
        throw new ShapeException(
            "squeeze: expected size 1 at axis " + a + ". Received: " + x.shape());
      }
    }
    return squeezeAxes(x, drop);
  }

  /** Repeats the whole tensor {@code repeats[i]} times along axis i. */
  public static Tensor tile(Tensor x, int... repeats) {
    if (keras(x)) {
      return record1(x, "tile", "x", x, "repeats", repeats);
    }
    int rank = Math.max(x.rank(), repeats.length);
    Tensor y = x;
    while (y.rank() < rank) {
      y = expandDims(y, 0);
    }
    int[] wide = new int[2 * rank];
    int[] big = new int[2 * rank];
    int[] out = new int[rank];
    for (int i = 0; i < rank; i++) {
      int r = i < rank - repeats.length ? 1 : repeats[i - (rank - repeats.length)];
      wide[2 * i] = 1;
      wide[2 * i + 1] = y.dim(i);
      big[2 * i] = r;
      big[2 * i + 1] = y.dim(i);
      out[i] = r * y.dim(i);
    }
    return reshape(broadcastTo(reshape(y, wide), Shape.of(big)), out);
  }

  /** Repeats each element along an axis. */
  public static Tensor repeat(Tensor x, int repeats, int axis) {
    if (keras(x)) {
      return record1(x, "repeat", "x", x, "repeats", repeats, "axis", axis);
    }
    int a = x.shape().axis(axis);
    Tensor y = expandDims(x, a + 1);
    return reshape(
        broadcastTo(y, y.shape().withDim(a + 1, repeats)),
        x.shape().withDim(a, x.dim(a) * repeats).dims());
  }

  /** Reverses the order along axes (none given: all). */
  public static Tensor flip(Tensor x, int... axes) {
    if (keras(x)) {
      return record1(x, "flip", "x", x, "axis", axes.length == 0 ? null : axes);
    }
    int[] start = new int[x.rank()];
    int[] step = Rules.array(Movement.ones(x.rank()));
    for (int a : Rules.axes(x.shape(), orAll(axes))) {
      start[a] = Math.max(0, x.dim(a) - 1);
      step[a] = -1;
    }
    return apply1(
        new Movement.Slice(Rules.list(start), Rules.list(x.shape().dims()), Rules.list(step)), x);
  }

  // ---------------------------------------------------------------- indexing

  /** Elements at integer positions along an axis; a null axis means the flattened tensor. */
  public static Tensor take(Tensor x, Tensor indices, Integer axis) {
    if (keras(x) || keras(indices)) {
      return record1(keras(x) ? x : indices, "take", "x", x, "indices", indices, "axis", axis);
    }
    Tensor i = indices.dtype().isInteger() ? indices : cast(indices, DType.INT32);
    return axis == null
        ? apply1(new Indexing.Take(0), reshape(x, -1), i)
        : apply1(new Indexing.Take(x.shape().axis(axis)), x, i);
  }

  /**
   * Rows of a table (n, …) by integers of any shape, which have to be in 0 … n − 1, whereas {@link
   * #take} finds a row for all.
   *
   * @param name how the error names the table
   * @param fromEnd whether −n … −1 name rows too, counted from the end, as in Keras' layers
   * @throws io.weft.error.ShapeException when it is computed with another integer
   */
  public static Tensor lookUp(Tensor table, Tensor ids, String name, boolean fromEnd) {
    if (keras(table) || keras(ids)) {
      return take(table, ids, 0);
    }
    Tensor i = ids.dtype().isInteger() ? ids : cast(ids, DType.INT32);
    return apply1(new Indexing.Take(0, name, fromEnd), table, i);
  }

  /** 1 at each integer's position along a new axis; integers outside give zeros. */
  public static Tensor oneHot(Tensor x, int classes, int axis, DType dtype) {
    if (keras(x)) {
      return record1(
          x, "one_hot", "x", x, "num_classes", classes, "axis", axis, "dtype", dtype.kerasName());
    }
    Tensor y = cast(equal(expandDims(cast(x, DType.INT32), -1), arange(classes)), dtype);
    int rank = y.rank();
    int to = axis < 0 ? axis + rank : axis;
    int[] p = new int[rank];
    for (int i = 0, j = 0; i < rank; i++) {
      p[i] = i == to ? rank - 1 : j++;
    }
    return transpose(y, p);
  }

  // ---------------------------------------------------------------- products

  /** Matrix product with NumPy's rules for vectors and leading axes. */
  public static Tensor matmul(Tensor a, Tensor b) {
    if (keras(a) || keras(b)) {
      return record1(keras(a) ? a : b, "matmul", "x1", a, "x2", b);
    }
    Tensor[] p = Promotion.pair(a, b);
    if (a.rank() == 0 || b.rank() == 0) {
      throw new ShapeException(
          "matmul: expected no scalars. Received: " + a.shape() + ", " + b.shape());
    }
    Tensor x = a.rank() == 1 ? expandDims(p[0], 0) : p[0];
    Tensor y = b.rank() == 1 ? expandDims(p[1], 1) : p[1];
    Tensor r = apply1(new Linalg.MatMul(false, false), x, y);
    if (b.rank() == 1) {
      r = squeeze(r, -1);
    }
    return a.rank() == 1 ? squeeze(r, b.rank() == 1 ? -1 : -2) : r;
  }

  /** Sum of products by Einstein's notation, such as {@code "bij,bjk->bik"}; ellipses allowed. */
  public static Tensor einsum(String equation, Tensor... operands) {
    for (Tensor t : operands) {
      if (keras(t)) {
        return record1(t, "einsum", "subscripts", equation, "operands", List.of(operands));
      }
    }
    return Einsum.of(equation, promoted(Arrays.asList(operands)));
  }

  /** exp(x) / Σ exp(x) along one axis. */
  public static Tensor softmax(Tensor x, int axis) {
    if (keras(x)) {
      return record1(x, "softmax", "x", x, "axis", axis);
    }
    return alongLast(new Fused.Softmax(false), toFloat(x), axis);
  }

  /** x − log Σ exp(x) along one axis. */
  public static Tensor logSoftmax(Tensor x, int axis) {
    if (keras(x)) {
      return record1(x, "log_softmax", "x", x, "axis", axis);
    }
    return alongLast(new Fused.Softmax(true), toFloat(x), axis);
  }

  private static Tensor alongLast(Op op, Tensor x, int axis) {
    int a = x.shape().axis(axis);
    return a == x.rank() - 1 ? apply1(op, x) : swapaxes(apply1(op, swapaxes(x, a, -1)), a, -1);
  }

  // ---------------------------------------------------------------- making tensors

  /** All elements one value. */
  public static Tensor full(Shape shape, double value, DType dtype) {
    Tensor s = Tensor.scalar(value, dtype);
    return shape.rank() == 0 ? s : broadcastTo(s, shape);
  }

  public static Tensor zeros(Shape shape, DType dtype) {
    return full(shape, 0, dtype);
  }

  public static Tensor ones(Shape shape, DType dtype) {
    return full(shape, 1, dtype);
  }

  public static Tensor zerosLike(Tensor x) {
    return keras(x) ? record1(x, "zeros_like", "x", x) : zeros(x.shape(), x.dtype());
  }

  public static Tensor onesLike(Tensor x) {
    return keras(x) ? record1(x, "ones_like", "x", x) : ones(x.shape(), x.dtype());
  }

  /** 0, 1, …, n − 1 as int32. */
  public static Tensor arange(int n) {
    if (n < 0) {
      throw new ShapeException("arange: expected a count from 0 on. Received: " + n);
    }
    int[] a = new int[n];
    for (int i = 0; i < n; i++) {
      a[i] = i;
    }
    return Tensor.ofTrusted(new HostArray(DType.INT32, Shape.of(n), a));
  }
}
