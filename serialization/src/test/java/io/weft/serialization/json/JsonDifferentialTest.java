package io.weft.serialization.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import io.weft.config.Config;
import io.weft.error.ModelFormatException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random texts, whole and damaged, as {@link JsonCodec} and as Jackson read them. These differences
 * are meant: Jackson knows infinities by other names too ({@code INF}, {@code +Infinity}), holds
 * integers of any length, and decodes bytes that are no UTF-8 (halves of surrogate pairs, forms
 * longer than needed). It refuses keys, though not values, with an escaped half of a pair, which
 * Python reads.
 */
class JsonDifferentialTest {
  private static final Object REFUSED = "refused";
  private static final Object HALF = "a key with half of a pair";
  private static final JsonFactory JACKSON =
      JsonFactory.builder()
          .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
          .streamReadConstraints(
              StreamReadConstraints.builder().maxNestingDepth(512).maxNumberLength(1000).build())
          .build();

  private static final String[] PIECES = {
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"",
    "\\",
    "\\u",
    "\\ud83d",
    "\\u0000",
    "\\n",
    "\\x",
    "-",
    "+",
    ".",
    "e",
    "E5",
    "0",
    "1",
    "00",
    "-0",
    "9223372036854775807",
    "-9223372036854775809",
    "1e999",
    "1E-400",
    "4.9e-324",
    "0.1",
    "true",
    "false",
    "null",
    "nul",
    "NaN",
    "Infinity",
    "-Infinity",
    "INF",
    "-INF",
    "+Infinity",
    " ",
    "\t",
    "\n",
    "\r",
    "\f",
    "\u00a0",
    "\u0001",
    "\u007f",
    "\u2028",
    "\ufeff",
    "\u00e4",
    "\ud83d\ude00",
    "/",
    "//",
    "/*",
    "'",
    "a",
    "#",
    "\"a\":",
    "[1]",
    "{}",
    "\"\""
  };

  private static void value(SplittableRandom r, int depth, StringBuilder s) {
    s.append(" ".repeat(r.nextInt(4) == 0 ? 1 : 0));
    int kind = r.nextInt(depth > 5 ? 6 : 10);
    if (kind < 2) {
      number(r, s);
    } else if (kind < 4) {
      string(r, s);
    } else if (kind < 6) {
      String[] words = {"true", "false", "null", "NaN", "Infinity", "-Infinity"};
      s.append(words[r.nextInt(words.length)]);
    } else {
      boolean object = kind < 8;
      s.append(object ? '{' : '[');
      int n = r.nextInt(5);
      for (int i = 0; i < n; i++) {
        s.append(i > 0 ? "," : "");
        if (object) {
          string(r, s);
          s.append(r.nextBoolean() ? ": " : ":");
        }
        value(r, depth + 1, s);
      }
      s.append(object ? '}' : ']');
    }
    s.append(r.nextInt(6) == 0 ? "\n" : "");
  }

  private static void number(SplittableRandom r, StringBuilder s) {
    switch (r.nextInt(5)) {
      case 0 -> s.append(r.nextInt(-3, 4));
      case 1 -> s.append(r.nextLong());
      case 2 -> s.append(Double.longBitsToDouble(r.nextLong()));
      case 3 -> s.append(r.nextInt(100)).append("e").append(r.nextInt(-400, 400));
      default -> s.append(r.nextLong()).append('.').append(r.nextLong(Long.MAX_VALUE));
    }
  }

  private static void string(SplittableRandom r, StringBuilder s) {
    String[] parts = {
      "a", "b", "\\n", "\\\"", "\\u00e4", "\\ud83d\\ude00", "\\ud800", "\u00e4", "/"
    };
    s.append('"');
    for (int i = r.nextInt(4); i > 0; i--) {
      s.append(parts[r.nextInt(parts.length)]);
    }
    s.append('"');
  }

  private static String damaged(SplittableRandom r, String text) {
    StringBuilder s = new StringBuilder(text);
    for (int i = r.nextInt(4); i > 0; i--) {
      int at = r.nextInt(s.length() + 1);
      int to = Math.min(s.length(), at + r.nextInt(3));
      s.replace(at, to, r.nextInt(4) == 0 ? "" : PIECES[r.nextInt(PIECES.length)]);
    }
    return s.toString();
  }

  /** What Jackson makes of a text, by the rules of {@link JsonCodec}. */
  private static Object jackson(JsonParser parser) {
    try (parser) {
      parser.nextToken();
      Object v = value(parser);
      return parser.nextToken() == null ? v : REFUSED;
    } catch (IOException | NumberFormatException e) {
      return e.getMessage().contains("surrogate") ? HALF : REFUSED;
    }
  }

  private static Object value(JsonParser p) throws IOException {
    JsonToken t = p.currentToken();
    if (t == null) {
      throw new IOException("nothing");
    }
    switch (t) {
      case VALUE_NULL:
        return null;
      case VALUE_TRUE:
        return true;
      case VALUE_FALSE:
        return false;
      case VALUE_STRING:
        return p.getText();
      case VALUE_NUMBER_INT:
        return Long.parseLong(p.getText());
      case VALUE_NUMBER_FLOAT:
        return real(p.getText());
      case START_ARRAY:
        List<Object> list = new ArrayList<>();
        while (p.nextToken() != JsonToken.END_ARRAY) {
          list.add(value(p));
        }
        return list;
      case START_OBJECT:
        Map<String, Object> map = new LinkedHashMap<>();
        while (p.nextToken() != JsonToken.END_OBJECT) {
          String key = p.currentName();
          p.nextToken();
          map.put(key, value(p));
        }
        return Config.copyOf(map);
      default:
        throw new IOException(t.toString());
    }
  }

  private static Object real(String s) throws IOException {
    boolean name = s.equals("NaN") || s.equals("Infinity") || s.equals("-Infinity");
    if (!name && !Character.isDigit(s.charAt(s.length() - 1))) {
      throw new IOException("another name: " + s);
    }
    return Double.parseDouble(s);
  }

  private static Object own(byte[] text) {
    try {
      return JsonCodec.readValue("x", text);
    } catch (ModelFormatException e) {
      return REFUSED;
    }
  }

  private static Object own(String text) {
    try {
      return new JsonReader("x", text, false).read();
    } catch (ModelFormatException e) {
      return REFUSED;
    }
  }

  private static void agree(String text, Object own, Object jackson) {
    if (jackson != HALF) {
      assertThat(own).as("%s", text).isEqualTo(jackson);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 2, 3})
  void acceptsAndReadsWhatJacksonDoes(long seed) throws IOException {
    SplittableRandom r = new SplittableRandom(seed);
    int refused = 0;
    for (int i = 0; i < 10_000; i++) {
      StringBuilder s = new StringBuilder();
      value(r, 0, s);
      String text = damaged(r, s.toString());
      Object want = jackson(JACKSON.createParser(text));
      agree(text, own(text), want);
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      agree("bytes of " + text, own(bytes), jackson(JACKSON.createParser(bytes)));
      refused += want == REFUSED ? 1 : 0;
    }
    assertThat(refused).isBetween(2_000, 8_000); // both kinds of texts are tried
  }

  @Test
  void depthHasOneBound() throws IOException {
    for (int depth : new int[] {1, 511, 512, 513, 100_000}) {
      String text = "[".repeat(depth) + "]".repeat(depth);
      assertThat(own(text)).isEqualTo(jackson(JACKSON.createParser(text)));
      assertThat(own(text) == REFUSED).isEqualTo(depth > 512);
    }
  }

  /** Jackson reads the first two of these. */
  @Test
  void refusesBytesThatAreNoUtf8() {
    int[][] texts = {
      {'"', 0xED, 0xA0, 0x80, '"'}, {'"', 0xC0, 0xAF, '"'}, {'"', 0xFF, '"'}, {'"', 0xC3, '"'}
    };
    for (int[] text : texts) {
      byte[] bytes = new byte[text.length];
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] = (byte) text[i];
      }
      assertThatExceptionOfType(ModelFormatException.class)
          .isThrownBy(() -> JsonCodec.readValue("x", bytes))
          .withMessageContaining("UTF-8");
    }
  }
}
