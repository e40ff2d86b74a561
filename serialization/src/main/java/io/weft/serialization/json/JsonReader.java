package io.weft.serialization.json;

import io.weft.config.Config;
import io.weft.error.ModelFormatException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One text as a value, by the rules of {@link JsonCodec}. Written by hand because a general parser
 * takes longer to load than all that a small model needs to read.
 */
final class JsonReader {
  private static final int MAX_DEPTH = 512;
  private static final int MAX_NUMBER = 1000;
  private static final int MAX_PLACE = 300;

  private final String who;
  private final String text;
  private final boolean unique;
  private int at;

  /** For each open list the index of the element that is read, for each open object its key. */
  private final List<Object> path = new ArrayList<>();

  /**
   * A reader of one text.
   *
   * @param unique whether a key that stands twice in an object is refused
   */
  JsonReader(String who, String text, boolean unique) {
    this.who = who;
    this.text = text;
    this.unique = unique;
  }

  /** The only value of the text. */
  Object read() {
    Object v = value();
    space();
    if (at < text.length()) {
      throw refuse("the end of the text", "more after the first value");
    }
    return v;
  }

  private Object value() {
    space();
    char c = peek();
    switch (c) {
      case '{':
        return object();
      case '[':
        return list();
      case '"':
        return string();
      case 't':
        return word("true", Boolean.TRUE);
      case 'f':
        return word("false", Boolean.FALSE);
      case 'n':
        return word("null", null);
      case 'N':
        return word("NaN", Double.NaN);
      case 'I':
        return word("Infinity", Double.POSITIVE_INFINITY);
      default:
        if (c == '-' && text.startsWith("Infinity", at + 1)) {
          return word("-Infinity", Double.NEGATIVE_INFINITY);
        }
        return number();
    }
  }

  private Config object() {
    Map<String, Object> map = new LinkedHashMap<>();
    enter(null);
    at++;
    space();
    if (peek() == '}') {
      return close(Config.EMPTY);
    }
    while (true) {
      space();
      if (peek() != '"') {
        throw refuse("a key in double quotes", here());
      }
      String key = string();
      path.set(path.size() - 1, key);
      if (unique && map.containsKey(key)) {
        throw refuse("a key to stand once", "it twice");
      }
      space();
      if (peek() != ':') {
        throw refuse("':' after the key", here());
      }
      at++;
      map.put(key, value());
      space();
      if (peek() == '}') {
        return close(Config.copyOf(map));
      }
      comma("'}'");
    }
  }

  private List<Object> list() {
    List<Object> list = new ArrayList<>();
    enter(0);
    at++;
    space();
    if (peek() == ']') {
      return close(list);
    }
    while (true) {
      list.add(value());
      space();
      if (peek() == ']') {
        return close(list);
      }
      comma("']'");
      path.set(path.size() - 1, list.size());
    }
  }

  private void enter(Object first) {
    if (path.size() == MAX_DEPTH) {
      throw refuse("lists and objects inside of each other no deeper than " + MAX_DEPTH, "more");
    }
    path.add(first);
  }

  private <T> T close(T result) {
    at++;
    path.remove(path.size() - 1);
    return result;
  }

  private void comma(String end) {
    if (peek() != ',') {
      throw refuse("',' or " + end, here());
    }
    at++;
  }

  private Object word(String word, Object value) {
    int end = at + word.length();
    if (!text.startsWith(word, at)
        || end < text.length() && Character.isJavaIdentifierPart(text.charAt(end))) {
      throw refuse("a JSON value", here());
    }
    at = end;
    return value;
  }

  private String string() {
    int start = ++at;
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c == '"') {
        return text.substring(start, at++);
      }
      if (c == '\\') {
        return escaped(start);
      }
      if (c < ' ') {
        throw refuse("control characters of a string as escapes", here());
      }
      at++;
    }
    throw refuse("'\"' at the end of a string", here());
  }

  /** The rest of a string in which an escape stands at this place. */
  private String escaped(int start) {
    StringBuilder s = new StringBuilder().append(text, start, at);
    while (at < text.length()) {
      char c = text.charAt(at++);
      if (c == '"') {
        return s.toString();
      }
      if (c == '\\') {
        s.append(escape());
      } else if (c >= ' ') {
        s.append(c);
      } else {
        at--;
        throw refuse("control characters of a string as escapes", here());
      }
    }
    throw refuse("'\"' at the end of a string", here());
  }

  private char escape() {
    int known = "\"\\/bfnrt".indexOf(peek());
    if (known >= 0) {
      at++;
      return "\"\\/\b\f\n\r\t".charAt(known);
    }
    int code = 0;
    for (int i = 1; i <= 4; i++) {
      char digit = text.charAt(at) == 'u' && at + i < text.length() ? text.charAt(at + i) : '?';
      int d = digit < 128 ? Character.digit(digit, 16) : -1;
      if (d < 0) {
        throw refuse("one of the escapes \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX", here());
      }
      code = code << 4 | d;
    }
    at += 5;
    return (char) code;
  }

  private Object number() {
    int start = at;
    if (peek() == '-') {
      at++;
    }
    boolean zero = peek() == '0';
    int whole = digits();
    boolean real = false;
    if (at < text.length() && text.charAt(at) == '.') {
      at++;
      digits();
      real = true;
    }
    if (at < text.length() && (text.charAt(at) | 0x20) == 'e') {
      at++;
      if (peek() == '+' || peek() == '-') {
        at++;
      }
      digits();
      real = true;
    }
    String s = text.substring(start, at);
    if (zero && whole > 1 || s.length() > MAX_NUMBER) {
      throw refuse("a number", s.length() > 40 ? s.substring(0, 40) + "…" : s);
    }
    if (real) {
      return Double.parseDouble(s);
    }
    try {
      return Long.parseLong(s); // -0 is the integer 0 for Python, and so here
    } catch (NumberFormatException e) {
      throw refuse("an integer of at most 64 bits", s.length() + " digits");
    }
  }

  /** Passes digits, of which there must be one. */
  private int digits() {
    int start = at;
    while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
      at++;
    }
    if (at == start) {
      throw refuse("a JSON value", here());
    }
    return at - start;
  }

  private void space() {
    while (at < text.length() && " \t\n\r".indexOf(text.charAt(at)) >= 0) {
      at++;
    }
  }

  private char peek() {
    if (at >= text.length()) {
      throw refuse("a value", "the end of the text");
    }
    return text.charAt(at);
  }

  private String here() {
    if (at >= text.length()) {
      return "the end of the text";
    }
    int line = 1;
    int start = 0;
    for (int i = text.indexOf('\n'); i >= 0 && i < at; i = text.indexOf('\n', start)) {
      line++;
      start = i + 1;
    }
    char c = text.charAt(at);
    String shown = c < ' ' ? "the character " + (int) c : "'" + c + "'";
    return shown + " at line " + line + ", column " + (at - start + 1);
  }

  private ModelFormatException refuse(String expected, String received) {
    StringBuilder s = new StringBuilder("$");
    for (Object p : path) {
      if (p instanceof String key) {
        s.append('.').append(key);
      } else if (p != null) {
        s.append('[').append(p).append(']');
      }
    }
    String place = s.length() > MAX_PLACE ? "$…" + s.substring(s.length() - MAX_PLACE) : s + "";
    return new ModelFormatException(
        who + ": " + place + ": expected " + expected + ". Received: " + received);
  }
}
