package io.weft.serialization.json;

import io.weft.config.Config;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/** Prints values as Python's {@code json.dumps} does: separators, ASCII escapes, float repr. */
final class PythonText {
  private final StringBuilder out = new StringBuilder();
  private final int indent;

  /** {@code indent} below 0 means one line. */
  PythonText(int indent) {
    this.indent = indent;
  }

  String append(Object v) {
    value(v, 0);
    return out.toString();
  }

  private void value(Object v, int level) {
    if (v == null) {
      out.append("null");
    } else if (v instanceof Double d) {
      out.append(repr(d));
    } else if (v instanceof String s) {
      string(s);
    } else if (v instanceof List<?> list) {
      list(list, level);
    } else if (v instanceof Config c) {
      map(c.asMap(), level);
    } else {
      out.append(v);
    }
  }

  private void list(List<?> list, int level) {
    out.append('[');
    Iterator<?> i = list.iterator();
    while (i.hasNext()) {
      line(level + 1);
      value(i.next(), level + 1);
      comma(i.hasNext());
    }
    if (!list.isEmpty()) {
      line(level);
    }
    out.append(']');
  }

  private void map(Map<String, Object> map, int level) {
    out.append('{');
    Iterator<Map.Entry<String, Object>> i = map.entrySet().iterator();
    while (i.hasNext()) {
      Map.Entry<String, Object> e = i.next();
      line(level + 1);
      string(e.getKey());
      out.append(": ");
      value(e.getValue(), level + 1);
      comma(i.hasNext());
    }
    if (!map.isEmpty()) {
      line(level);
    }
    out.append('}');
  }

  private void comma(boolean more) {
    if (more) {
      out.append(indent < 0 ? ", " : ",");
    }
  }

  private void line(int level) {
    if (indent >= 0) {
      out.append('\n').append(" ".repeat(indent * level));
    }
  }

  private void string(String s) {
    out.append('"');
    for (int i = 0; i < s.length(); i++) {
      char c = s.charAt(i);
      int known = "\"\\\n\r\t\b\f".indexOf(c);
      if (known >= 0) {
        out.append('\\').append("\"\\nrtbf".charAt(known));
      } else if (c < ' ' || c > '~') {
        out.append(String.format("\\u%04x", (int) c));
      } else {
        out.append(c);
      }
    }
    out.append('"');
  }

  /** Python's repr of a float: the shortest digits that give the same double. */
  static String repr(double d) {
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
