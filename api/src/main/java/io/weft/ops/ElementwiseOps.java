package io.weft.ops;

import static io.weft.ops.PublicOp.of;

import io.weft.tensor.BinaryFunction;
import io.weft.tensor.Ops;
import io.weft.tensor.UnaryFunction;
import java.util.ArrayList;
import java.util.List;

/** Element-wise functions of {@code keras.ops.numpy}. */
final class ElementwiseOps {
  private ElementwiseOps() {}

  static List<PublicOp> table() {
    List<PublicOp> t = new ArrayList<>();
    t.add(binary("add", "Add", BinaryFunction.ADD));
    t.add(binary("subtract", "Subtract", BinaryFunction.SUBTRACT));
    t.add(binary("multiply", "Multiply", BinaryFunction.MULTIPLY));
    t.add(
        of(
            "true_divide",
            "numpy",
            "TrueDivide",
            "x1, x2",
            a -> Ops.divide(a.operand("x1"), a.operand("x2"))));
    t.add(floating("exp", "Exp", UnaryFunction.EXP));
    return t;
  }

  private static PublicOp binary(String function, String className, BinaryFunction f) {
    return of(
        function,
        "numpy",
        className,
        "x1, x2",
        a -> Ops.binary(f, a.operand("x1"), a.operand("x2")));
  }

  private static PublicOp floating(String function, String className, UnaryFunction f) {
    return of(function, "numpy", className, "x", a -> Ops.floatUnary(f, a.tensor("x")));
  }
}
