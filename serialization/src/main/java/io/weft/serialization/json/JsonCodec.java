package io.weft.serialization.json;

import io.weft.config.Config;
import io.weft.error.ModelFormatException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;

/**
 * Config ↔ JSON with Python's rules. Integers become Long and floats Double; {@code NaN}, {@code
 * Infinity} and {@code -Infinity} are read and written as tokens; 1e999 is infinite; of two equal
 * keys the last wins, at the place of the first. Integers beyond 64 bits, which a Config cannot
 * hold, nesting deeper than 512 and text after the value are refused with the place ({@code
 * $.config.layers[3]}).
 */
public final class JsonCodec {
  private JsonCodec() {}

  /** Parses a JSON object in UTF-8 (also UTF-16 and UTF-32, as Python detects them). */
  public static Config read(String who, byte[] json) {
    return object(who, readValue(who, json));
  }

  /** {@link #read(String, byte[])} for text. */
  public static Config read(String who, String json) {
    return object(who, new JsonReader(who, json, false).read());
  }

  /** {@link #read(String, byte[])} that refuses objects in which a key stands twice. */
  public static Config readUnique(String who, byte[] json) {
    return object(who, new JsonReader(who, text(who, json), true).read());
  }

  /** Parses any JSON value: null, Boolean, Long, Double, String, List or Config. */
  public static Object readValue(String who, byte[] json) {
    return new JsonReader(who, text(who, json), false).read();
  }

  private static Config object(String who, Object v) {
    if (v instanceof Config c) {
      return c;
    }
    throw new ModelFormatException(who + ": $: expected an object. Received: " + Config.text(v));
  }

  private static String text(String who, byte[] json) {
    Charset charset = charset(json);
    String s = new String(json, charset);
    if (s.indexOf('\uFFFD') >= 0) { // it stands there, or for bytes that mean nothing
      try {
        charset.newDecoder().decode(ByteBuffer.wrap(json));
      } catch (CharacterCodingException e) {
        throw new ModelFormatException(
            who + ": $: expected " + charset + ". Received: " + e.getMessage(), e);
      }
    }
    return s.startsWith("\uFEFF") ? s.substring(1) : s;
  }

  /** By the byte order mark, or by where the zeros of the first two characters lie. */
  private static Charset charset(byte[] b) {
    int first = at(b, 0) << 8 | at(b, 1);
    int second = at(b, 2) << 8 | at(b, 3);
    if (first == 0xFEFF || first == 0xFFFE) {
      boolean wide = first == 0xFFFE && second == 0 && b.length > 3;
      return wide ? Charset.forName("UTF-32") : StandardCharsets.UTF_16;
    }
    if (b.length > 3 && first == 0) {
      return Charset.forName("UTF-32BE");
    }
    if (b.length > 1 && b[0] == 0) {
      return StandardCharsets.UTF_16BE;
    }
    if (b.length > 1 && b[1] == 0) {
      return b.length > 3 && second == 0 ? Charset.forName("UTF-32LE") : StandardCharsets.UTF_16LE;
    }
    return StandardCharsets.UTF_8;
  }

  private static int at(byte[] b, int i) {
    return i < b.length ? b[i] & 0xFF : 0;
  }

  /** A value as Python's {@code json.dumps} prints it, on one line; live objects as envelopes. */
  public static String write(Object value) {
    return new PythonText(-1).append(Config.pure(value));
  }

  /** A value as {@code json.dumps(value, indent=indent)} prints it. */
  public static String write(Object value, int indent) {
    return new PythonText(indent).append(Config.pure(value));
  }
}
