package io.weft.serialization.npz;

import io.weft.error.ModelFormatException;
import io.weft.serialization.io.ByteSource;
import io.weft.tensor.Shape;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The head of a {@code .npy} file: a Python dictionary with exactly the keys descr, fortran_order
 * and shape.
 *
 * @param kind NumPy's type letter, such as f, i, u, b, U, S
 * @param width bytes of an element (for U: characters)
 * @param dataAt where the elements begin
 */
record NpyHeader(char kind, int width, ByteOrder order, boolean fortran, Shape shape, long dataAt) {
  private static final int MAX_LENGTH = 65_536;
  private static final int MAX_RANK = 64;

  /** Reads the header at the start of a source. */
  static NpyHeader read(ByteSource s) {
    byte[] head = s.bytes(0, 10);
    byte[] magic = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
    for (int i = 0; i < magic.length; i++) {
      if (head[i] != magic[i]) {
        throw broken(s, "a .npy array", "other bytes at its start");
      }
    }
    int version = head[6];
    if (version < 1 || version > 3) {
      throw broken(s, "a .npy array of version 1, 2 or 3", "version " + version);
    }
    int lengthBytes = version == 1 ? 2 : 4;
    byte[] l = s.bytes(8, lengthBytes);
    long length = 0;
    for (int i = lengthBytes - 1; i >= 0; i--) {
      length = length << 8 | l[i] & 0xff;
    }
    if (length > MAX_LENGTH) {
      throw broken(s, "a header of at most " + MAX_LENGTH + " bytes", length + " bytes");
    }
    byte[] text = s.bytes(8 + lengthBytes, length);
    var charset = version == 3 ? StandardCharsets.UTF_8 : StandardCharsets.ISO_8859_1;
    return new Parser(s, new String(text, charset)).header(8 + lengthBytes + length);
  }

  private static ModelFormatException broken(ByteSource s, String expected, String received) {
    return new ModelFormatException(
        s.name() + ": expected " + expected + ". Received: " + received);
  }

  /** The few Python literals that a header holds: strings, booleans, integers, tuples. */
  private static final class Parser {
    private final ByteSource source;
    private final String text;
    private int at;

    Parser(ByteSource source, String text) {
      this.source = source;
      this.text = text;
    }

    NpyHeader header(long dataAt) {
      String descr = null;
      Boolean fortran = null;
      Shape shape = null;
      expect('{');
      while (!accept('}')) {
        String key = string();
        expect(':');
        switch (key) {
          case "descr":
            if (peek() == '[') {
              throw broken(source, "an array of numbers or strings", "a structured dtype");
            }
            descr = string();
            break;
          case "fortran_order":
            fortran = bool();
            break;
          case "shape":
            shape = shape();
            break;
          default:
            throw broken(source, "the keys descr, fortran_order and shape", "'" + key + "'");
        }
        if (!accept(',')) {
          expect('}');
          break;
        }
      }
      if (descr == null || fortran == null || shape == null) {
        throw broken(source, "the keys descr, fortran_order and shape", "only some of them");
      }
      return dtype(descr, fortran, shape, dataAt);
    }

    private NpyHeader dtype(String descr, boolean fortran, Shape shape, long dataAt) {
      if (descr.endsWith("O") || descr.contains("O8")) {
        throw broken(
            source, "numbers or strings", "Python objects (a pickle), which are never read");
      }
      if (!descr.matches("[<>|=][a-zA-Z][0-9]{1,9}")) {
        throw broken(source, "a dtype such as '<f4'", "'" + descr + "'");
      }
      ByteOrder order = descr.charAt(0) == '>' ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
      int width = Integer.parseInt(descr.substring(2));
      return new NpyHeader(descr.charAt(1), width, order, fortran, shape, dataAt);
    }

    private Shape shape() {
      expect('(');
      List<Integer> dims = new ArrayList<>();
      while (!accept(')')) {
        dims.add(integer());
        if (dims.size() > MAX_RANK) {
          throw broken(source, "at most " + MAX_RANK + " axes", "more");
        }
        if (!accept(',')) {
          expect(')');
          break;
        }
      }
      return Shape.of(dims);
    }

    private int integer() {
      char c = peek();
      int start = at;
      while (at < text.length() && Character.digit(text.charAt(at), 10) >= 0) {
        at++;
      }
      if (at < text.length() && text.charAt(at) == 'L') {
        at++; // Python 2 wrote long integers so
      }
      String digits = text.substring(start, at).replace("L", "");
      if (digits.isEmpty() || digits.length() > 10) {
        throw broken(source, "a size in the shape", "'" + c + "' or too many digits");
      }
      long v = Long.parseLong(digits);
      if (v > Integer.MAX_VALUE) {
        throw broken(source, "sizes below 2^31", digits);
      }
      return (int) v;
    }

    private boolean bool() {
      peek();
      if (text.startsWith("True", at)) {
        at += 4;
        return true;
      }
      if (text.startsWith("False", at)) {
        at += 5;
        return false;
      }
      throw broken(source, "True or False", "other text in the header");
    }

    private String string() {
      char quote = peek();
      int end = quote == '\'' || quote == '"' ? text.indexOf(quote, at + 1) : -1;
      if (end < 0) {
        throw broken(source, "a quoted text in the header", "'" + quote + "'");
      }
      String s = text.substring(at + 1, end);
      at = end + 1;
      return s;
    }

    private char peek() {
      while (at < text.length() && text.charAt(at) <= ' ') {
        at++;
      }
      return at < text.length() ? text.charAt(at) : '\0';
    }

    private boolean accept(char c) {
      if (peek() == c) {
        at++;
        return true;
      }
      return false;
    }

    private void expect(char c) {
      if (!accept(c)) {
        throw broken(source, "'" + c + "' in the header", "'" + peek() + "'");
      }
    }
  }
}
