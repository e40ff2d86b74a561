package io.weft.ops;

import io.weft.error.ConfigException;
import io.weft.tensor.BinaryFunction;
import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;
import io.weft.tensor.UnaryFunction;
import java.util.List;
import java.util.function.BinaryOperator;

/** Element-wise functions of two operands in {@code keras.ops.numpy}. */
final class ArithmeticOps {
  private ArithmeticOps() {}

  static List<PublicOp> table() {
    Table t = new Table("numpy");
    weak(t, "add", "Add", BinaryFunction.ADD);
    weak(t, "subtract", "Subtract", BinaryFunction.SUBTRACT);
    weak(t, "multiply", "Multiply", BinaryFunction.MULTIPLY);
    weak(t, "floor_divide", "FloorDivide", BinaryFunction.FLOOR_DIVIDE);
    weak(t, "power", "Power", BinaryFunction.POWER);
    weak(t, "maximum", "Maximum", BinaryFunction.MAXIMUM);
    weak(t, "minimum", "Minimum", BinaryFunction.MINIMUM);
    quotient(t, "divide", "Divide", Ops::divide);
    quotient(t, "true_divide", "TrueDivide", Ops::divide);
    quotient(t, "divide_no_nan", "DivideNoNan", ArithmeticOps::divideNoNan);
    floating(t, "arctan2", "Arctan2", (a, b) -> Ops.binary(BinaryFunction.ARCTAN2, a, b));
    floating(t, "nextafter", "Nextafter", ArithmeticOps::nextAfter);
    floating(t, "logaddexp", "Logaddexp", (a, b) -> logAddExp(a, b, 1));
    // the logarithm is rounded to float32, as in Keras
    floating(t, "logaddexp2", "Logaddexp2", (a, b) -> logAddExp(a, b, (float) Math.log(2)));
    strong(t, "mod", "Mod", (a, b) -> Ops.mod(Dtypes.noBool(a), Dtypes.noBool(b)));
    strong(t, "fmod", "Fmod", ArithmeticOps::fmod);
    strong(t, "gcd", "Gcd", (a, b) -> whole("gcd", BinaryFunction.GCD, a, b));
    strong(t, "lcm", "Lcm", (a, b) -> whole("lcm", BinaryFunction.LCM, a, b));
    strong(t, "hypot", "Hypot", ArithmeticOps::hypot);
    strong(t, "heaviside", "Heaviside", ArithmeticOps::heaviside);
    nanAware(t, "fmax", "Fmax", BinaryFunction.MAXIMUM);
    nanAware(t, "fmin", "Fmin", BinaryFunction.MINIMUM);
    t.op("ldexp", "Ldexp", "x1, x2", a -> ldexp(a.tensor("x1"), a.tensor("x2")));
    return t.list();
  }

  /** Host numbers take the dtype of the tensor they meet. */
  private static void weak(Table t, String function, String className, BinaryFunction f) {
    t.op(
        function,
        className,
        "x1, x2",
        a -> {
          Tensor[] p = Dtypes.pair(a.operand("x1"), a.operand("x2"));
          return Ops.binary(f, p[0], p[1]);
        });
  }

  private static void quotient(
      Table t, String function, String className, BinaryOperator<Tensor> f) {
    t.op(
        function,
        className,
        "x1, x2",
        a -> {
          Tensor[] p = Dtypes.floatPair(a.operand("x1"), a.operand("x2"));
          return f.apply(p[0], p[1]);
        });
  }

  /** Host numbers count as int32 and float32 tensors. */
  private static void strong(Table t, String function, String className, BinaryOperator<Tensor> f) {
    t.op(
        function,
        className,
        "x1, x2",
        a -> {
          Tensor[] p = Dtypes.pair(a.tensor("x1"), a.tensor("x2"));
          return f.apply(p[0], p[1]);
        });
  }

  private static void floating(
      Table t, String function, String className, BinaryOperator<Tensor> f) {
    t.op(
        function,
        className,
        "x1, x2",
        a -> {
          Tensor[] p = Dtypes.floatPair(a.tensor("x1"), a.tensor("x2"));
          return f.apply(p[0], p[1]);
        });
  }

  /** A NaN gives way to the other operand. */
  private static void nanAware(Table t, String function, String className, BinaryFunction f) {
    t.op(
        function,
        className,
        "x1, x2",
        a -> {
          Tensor[] p = Dtypes.pair(a.operand("x1"), a.operand("x2"));
          Tensor y = Ops.binary(f, p[0], p[1]);
          if (!y.dtype().isFloating()) {
            return y;
          }
          Tensor nan0 = Ops.unary(UnaryFunction.IS_NAN, p[0]);
          Tensor nan1 = Ops.unary(UnaryFunction.IS_NAN, p[1]);
          y = Ops.where(Ops.logicalAnd(nan0, Ops.logicalNot(nan1)), p[1], y);
          return Ops.where(Ops.logicalAnd(nan1, Ops.logicalNot(nan0)), p[0], y);
        });
  }

  /** a / b, and 0 where b is 0. */
  static Tensor divideNoNan(Tensor a, Tensor b) {
    Tensor zero = Ops.equal(b, 0);
    return Ops.where(zero, 0, a.divide(Ops.where(zero, 1, b)));
  }

  /** log(e^(ka) + e^(kb)) / k. */
  private static Tensor logAddExp(Tensor a, Tensor b, double k) {
    Tensor delta = a.minus(b);
    Tensor tail = Ops.log1p(Ops.exp(Ops.negative(Ops.abs(delta)).times(k))).divide(k);
    return Ops.where(
        Ops.unary(UnaryFunction.IS_NAN, delta), a.plus(b), Ops.maximum(a, b).plus(tail));
  }

  /** √(a² + b²) from the larger of the two, NaN if both are infinite, as Keras computes it. */
  private static Tensor hypot(Tensor x1, Tensor x2) {
    DType d = Dtypes.wide(x1.dtype());
    Tensor a = Ops.abs(Ops.cast(x1, d));
    Tensor b = Ops.abs(Ops.cast(x2, d));
    Tensor high = Ops.maximum(a, b);
    Tensor ratio = divideNoNan(Ops.minimum(a, b), high);
    return high.times(Ops.sqrt(Ops.square(ratio).plus(1)));
  }

  /** Found among the float64, so that narrower dtypes often round back to where they were. */
  private static Tensor nextAfter(Tensor a, Tensor b) {
    Tensor y =
        Ops.binary(
            BinaryFunction.NEXTAFTER, Ops.cast(a, DType.FLOAT64), Ops.cast(b, DType.FLOAT64));
    return Ops.cast(y, a.dtype());
  }

  /** The remainder with the sign of the dividend; its derivative at 0 is 0, as in Keras. */
  private static Tensor fmod(Tensor a, Tensor b) {
    if (!a.dtype().isFloating()) {
      return Ops.binary(BinaryFunction.FMOD, Dtypes.noBool(a), Dtypes.noBool(b));
    }
    return Ops.sign(a).times(Ops.mod(Ops.abs(a), Ops.abs(b)));
  }

  /** f of integers; booleans are refused. */
  static Tensor whole(String function, BinaryFunction f, Tensor a, Tensor b) {
    if (!a.dtype().isInteger()) {
      throw new ConfigException(
          function + ": expected integers. Received: " + a.dtype() + " and " + b.dtype());
    }
    return Ops.binary(f, a, b);
  }

  private static Tensor heaviside(Tensor x1, Tensor x2) {
    DType d = Dtypes.wide(x1.dtype());
    Tensor a = Ops.cast(x1, d);
    return Ops.where(Ops.less(a, 0), 0, Ops.where(Ops.greater(a, 0), 1, Ops.cast(x2, d)));
  }

  private static Tensor ldexp(Tensor x1, Tensor x2) {
    if (!x2.dtype().isInteger()) {
      throw new ConfigException(
          "ldexp: x2 must be an integer tensor. Received: x2 of dtype " + x2.dtype());
    }
    Tensor[] p = Dtypes.floatPair(x1, x2);
    Tensor same = Ops.logicalOr(Ops.unary(UnaryFunction.IS_INF, p[0]), Ops.equal(p[0], 0));
    return Ops.where(same, p[0], p[0].times(Ops.power(2, p[1])));
  }
}
