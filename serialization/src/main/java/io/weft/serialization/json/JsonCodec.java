package io.weft.serialization.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import io.weft.config.Config;
import io.weft.error.ModelFormatException;
import java.io.CharConversionException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Config ↔ JSON with Python's rules. Integers become Long and floats Double; {@code NaN}, {@code
 * Infinity} and {@code -Infinity} are read and written as tokens; 1e999 is infinite; of two equal
 * keys the last wins, at the place of the first. Integers beyond 64 bits, which a Config cannot
 * hold, nesting deeper than 512 and text after the value are refused with the place ({@code
 * $.config.layers[3]}).
 */
public final class JsonCodec {
  static final int MAX_DEPTH = 512;
  private static final int MAX_STRING = 512 << 20;

  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(MAX_DEPTH)
                  .maxNumberLength(1000)
                  .maxStringLength(MAX_STRING)
                  .maxNameLength(1 << 20)
                  .build())
          .build();

  private JsonCodec() {}

  /** Parses a JSON object in UTF-8 (also UTF-16 and UTF-32, as Python detects them). */
  public static Config read(String who, byte[] json) {
    Object v = readValue(who, json);
    if (v instanceof Config c) {
      return c;
    }
    throw new ModelFormatException(who + ": $: expected an object. Received: " + Config.text(v));
  }

  /** Parses any JSON value: null, Boolean, Long, Double, String, List or Config. */
  public static Object readValue(String who, byte[] json) {
    try (JsonParser p = FACTORY.createParser(json)) {
      return readAll(who, p);
    } catch (IOException e) {
      throw new ModelFormatException(who + ": expected JSON. Received: " + e.getMessage(), e);
    }
  }

  /** {@link #read(String, byte[])} for text. */
  public static Config read(String who, String json) {
    try (JsonParser p = FACTORY.createParser(json)) {
      if (readAll(who, p) instanceof Config c) {
        return c;
      }
    } catch (IOException e) {
      throw new ModelFormatException(who + ": expected JSON. Received: " + e.getMessage(), e);
    }
    throw new ModelFormatException(who + ": $: expected an object. Received: another value");
  }

  private static Object readAll(String who, JsonParser p) throws IOException {
    try {
      p.nextToken();
      Object v = value(who, p);
      if (p.nextToken() != null) {
        throw refuse(who, p, "the end of the text", "more after the first value");
      }
      return v;
    } catch (JsonProcessingException e) {
      throw new ModelFormatException(
          who
              + ": "
              + place(p)
              + ": expected JSON. Received: "
              + e.getOriginalMessage()
              + " at line "
              + p.currentLocation().getLineNr()
              + ", column "
              + p.currentLocation().getColumnNr(),
          e);
    } catch (CharConversionException e) {
      throw new ModelFormatException(
          who + ": " + place(p) + ": expected UTF-8. Received: " + e.getMessage(), e);
    }
  }

  private static Object value(String who, JsonParser p) throws IOException {
    JsonToken t = p.currentToken();
    if (t == null) {
      throw refuse(who, p, "a value", "the end of the text");
    }
    switch (t) {
      case VALUE_NULL:
        return null;
      case VALUE_TRUE:
        return Boolean.TRUE;
      case VALUE_FALSE:
        return Boolean.FALSE;
      case VALUE_STRING:
        return p.getText();
      case VALUE_NUMBER_INT:
        return integer(who, p);
      case VALUE_NUMBER_FLOAT:
        return real(who, p);
      case START_ARRAY:
        {
          List<Object> list = new ArrayList<>();
          while (p.nextToken() != JsonToken.END_ARRAY) {
            list.add(value(who, p));
          }
          return list;
        }
      case START_OBJECT:
        {
          Map<String, Object> map = new LinkedHashMap<>();
          while (p.nextToken() != JsonToken.END_OBJECT) {
            String key = p.currentName();
            p.nextToken();
            map.put(key, value(who, p));
          }
          return Config.copyOf(map);
        }
      default:
        throw refuse(who, p, "a value", String.valueOf(t));
    }
  }

  private static Object integer(String who, JsonParser p) throws IOException {
    String s = p.getText();
    // -0 is the integer 0 for Python, and so here
    try {
      return Long.parseLong(s);
    } catch (NumberFormatException e) {
      throw refuse(who, p, "an integer of at most 64 bits", s.length() + " digits");
    }
  }

  private static Object real(String who, JsonParser p) throws IOException {
    String s = p.getText();
    switch (s) {
      case "NaN":
        return Double.NaN;
      case "Infinity":
        return Double.POSITIVE_INFINITY;
      case "-Infinity":
        return Double.NEGATIVE_INFINITY;
      default:
        char last = s.charAt(s.length() - 1);
        if (last < '0' || last > '9') {
          throw refuse(who, p, "a number", s);
        }
        return Double.parseDouble(s);
    }
  }

  private static ModelFormatException refuse(
      String who, JsonParser p, String expected, String received) {
    return new ModelFormatException(
        who + ": " + place(p) + ": expected " + expected + ". Received: " + received);
  }

  private static String place(JsonParser p) {
    StringBuilder s = new StringBuilder("$");
    place(p.getParsingContext(), s);
    return s.length() > 300 ? "$…" + s.substring(s.length() - 300) : s.toString();
  }

  private static void place(com.fasterxml.jackson.core.JsonStreamContext c, StringBuilder s) {
    if (c == null || c.inRoot()) {
      return;
    }
    place(c.getParent(), s);
    if (c.inArray()) {
      s.append('[').append(c.getCurrentIndex()).append(']');
    } else if (c.getCurrentName() != null) {
      s.append('.').append(c.getCurrentName());
    }
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
