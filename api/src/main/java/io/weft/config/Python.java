package io.weft.config;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.List;
import java.util.stream.Collectors;

/** Config values as Python prints them. */
public final class Python {
  private Python() {}

  /** Python's {@code repr} of a config value; an object is printed as its serialized form. */
  public static String repr(Object v) {
    return v instanceof String s ? "'" + s + "'" : text(v);
  }

  /** Python's {@code str} of a config value: strings without quotes. */
  public static String text(Object v) {
    if (v == null) {
      return "None";
    }
    if (v instanceof Boolean b) {
      return b ? "True" : "False";
    }
    if (v instanceof Double d) {
      return number(d);
    }
    if (v instanceof List<?> l) {
      return l.stream().map(Python::repr).collect(Collectors.joining(", ", "[", "]"));
    }
    if (v instanceof Config c) {
      return c.asMap().entrySet().stream()
          .map(e -> repr(e.getKey()) + ": " + repr(e.getValue()))
          .collect(Collectors.joining(", ", "{", "}"));
    }
    if (v instanceof Configurable c) {
      Object s = c.serialized();
      if (s instanceof Config && v instanceof Learner l) {
        return l.parameters().repr();
      }
      return s instanceof Config e
          ? c.getConfig().asMap().entrySet().stream()
              .map(a -> a.getKey() + "=" + repr(a.getValue()))
              .collect(Collectors.joining(", ", e.get("class_name") + "(", ")"))
          : text(s);
    }
    return v.toString();
  }

  /** A float as Python and JSON write it: the shortest digits that give the same double. */
  public static String number(double d) {
    if (Double.isNaN(d)) {
      return "NaN";
    }
    if (Double.isInfinite(d)) {
      return d > 0 ? "Infinity" : "-Infinity";
    }
    if (d == 0) {
      return 1 / d < 0 ? "-0.0" : "0.0";
    }
    BigDecimal exact = new BigDecimal(Math.abs(d));
    // Double.toString of JDK 17 round-trips but is not always the shortest: its length is a bound
    int digits = Math.min(17, new BigDecimal(Double.toString(Math.abs(d))).precision());
    while (digits > 1 && rounded(exact, digits - 1).doubleValue() == Math.abs(d)) {
      digits--;
    }
    BigDecimal shortest = rounded(exact, digits).stripTrailingZeros();
    String s = shortest.unscaledValue().toString();
    int exponent = s.length() - 1 - shortest.scale();
    StringBuilder r = new StringBuilder(d < 0 ? "-" : "");
    if (exponent < -4 || exponent >= 16) {
      r.append(s.charAt(0));
      if (s.length() > 1) {
        r.append('.').append(s, 1, s.length());
      }
      int e = Math.abs(exponent);
      return r.append(exponent < 0 ? "e-" : "e+").append(e < 10 ? "0" : "").append(e).toString();
    }
    if (exponent < 0) {
      return r.append("0.").append("0".repeat(-exponent - 1)).append(s).toString();
    }
    if (s.length() <= exponent + 1) {
      return r.append(s).append("0".repeat(exponent + 1 - s.length())).append(".0").toString();
    }
    return r.append(s, 0, exponent + 1).append('.').append(s, exponent + 1, s.length()).toString();
  }

  private static BigDecimal rounded(BigDecimal exact, int digits) {
    return exact.round(new MathContext(digits, RoundingMode.HALF_EVEN));
  }
}
