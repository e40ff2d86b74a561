package io.weft.tensor;

import io.weft.tensor.UnaryFunction.Domain;
import java.util.Locale;

/**
 * Functions of two elements of one dtype, with their derivatives. Where two elements tie, maximum
 * and minimum give the gradient to the first, as TensorFlow does.
 */
public enum BinaryFunction {
  ADD(Domain.NUMBER, (a, b, y, d) -> d, (a, b, y, d) -> d),
  SUBTRACT(Domain.NUMBER, (a, b, y, d) -> d, (a, b, y, d) -> Ops.negative(d)),
  MULTIPLY(Domain.NUMBER, (a, b, y, d) -> d.times(b), (a, b, y, d) -> d.times(a)),
  /** True division of floats. */
  DIVIDE(
      Domain.FLOAT,
      (a, b, y, d) -> d.divide(b),
      (a, b, y, d) -> Ops.negative(d.times(y.divide(b)))),
  /** ⌊a / b⌋; an integer division by zero gives 0. */
  FLOOR_DIVIDE(Domain.NUMBER, null, null),
  /** Remainder with the sign of the divisor, as Python's %; integers by zero give 0. */
  MOD(
      Domain.NUMBER,
      (a, b, y, d) -> d,
      (a, b, y, d) -> Ops.negative(d.times(Ops.floor(a.divide(b))))),
  /** Remainder with the sign of the dividend, as C's fmod. */
  FMOD(
      Domain.NUMBER,
      (a, b, y, d) -> d,
      (a, b, y, d) -> Ops.negative(d.times(Ops.unary(UnaryFunction.TRUNC, a.divide(b))))),
  POWER(
      Domain.NUMBER,
      (a, b, y, d) -> {
        // b·a^(b-1), and 0 where b is 0 even if a is 0
        Tensor zero = Ops.equal(b, Ops.zerosLike(b));
        Tensor e = Ops.where(zero, Ops.onesLike(b), b.minus(1));
        return d.times(b.times(Ops.power(a, e)));
      },
      (a, b, y, d) -> {
        // y·ln a, and 0 where a is not positive
        Tensor positive = Ops.greater(a, Ops.zerosLike(a));
        Tensor log = Ops.log(Ops.where(positive, a, Ops.onesLike(a)));
        return d.times(y.times(log));
      }),
  MAXIMUM(
      Domain.NUMBER,
      (a, b, y, d) -> Ops.where(Ops.greaterEqual(a, b), d, Ops.zerosLike(d)),
      (a, b, y, d) -> Ops.where(Ops.greaterEqual(a, b), Ops.zerosLike(d), d)),
  MINIMUM(
      Domain.NUMBER,
      (a, b, y, d) -> Ops.where(Ops.lessEqual(a, b), d, Ops.zerosLike(d)),
      (a, b, y, d) -> Ops.where(Ops.lessEqual(a, b), Ops.zerosLike(d), d)),
  ARCTAN2(
      Domain.FLOAT,
      (a, b, y, d) -> d.times(b.divide(Ops.square(a).plus(Ops.square(b)))),
      (a, b, y, d) -> Ops.negative(d.times(a.divide(Ops.square(a).plus(Ops.square(b)))))),
  HYPOT(Domain.FLOAT, (a, b, y, d) -> d.times(a.divide(y)), (a, b, y, d) -> d.times(b.divide(y))),
  NEXTAFTER(Domain.FLOAT, (a, b, y, d) -> d, null),
  /** The first's size with the second's sign. */
  COPYSIGN(Domain.FLOAT, (a, b, y, d) -> d.times(Ops.sign(a)).times(Ops.sign(y)), null),
  GCD(Domain.INTEGER, null, null),
  LCM(Domain.INTEGER, null, null),
  EQUAL(Domain.ANY, null, null),
  NOT_EQUAL(Domain.ANY, null, null),
  LESS(Domain.ANY, null, null),
  LESS_EQUAL(Domain.ANY, null, null),
  GREATER(Domain.ANY, null, null),
  GREATER_EQUAL(Domain.ANY, null, null),
  LOGICAL_AND(Domain.BOOL, null, null),
  LOGICAL_OR(Domain.BOOL, null, null),
  LOGICAL_XOR(Domain.BOOL, null, null),
  BITWISE_AND(Domain.INTEGER, null, null),
  BITWISE_OR(Domain.INTEGER, null, null),
  BITWISE_XOR(Domain.INTEGER, null, null),
  LEFT_SHIFT(Domain.INTEGER, null, null),
  RIGHT_SHIFT(Domain.INTEGER, null, null);

  /** (a, b, y, dy) → the gradient of one of a, b, in the broadcast shape. */
  interface Derivative {
    Tensor of(Tensor a, Tensor b, Tensor y, Tensor dy);
  }

  private final Domain domain;
  private final Derivative first;
  private final Derivative second;

  BinaryFunction(Domain domain, Derivative first, Derivative second) {
    this.domain = domain;
    this.first = first;
    this.second = second;
  }

  /** The op's word in errors and dumps. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The function's name in {@code keras.ops}. */
  public String kerasName() {
    return text();
  }

  boolean accepts(DType d) {
    return domain.accepts(d);
  }

  String domain() {
    return domain.name().toLowerCase(Locale.ROOT);
  }

  /** True where the result is boolean. */
  public boolean toBool() {
    return compareTo(EQUAL) >= 0 && compareTo(LOGICAL_XOR) <= 0;
  }

  Tensor vjp(int input, Tensor a, Tensor b, Tensor y, Tensor dy) {
    Derivative d = input == 0 ? first : second;
    return d == null ? null : d.of(a, b, y, dy);
  }
}
