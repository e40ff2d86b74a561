package io.weft.tensor;

import io.weft.tensor.UnaryFunction.Domain;
import java.util.Locale;

/**
 * Functions of two elements of one dtype, with their derivatives. Where two elements tie, maximum
 * and minimum give the gradient to the first, as TensorFlow does.
 */
public enum BinaryFunction {
  ADD(Domain.NUMBER),
  SUBTRACT(Domain.NUMBER),
  MULTIPLY(Domain.NUMBER),
  /** True division of floats. */
  DIVIDE(Domain.FLOAT),
  /** ⌊a / b⌋; an integer division by zero gives 0. */
  FLOOR_DIVIDE(Domain.NUMBER),
  /** Remainder with the sign of the divisor, as Python's %; integers by zero give 0. */
  MOD(Domain.NUMBER),
  /** Remainder with the sign of the dividend, as C's fmod. */
  FMOD(Domain.NUMBER),
  POWER(Domain.NUMBER),
  MAXIMUM(Domain.NUMBER),
  MINIMUM(Domain.NUMBER),
  ARCTAN2(Domain.FLOAT),
  HYPOT(Domain.FLOAT),
  NEXTAFTER(Domain.FLOAT),
  /** The first's size with the second's sign. */
  COPYSIGN(Domain.FLOAT),
  GCD(Domain.INTEGER),
  LCM(Domain.INTEGER),
  EQUAL(Domain.ANY),
  NOT_EQUAL(Domain.ANY),
  LESS(Domain.ANY),
  LESS_EQUAL(Domain.ANY),
  GREATER(Domain.ANY),
  GREATER_EQUAL(Domain.ANY),
  LOGICAL_AND(Domain.BOOL),
  LOGICAL_OR(Domain.BOOL),
  LOGICAL_XOR(Domain.BOOL),
  BITWISE_AND(Domain.INTEGER),
  BITWISE_OR(Domain.INTEGER),
  BITWISE_XOR(Domain.INTEGER),
  LEFT_SHIFT(Domain.INTEGER),
  RIGHT_SHIFT(Domain.INTEGER);

  private final Domain domain;

  BinaryFunction(Domain domain) {
    this.domain = domain;
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

  /** The gradient of an input in the broadcast shape, or null where there is none. */
  Tensor vjp(int input, Tensor a, Tensor b, Tensor y, Tensor dy) {
    return input == 0 ? ofFirst(a, b, y, dy) : ofSecond(a, b, y, dy);
  }

  private Tensor ofFirst(Tensor a, Tensor b, Tensor y, Tensor d) {
    return switch (this) {
      case ADD -> d;
      case SUBTRACT -> d;
      case MULTIPLY -> d.times(b);
      case DIVIDE -> d.divide(b);
      case MOD -> d;
      case FMOD -> d;
      case POWER -> {
        // b·a^(b-1), and 0 where b is 0 even if a is 0
        Tensor zero = Ops.equal(b, Ops.zerosLike(b));
        Tensor e = Ops.where(zero, Ops.onesLike(b), b.minus(1));
        yield d.times(b.times(Ops.power(a, e)));
      }
      case MAXIMUM -> Ops.where(Ops.greaterEqual(a, b), d, Ops.zerosLike(d));
      case MINIMUM -> Ops.where(Ops.lessEqual(a, b), d, Ops.zerosLike(d));
      case ARCTAN2 -> d.times(b.divide(Ops.square(a).plus(Ops.square(b))));
      case HYPOT -> d.times(a.divide(y));
      case NEXTAFTER -> d;
      case COPYSIGN -> d.times(Ops.sign(a)).times(Ops.sign(y));
      default -> null;
    };
  }

  private Tensor ofSecond(Tensor a, Tensor b, Tensor y, Tensor d) {
    return switch (this) {
      case ADD -> d;
      case SUBTRACT -> Ops.negative(d);
      case MULTIPLY -> d.times(a);
      case DIVIDE -> Ops.negative(d.times(y.divide(b)));
      case MOD -> Ops.negative(d.times(Ops.floor(a.divide(b))));
      case FMOD -> Ops.negative(d.times(Ops.unary(UnaryFunction.TRUNC, a.divide(b))));
      case POWER -> {
        // y·ln a, and 0 where a is not positive
        Tensor positive = Ops.greater(a, Ops.zerosLike(a));
        Tensor log = Ops.log(Ops.where(positive, a, Ops.onesLike(a)));
        yield d.times(y.times(log));
      }
      case MAXIMUM -> Ops.where(Ops.greaterEqual(a, b), Ops.zerosLike(d), d);
      case MINIMUM -> Ops.where(Ops.lessEqual(a, b), Ops.zerosLike(d), d);
      case ARCTAN2 -> Ops.negative(d.times(a.divide(Ops.square(a).plus(Ops.square(b)))));
      case HYPOT -> d.times(b.divide(y));
      default -> null;
    };
  }
}
