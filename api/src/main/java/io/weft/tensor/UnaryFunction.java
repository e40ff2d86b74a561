package io.weft.tensor;

import java.util.Locale;

/** Functions of one element. Each has a domain and a derivative in terms of ops. */
public enum UnaryFunction {
  ABSOLUTE(Domain.NUMBER),
  NEGATIVE(Domain.NUMBER),
  SIGN(Domain.NUMBER),
  SQUARE(Domain.NUMBER),
  RECIPROCAL(Domain.FLOAT),
  SQRT(Domain.FLOAT),
  RSQRT(Domain.FLOAT),
  CBRT(Domain.FLOAT),
  EXP(Domain.FLOAT),
  EXP2(Domain.FLOAT),
  EXPM1(Domain.FLOAT),
  LOG(Domain.FLOAT),
  LOG1P(Domain.FLOAT),
  LOG2(Domain.FLOAT),
  LOG10(Domain.FLOAT),
  SIN(Domain.FLOAT),
  COS(Domain.FLOAT),
  TAN(Domain.FLOAT),
  ARCSIN(Domain.FLOAT),
  ARCCOS(Domain.FLOAT),
  ARCTAN(Domain.FLOAT),
  SINH(Domain.FLOAT),
  COSH(Domain.FLOAT),
  TANH(Domain.FLOAT),
  ARCSINH(Domain.FLOAT),
  ARCCOSH(Domain.FLOAT),
  ARCTANH(Domain.FLOAT),
  ERF(Domain.FLOAT),
  ERFC(Domain.FLOAT),
  ERFINV(Domain.FLOAT),
  LGAMMA(Domain.FLOAT),
  DIGAMMA(Domain.FLOAT),
  I0(Domain.FLOAT),
  I1(Domain.FLOAT),
  SIGMOID(Domain.FLOAT),
  SOFTPLUS(Domain.FLOAT),
  RELU(Domain.NUMBER),
  /** x·Φ(x) with the exact normal distribution. */
  GELU(Domain.FLOAT),
  /** The derivative of {@link #GELU}: Φ(x) + x·φ(x). */
  GELU_SLOPE(Domain.FLOAT),
  /** x·σ(x). */
  SILU(Domain.FLOAT),
  FLOOR(Domain.FLOAT),
  CEIL(Domain.FLOAT),
  /** To the nearest, ties to even. */
  ROUND(Domain.FLOAT),
  TRUNC(Domain.FLOAT),
  IS_NAN(Domain.FLOAT),
  IS_INF(Domain.FLOAT),
  IS_FINITE(Domain.FLOAT),
  SIGNBIT(Domain.NUMBER),
  LOGICAL_NOT(Domain.BOOL),
  BITWISE_NOT(Domain.INTEGER);

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

  private final Domain domain;

  UnaryFunction(Domain domain) {
    this.domain = domain;
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

  /**
   * The gradient of x, or null where there is none. A switch, not a lambda beside each name: sixty
   * lambdas linked at start would be a noticeable part of the time to a first prediction.
   */
  Tensor vjp(Tensor x, Tensor y, Tensor d) {
    return switch (this) {
      case ABSOLUTE -> d.times(Ops.sign(x));
      case NEGATIVE -> Ops.negative(d);
      case SQUARE -> d.times(x.times(2));
      case RECIPROCAL -> Ops.negative(d.times(Ops.square(y)));
      case SQRT -> d.divide(y.times(2));
      case RSQRT -> d.times(y.divide(x)).times(-0.5);
      case CBRT -> d.divide(Ops.square(y).times(3));
      case EXP -> d.times(y);
      case EXP2 -> d.times(y).times(Math.log(2));
      case EXPM1 -> d.times(y.plus(1));
      case LOG -> d.divide(x);
      case LOG1P -> d.divide(x.plus(1));
      case LOG2 -> d.divide(x.times(Math.log(2)));
      case LOG10 -> d.divide(x.times(Math.log(10)));
      case SIN -> d.times(Ops.cos(x));
      case COS -> Ops.negative(d.times(Ops.sin(x)));
      case TAN -> d.times(Ops.square(y).plus(1));
      case ARCSIN -> d.times(Ops.rsqrt(Ops.oneMinus(Ops.square(x))));
      case ARCCOS -> Ops.negative(d.times(Ops.rsqrt(Ops.oneMinus(Ops.square(x)))));
      case ARCTAN -> d.divide(Ops.square(x).plus(1));
      case SINH -> d.times(Ops.cosh(x));
      case COSH -> d.times(Ops.sinh(x));
      case TANH -> d.times(Ops.oneMinus(Ops.square(y)));
      case ARCSINH -> d.times(Ops.rsqrt(Ops.square(x).plus(1)));
      case ARCCOSH -> d.times(Ops.rsqrt(Ops.square(x).minus(1)));
      case ARCTANH -> d.divide(Ops.oneMinus(Ops.square(x)));
      case ERF -> d.times(Ops.exp(Ops.negative(Ops.square(x)))).times(2 / Math.sqrt(Math.PI));
      case ERFC -> d.times(Ops.exp(Ops.negative(Ops.square(x)))).times(-2 / Math.sqrt(Math.PI));
      case ERFINV -> d.times(Ops.exp(Ops.square(y))).times(Math.sqrt(Math.PI) / 2);
      case LGAMMA -> d.times(Ops.unary(DIGAMMA, x));
      case I0 -> d.times(Ops.unary(I1, x));
      case I1 -> {
        // I1' = I0 - I1/x, with the limit 1/2 at 0
        Tensor zero = Ops.equal(x, Ops.zerosLike(x));
        Tensor safe = Ops.where(zero, Ops.onesLike(x), x);
        Tensor g = Ops.unary(UnaryFunction.I0, x).minus(y.divide(safe));
        yield d.times(Ops.where(zero, Ops.onesLike(x).times(0.5), g));
      }
      case SIGMOID -> d.times(y.times(Ops.oneMinus(y)));
      case SOFTPLUS -> d.times(Ops.unary(SIGMOID, x));
      case RELU -> d.times(Ops.cast(Ops.greater(y, Ops.zerosLike(y)), y.dtype()));
      case GELU -> d.times(Ops.unary(GELU_SLOPE, x));
      case GELU_SLOPE -> {
        Tensor square = Ops.square(x);
        Tensor pdf = Ops.exp(square.times(-0.5)).times(1 / Math.sqrt(2 * Math.PI));
        yield d.times(pdf.times(Ops.negative(square).plus(2)));
      }
      case SILU -> {
        Tensor s = Ops.unary(UnaryFunction.SIGMOID, x);
        yield d.times(s.plus(y.times(Ops.oneMinus(s))));
      }
      default -> null;
    };
  }
}
