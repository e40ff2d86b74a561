package io.weft.tensor;

import java.util.Locale;

/** Functions of one element. Each stands with its domain and its derivative in terms of ops. */
public enum UnaryFunction {
  ABSOLUTE(Domain.NUMBER, (x, y, d) -> d.times(Ops.sign(x))),
  NEGATIVE(Domain.NUMBER, (x, y, d) -> Ops.negative(d)),
  SIGN(Domain.NUMBER, null),
  SQUARE(Domain.NUMBER, (x, y, d) -> d.times(x.times(2))),
  RECIPROCAL(Domain.FLOAT, (x, y, d) -> Ops.negative(d.times(Ops.square(y)))),
  SQRT(Domain.FLOAT, (x, y, d) -> d.divide(y.times(2))),
  RSQRT(Domain.FLOAT, (x, y, d) -> d.times(y.divide(x)).times(-0.5)),
  CBRT(Domain.FLOAT, (x, y, d) -> d.divide(Ops.square(y).times(3))),
  EXP(Domain.FLOAT, (x, y, d) -> d.times(y)),
  EXP2(Domain.FLOAT, (x, y, d) -> d.times(y).times(Math.log(2))),
  EXPM1(Domain.FLOAT, (x, y, d) -> d.times(y.plus(1))),
  LOG(Domain.FLOAT, (x, y, d) -> d.divide(x)),
  LOG1P(Domain.FLOAT, (x, y, d) -> d.divide(x.plus(1))),
  LOG2(Domain.FLOAT, (x, y, d) -> d.divide(x.times(Math.log(2)))),
  LOG10(Domain.FLOAT, (x, y, d) -> d.divide(x.times(Math.log(10)))),
  SIN(Domain.FLOAT, (x, y, d) -> d.times(Ops.cos(x))),
  COS(Domain.FLOAT, (x, y, d) -> Ops.negative(d.times(Ops.sin(x)))),
  TAN(Domain.FLOAT, (x, y, d) -> d.times(Ops.square(y).plus(1))),
  ARCSIN(Domain.FLOAT, (x, y, d) -> d.times(Ops.rsqrt(Ops.oneMinus(Ops.square(x))))),
  ARCCOS(Domain.FLOAT, (x, y, d) -> Ops.negative(d.times(Ops.rsqrt(Ops.oneMinus(Ops.square(x)))))),
  ARCTAN(Domain.FLOAT, (x, y, d) -> d.divide(Ops.square(x).plus(1))),
  SINH(Domain.FLOAT, (x, y, d) -> d.times(Ops.cosh(x))),
  COSH(Domain.FLOAT, (x, y, d) -> d.times(Ops.sinh(x))),
  TANH(Domain.FLOAT, (x, y, d) -> d.times(Ops.oneMinus(Ops.square(y)))),
  ARCSINH(Domain.FLOAT, (x, y, d) -> d.times(Ops.rsqrt(Ops.square(x).plus(1)))),
  ARCCOSH(Domain.FLOAT, (x, y, d) -> d.times(Ops.rsqrt(Ops.square(x).minus(1)))),
  ARCTANH(Domain.FLOAT, (x, y, d) -> d.divide(Ops.oneMinus(Ops.square(x)))),
  ERF(
      Domain.FLOAT,
      (x, y, d) -> d.times(Ops.exp(Ops.negative(Ops.square(x)))).times(2 / Math.sqrt(Math.PI))),
  ERFC(
      Domain.FLOAT,
      (x, y, d) -> d.times(Ops.exp(Ops.negative(Ops.square(x)))).times(-2 / Math.sqrt(Math.PI))),
  ERFINV(Domain.FLOAT, (x, y, d) -> d.times(Ops.exp(Ops.square(y))).times(Math.sqrt(Math.PI) / 2)),
  LGAMMA(Domain.FLOAT, (x, y, d) -> d.times(named("DIGAMMA", x))),
  DIGAMMA(Domain.FLOAT, null),
  I0(Domain.FLOAT, (x, y, d) -> d.times(named("I1", x))),
  I1(
      Domain.FLOAT,
      (x, y, d) -> {
        // I1' = I0 - I1/x, with the limit 1/2 at 0
        Tensor zero = Ops.equal(x, Ops.zerosLike(x));
        Tensor safe = Ops.where(zero, Ops.onesLike(x), x);
        Tensor g = Ops.unary(UnaryFunction.I0, x).minus(y.divide(safe));
        return d.times(Ops.where(zero, Ops.onesLike(x).times(0.5), g));
      }),
  SIGMOID(Domain.FLOAT, (x, y, d) -> d.times(y.times(Ops.oneMinus(y)))),
  SOFTPLUS(Domain.FLOAT, (x, y, d) -> d.times(Ops.unary(UnaryFunction.SIGMOID, x))),
  RELU(Domain.NUMBER, (x, y, d) -> d.times(Ops.cast(Ops.greater(y, Ops.zerosLike(y)), y.dtype()))),
  /** x·Φ(x) with the exact normal distribution. */
  GELU(
      Domain.FLOAT,
      (x, y, d) -> {
        Tensor cdf = Ops.unary(UnaryFunction.ERF, x.times(Math.sqrt(0.5))).plus(1).times(0.5);
        Tensor pdf = Ops.exp(Ops.square(x).times(-0.5)).times(1 / Math.sqrt(2 * Math.PI));
        return d.times(cdf.plus(x.times(pdf)));
      }),
  /** x·σ(x). */
  SILU(
      Domain.FLOAT,
      (x, y, d) -> {
        Tensor s = Ops.unary(UnaryFunction.SIGMOID, x);
        return d.times(s.plus(y.times(Ops.oneMinus(s))));
      }),
  FLOOR(Domain.FLOAT, null),
  CEIL(Domain.FLOAT, null),
  /** To the nearest, ties to even. */
  ROUND(Domain.FLOAT, null),
  TRUNC(Domain.FLOAT, null),
  IS_NAN(Domain.FLOAT, null),
  IS_INF(Domain.FLOAT, null),
  IS_FINITE(Domain.FLOAT, null),
  SIGNBIT(Domain.NUMBER, null),
  LOGICAL_NOT(Domain.BOOL, null),
  BITWISE_NOT(Domain.INTEGER, null);

  /** Element types a function is defined on. */
  enum Domain {
    NUMBER,
    FLOAT,
    INTEGER,
    BOOL,
    ANY;

    boolean accepts(DType d) {
      switch (this) {
        case NUMBER:
          return d.isFloating() || d.isInteger();
        case FLOAT:
          return d.isFloating();
        case INTEGER:
          return d.isInteger() || d.isBool();
        case BOOL:
          return d.isBool();
        default:
          return d != DType.STRING;
      }
    }
  }

  /** (x, y, dy) → dx. */
  interface Derivative {
    Tensor of(Tensor x, Tensor y, Tensor dy);
  }

  private final Domain domain;
  private final Derivative derivative;

  UnaryFunction(Domain domain, Derivative derivative) {
    this.domain = domain;
    this.derivative = derivative;
  }

  /** The op's word in errors and dumps. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The function's name in {@code keras.ops}. */
  public String kerasName() {
    switch (this) {
      case IS_NAN:
        return "isnan";
      case IS_INF:
        return "isinf";
      case IS_FINITE:
        return "isfinite";
      default:
        return text();
    }
  }

  /** A function that is declared further down. */
  private static Tensor named(String function, Tensor x) {
    return Ops.unary(valueOf(function), x);
  }

  boolean accepts(DType d) {
    return domain.accepts(d);
  }

  String domain() {
    return domain.name().toLowerCase(Locale.ROOT);
  }

  /** True where the result is boolean. */
  public boolean toBool() {
    return this == IS_NAN
        || this == IS_INF
        || this == IS_FINITE
        || this == SIGNBIT
        || this == LOGICAL_NOT;
  }

  Tensor vjp(Tensor x, Tensor y, Tensor dy) {
    return derivative == null ? null : derivative.of(x, y, dy);
  }
}
