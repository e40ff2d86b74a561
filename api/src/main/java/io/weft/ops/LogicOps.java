package io.weft.ops;

import io.weft.tensor.BinaryFunction;
import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.Promotion;
import io.weft.tensor.Tensor;
import io.weft.tensor.UnaryFunction;
import java.util.List;
import java.util.function.UnaryOperator;

/** Comparisons, tests, logical and bitwise functions of {@code keras.ops.numpy}. */
final class LogicOps {
  private LogicOps() {}

  static List<PublicOp> table() {
    Table t = new Table("numpy");
    compare(t, "equal", "Equal", BinaryFunction.EQUAL);
    compare(t, "not_equal", "NotEqual", BinaryFunction.NOT_EQUAL);
    compare(t, "less", "Less", BinaryFunction.LESS);
    compare(t, "less_equal", "LessEqual", BinaryFunction.LESS_EQUAL);
    compare(t, "greater", "Greater", BinaryFunction.GREATER);
    compare(t, "greater_equal", "GreaterEqual", BinaryFunction.GREATER_EQUAL);
    t.op(
        "logical_and", "LogicalAnd", "x1, x2", a -> Ops.logicalAnd(a.tensor("x1"), a.tensor("x2")));
    t.op("logical_or", "LogicalOr", "x1, x2", a -> Ops.logicalOr(a.tensor("x1"), a.tensor("x2")));
    t.op(
        "logical_xor", "LogicalXor", "x1, x2", a -> Ops.logicalXor(a.tensor("x1"), a.tensor("x2")));
    test(t, "logical_not", "LogicalNot", Ops::logicalNot);
    test(t, "isnan", "Isnan", x -> floatTest(x, UnaryFunction.IS_NAN, false));
    test(t, "isinf", "Isinf", x -> floatTest(x, UnaryFunction.IS_INF, false));
    test(t, "isfinite", "Isfinite", x -> floatTest(x, UnaryFunction.IS_FINITE, true));
    test(t, "isposinf", "Isposinf", x -> isInfinity(x, Double.POSITIVE_INFINITY));
    test(t, "isneginf", "Isneginf", x -> isInfinity(x, Double.NEGATIVE_INFINITY));
    test(t, "isreal", "Isreal", x -> Ops.ones(x.shape(), DType.BOOL));
    test(t, "signbit", "Signbit", LogicOps::signbit);
    t.op(
        "isclose",
        "Isclose",
        "x1, x2, rtol=1e-05, atol=1e-08 | equal_nan=False",
        a -> close(a, false));
    t.op(
        "allclose",
        "AllClose",
        "x1, x2 | rtol=1e-05, atol=1e-08, equal_nan=False",
        a -> Ops.all(close(a, true), null, false));
    t.op(
        "isin",
        "IsIn",
        "x1, x2 | assume_unique=False, invert=False",
        a -> isIn(a.tensor("x1"), a.tensor("x2"), a.bool("invert")));
    bitwise(t, "bitwise_and", "BitwiseAnd", BinaryFunction.BITWISE_AND, false);
    bitwise(t, "bitwise_or", "BitwiseOr", BinaryFunction.BITWISE_OR, false);
    bitwise(t, "bitwise_xor", "BitwiseXor", BinaryFunction.BITWISE_XOR, false);
    bitwise(t, "bitwise_left_shift", "BitwiseLeftShift", BinaryFunction.LEFT_SHIFT, true);
    bitwise(t, "bitwise_right_shift", "BitwiseRightShift", BinaryFunction.RIGHT_SHIFT, true);
    bitwise(t, "left_shift", "LeftShift", BinaryFunction.LEFT_SHIFT, true);
    bitwise(t, "right_shift", "RightShift", BinaryFunction.RIGHT_SHIFT, true);
    test(t, "bitwise_not", "BitwiseNot", x -> Ops.unary(UnaryFunction.BITWISE_NOT, x));
    test(t, "bitwise_invert", "BitwiseInvert", x -> Ops.unary(UnaryFunction.BITWISE_NOT, x));
    return t.list();
  }

  private static void test(Table t, String function, String className, UnaryOperator<Tensor> f) {
    t.op(
        function,
        className,
        "x",
        a -> a.raw("x") instanceof Complex c ? c.apply(function) : f.apply(a.tensor("x")));
  }

  private static void compare(Table t, String function, String className, BinaryFunction f) {
    t.op(
        function,
        className,
        "x1, x2",
        a -> {
          Tensor[] p = Dtypes.pair(a.tensor("x1"), a.tensor("x2"));
          return Ops.binary(f, p[0], p[1]);
        });
  }

  /** Shifts by a host integer keep the dtype of x. */
  private static void bitwise(
      Table t, String function, String className, BinaryFunction f, boolean weak) {
    t.op(
        function,
        className,
        "x, y",
        a -> {
          Tensor x = a.tensor("x");
          if (weak && a.raw("y") instanceof Long y) {
            return ArithmeticOps.whole(function, f, x, Promotion.convert(y, x.dtype()));
          }
          Tensor[] p = Dtypes.pair(x, a.tensor("y"));
          return ArithmeticOps.whole(function, f, p[0], p[1]);
        });
  }

  private static Tensor floatTest(Tensor x, UnaryFunction f, boolean ofIntegers) {
    return x.dtype().isFloating()
        ? Ops.unary(f, x)
        : Ops.full(x.shape(), ofIntegers ? 1 : 0, DType.BOOL);
  }

  private static Tensor isInfinity(Tensor x, double infinity) {
    return x.dtype().isFloating() ? Ops.equal(x, infinity) : Ops.zeros(x.shape(), DType.BOOL);
  }

  private static Tensor signbit(Tensor x) {
    return x.dtype().isBool() || x.dtype().isUnsigned()
        ? Ops.zeros(x.shape(), DType.BOOL)
        : Ops.unary(UnaryFunction.SIGNBIT, x);
  }

  /** |x1 − x2| ≤ atol + rtol·|x2|; equal infinities are close for allclose only. */
  private static Tensor close(OpArgs a, boolean infinities) {
    Tensor[] p = Dtypes.pair(a.tensor("x1"), a.tensor("x2"));
    if (!p[0].dtype().isFloating()) {
      return Ops.equal(p[0], p[1]);
    }
    Tensor bound = Ops.add(Ops.multiply(Ops.abs(p[1]), a.operand("rtol")), a.operand("atol"));
    Tensor close = Ops.lessEqual(Ops.abs(p[0].minus(p[1])), bound);
    if (infinities) {
      Tensor finite =
          Ops.logicalAnd(
              Ops.unary(UnaryFunction.IS_FINITE, p[0]), Ops.unary(UnaryFunction.IS_FINITE, p[1]));
      close = Ops.logicalOr(Ops.logicalAnd(finite, close), Ops.equal(p[0], p[1]));
    }
    if (!a.bool("equal_nan")) {
      return close;
    }
    Tensor nans =
        Ops.logicalAnd(
            Ops.unary(UnaryFunction.IS_NAN, p[0]), Ops.unary(UnaryFunction.IS_NAN, p[1]));
    return Ops.logicalOr(close, nans);
  }

  private static Tensor isIn(Tensor x1, Tensor x2, boolean invert) {
    Tensor[] p = Dtypes.pair(x1, x2);
    if (x1.shape().size() == 0 || x2.shape().size() == 0) {
      return Ops.zeros(x1.shape(), DType.BOOL);
    }
    Tensor hit = Ops.equal(Ops.expandDims(p[0], -1), p[1].reshape(-1));
    Tensor any = Ops.any(hit, new int[] {-1}, false);
    return invert ? Ops.logicalNot(any) : any;
  }
}
