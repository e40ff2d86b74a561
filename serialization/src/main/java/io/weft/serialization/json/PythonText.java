package io.weft.serialization.json;

import io.weft.config.Config;
import io.weft.config.Python;
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
      out.append(Python.number(d));
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
        out.append("\\u").append(Integer.toHexString(0x10000 | c), 1, 5);
      } else {
        out.append(c);
      }
    }
    out.append('"');
  }
}
