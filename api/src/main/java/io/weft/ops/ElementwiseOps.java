package io.weft.ops;

import io.weft.error.ConfigException;
import io.weft.error.ShapeException;
import io.weft.tensor.BinaryFunction;
import io.weft.tensor.Bitcast;
import io.weft.tensor.DType;
import io.weft.tensor.Elementwise;
import io.weft.tensor.Ops;
import io.weft.tensor.Promotion;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.tensor.UnaryFunction;
import java.util.List;
import java.util.function.UnaryOperator;

/** Element-wise functions of one tensor in {@code keras.ops.numpy}. */
final class ElementwiseOps {
  private ElementwiseOps() {}

  static List<PublicOp> table() {
    Table t = new Table("numpy");
    floating(t, "exp", "Exp", UnaryFunction.EXP);
    floating(t, "exp2", "Exp2", UnaryFunction.EXP2);
    floating(t, "expm1", "Expm1", UnaryFunction.EXPM1);
    floating(t, "log", "Log", UnaryFunction.LOG);
    floating(t, "log10", "Log10", UnaryFunction.LOG10);
    floating(t, "log1p", "Log1p", UnaryFunction.LOG1P);
    floating(t, "log2", "Log2", UnaryFunction.LOG2);
    floating(t, "sqrt", "Sqrt", UnaryFunction.SQRT);
    floating(t, "sin", "Sin", UnaryFunction.SIN);
    floating(t, "cos", "Cos", UnaryFunction.COS);
    floating(t, "tan", "Tan", UnaryFunction.TAN);
    floating(t, "arcsin", "Arcsin", UnaryFunction.ARCSIN);
    floating(t, "arccos", "Arccos", UnaryFunction.ARCCOS);
    floating(t, "arctan", "Arctan", UnaryFunction.ARCTAN);
    floating(t, "sinh", "Sinh", UnaryFunction.SINH);
    floating(t, "cosh", "Cosh", UnaryFunction.COSH);
    floating(t, "tanh", "Tanh", UnaryFunction.TANH);
    floating(t, "arcsinh", "Arcsinh", UnaryFunction.ARCSINH);
    floating(t, "arccosh", "Arccosh", UnaryFunction.ARCCOSH);
    floating(t, "arctanh", "Arctanh", UnaryFunction.ARCTANH);
    floating(t, "floor", "Floor", UnaryFunction.FLOOR);
    floating(t, "ceil", "Ceil", UnaryFunction.CEIL);
    unary(t, "reciprocal", "Reciprocal", x -> Ops.unary(UnaryFunction.RECIPROCAL, x));
    unary(t, "negative", "Negative", ElementwiseOps::negative);
    unary(t, "sign", "Sign", Ops::sign);
    unary(t, "square", "Square", x -> Ops.square(Dtypes.noBool(x)));
    unary(t, "abs", "Abs", ElementwiseOps::absolute);
    unary(t, "absolute", "Absolute", ElementwiseOps::absolute);
    unary(t, "fabs", "Fabs", x -> Ops.abs(Ops.toFloat(x)));
    unary(t, "trunc", "Trunc", x -> rounded(UnaryFunction.TRUNC, x));
    unary(t, "cbrt", "Cbrt", x -> Ops.unary(UnaryFunction.CBRT, wide(x)));
    unary(t, "i0", "I0", x -> Ops.unary(UnaryFunction.I0, wide(x)));
    unary(t, "deg2rad", "Deg2rad", x -> wide(x).times(Math.PI / 180));
    unary(t, "rad2deg", "Rad2deg", x -> wide(x).times(180 / Math.PI));
    unary(t, "sinc", "Sinc", ElementwiseOps::sinc);
    unary(t, "angle", "Angle", ElementwiseOps::angle);
    unary(t, "real", "Real", x -> x);
    unary(t, "imag", "Imag", Ops::zerosLike);
    unary(t, "conj", "Conj", x -> x);
    unary(t, "conjugate", "Conjugate", x -> x);
    unary(t, "copy", "Copy", x -> x);
    t.op(
        "view",
        "View",
        "x | dtype=None",
        a -> {
          Tensor x = a.tensor("x");
          DType d = a.isNull("dtype") ? x.dtype() : a.dtype("dtype");
          return Ops.apply1(new Bitcast(d), x);
        });
    t.op("round", "Round", "x | decimals=0", a -> round(a.tensor("x"), a.integer("decimals")));
    t.op(
        "clip",
        "Clip",
        "x | x_min, x_max",
        a -> clip(a.tensor("x"), a.operand("x_min"), a.operand("x_max")));
    t.op(
        "nan_to_num",
        "NanToNum",
        "x | nan=0.0, posinf=None, neginf=None",
        a ->
            nanToNum(
                a.tensor("x"),
                a.number("nan"),
                a.numberOrNull("posinf"),
                a.numberOrNull("neginf")));
    return t.list();
  }

  private static void floating(Table t, String function, String className, UnaryFunction f) {
    t.op(function, className, "x", a -> Ops.floatUnary(f, a.tensor("x")));
  }

  private static void unary(Table t, String function, String className, UnaryOperator<Tensor> f) {
    t.op(
        function,
        className,
        "x",
        a -> a.raw("x") instanceof Complex c ? c.apply(function) : f.apply(a.tensor("x")));
  }

  private static Tensor wide(Tensor x) {
    return Ops.cast(x, Dtypes.wide(x.dtype()));
  }

  private static Tensor negative(Tensor x) {
    if (x.dtype().isUnsigned()) {
      throw new ConfigException(
          "negative: expected signed numbers. Received: x of dtype " + x.dtype());
    }
    return Ops.negative(x);
  }

  private static Tensor absolute(Tensor x) {
    return x.dtype().isBool() || x.dtype().isUnsigned() ? x : Ops.abs(x);
  }

  private static Tensor rounded(UnaryFunction f, Tensor x) {
    return x.dtype().isFloating() ? Ops.unary(f, x) : x;
  }

  private static Tensor sinc(Tensor x) {
    Tensor f = Ops.toFloat(x);
    Tensor p = f.times(Math.PI);
    return Ops.where(Ops.equal(f, 0), 1, Ops.sin(p).divide(p));
  }

  private static Tensor angle(Tensor x) {
    Tensor f = Ops.toFloat(x);
    return Ops.where(Ops.less(f, 0), Tensor.scalar(Math.PI, f.dtype()), 0);
  }

  /** Half-even; with decimals as x·10ᵈ rounded and divided again, in the dtype of x. */
  private static Tensor round(Tensor x, int decimals) {
    DType d = x.dtype();
    if (decimals == 0 || (decimals > 0 && !d.isFloating())) {
      return rounded(UnaryFunction.ROUND, x);
    }
    Tensor f = Ops.toFloat(x);
    double factor = (float) Math.pow(10, decimals); // rounded, as in Keras
    return Ops.cast(Ops.unary(UnaryFunction.ROUND, f.times(factor)).divide(factor), d);
  }

  /** max(min(x, high), low), which must keep the shape of x. */
  static Tensor clip(Tensor x, Object low, Object high) {
    Tensor v = Dtypes.noBool(x);
    if (!v.dtype().isFloating() && (low instanceof Double || high instanceof Double)) {
      throw new ConfigException(
          "clip: x_min and x_max must be integers for dtype "
              + x.dtype()
              + ". Received: x_min="
              + low
              + ", x_max="
              + high);
    }
    Tensor lo = Promotion.convert(low, v.dtype());
    Tensor hi = Promotion.convert(high, v.dtype());
    Shape s = Shape.broadcast(Shape.broadcast(x.shape(), lo.shape()), hi.shape());
    if (!s.equals(x.shape())) {
      throw new ShapeException(
          "clip: expected bounds that broadcast to "
              + x.shape()
              + ". Received: x_min "
              + lo.shape()
              + ", x_max "
              + hi.shape());
    }
    Tensor below = Ops.apply1(new Elementwise.Binary(BinaryFunction.MINIMUM), v, hi);
    return Ops.apply1(new Elementwise.Binary(BinaryFunction.MAXIMUM), below, lo);
  }

  /** NaN and infinities replaced; null stands for the largest finite number of the dtype. */
  static Tensor nanToNum(Tensor x, double nan, Double posinf, Double neginf) {
    DType d = x.dtype();
    if (!d.isFloating()) {
      return x;
    }
    double high = posinf == null ? largest(d) : posinf;
    double low = neginf == null ? -largest(d) : neginf;
    Tensor y = Ops.where(Ops.unary(UnaryFunction.IS_NAN, x), nan, x);
    y = Ops.where(Ops.equal(y, Double.POSITIVE_INFINITY), high, y);
    return Ops.where(Ops.equal(y, Double.NEGATIVE_INFINITY), low, y);
  }

  /** The largest finite number of a floating dtype. */
  static double largest(DType d) {
    switch (d) {
      case FLOAT16:
        return 65504;
      case BFLOAT16:
        return 0x1.FEp127;
      case FLOAT32:
        return Float.MAX_VALUE;
      default:
        return Double.MAX_VALUE;
    }
  }
}
