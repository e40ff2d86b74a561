package io.weft.serialization.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.config.Config;
import io.weft.config.Python;
import io.weft.error.ModelFormatException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class JsonCodecTest {
  /** Texts as Python 3.11 prints them. */
  @Test
  void writesWhatPythonWrites() {
    String text =
        "{\"a\": 1, \"b\": 1.0, \"c\": [1e-07, 0.001, 2.0, 1e+16, 1234567890123456.0, -0.0, 5e-324,"
            + " 1.7976931348623157e+308, 0.0010000000474974513, 0.0001, 1e-05, 1.5e+22, 2e-323],"
            + " \"d\": [NaN, Infinity, -Infinity], \"e\": \"\\u00e4\\n"
            + "\\\"\\\\\\u007f\\ud83d\\ude00/\", \"f\": {}, \"g\": [], \"h\": null, \"i\": true,"
            + " \"j\": -9223372036854775808}";
    assertThat(JsonCodec.write(JsonCodec.read("x", text))).isEqualTo(text);
  }

  @Test
  void indentsAsPythonDoes() {
    Config c = Config.of("a", List.of(1, Config.EMPTY), "b", Config.of("c", List.of()));
    assertThat(JsonCodec.write(c, 2))
        .isEqualTo("{\n  \"a\": [\n    1,\n    {}\n  ],\n  \"b\": {\n    \"c\": []\n  }\n}");
  }

  @Test
  void floatsAreTheShortestThatRoundTrip() {
    SplittableRandom random = new SplittableRandom(3);
    for (int i = 0; i < 20_000; i++) {
      double d = Double.longBitsToDouble(random.nextLong());
      if (i % 4 == 0) {
        d = Math.scalb((double) random.nextInt(1, 1 << 20), random.nextInt(-40, 40));
      }
      if (Double.isFinite(d)) {
        assertThat(Double.parseDouble(Python.number(d))).isEqualTo(d);
      }
    }
    assertThat(Python.number(2.0E-3)).isEqualTo("0.002");
    assertThat(Python.number(2e23)).isEqualTo("2e+23");
    assertThat(Python.number(9007199254740993.0)).isEqualTo("9007199254740992.0");
  }

  @Test
  void readsLikePython() {
    byte[] bom = ("\uFEFF{\"a\": 1e999, \"b\": 1, \"a\": -0}").getBytes(StandardCharsets.UTF_8);
    Config c = JsonCodec.read("x", bom);
    assertThat(c.get("a")).isEqualTo(0L);
    assertThat(c.keys()).containsExactly("a", "b");
    assertThat(JsonCodec.read("x", "{\"a\": 1e999, \"s\": \"\\ud800\"}").get("a"))
        .isEqualTo(Double.POSITIVE_INFINITY);
  }

  @Test
  void saysWhereTheTextIsWrong() {
    assertRefused(
        "{\"config\": {\"layers\": [1, {\"units\": 1234567890123456789012}]}}",
        "m.keras: $.config.layers[1].units: expected an integer of at most 64 bits");
    assertRefused("{\"a\": [1, 2", "m.keras: $.a[");
    assertRefused("{\"a\": INF}", "$.a");
    assertRefused("{} {}", "the end of the text");
    assertRefused("", "expected a value");
    assertRefused("[1]", "expected an object");
    assertRefused("{'a': 1}", "m.keras: $");
    assertRefused("[".repeat(100_000), "m.keras: $");
    assertRefused("{\"a\":".repeat(100_000), "m.keras: $");
    assertRefused("{\"a\": 1, \"b\": 01}", "$.b: expected a number. Received: 01");
    assertRefused("{\"a\": [1, 2,]}", "$.a[2]: expected a JSON value. Received: ']' at line 1");
    assertRefused("{\"a\": 1.}", "$.a");
    assertRefused("{\"a\": 1e}", "$.a");
    assertRefused("{\"a\": -}", "$.a");
    assertRefused("{\"a\": +1}", "$.a");
    assertRefused("{\"a\": truely}", "$.a");
    assertRefused("{\"a\":\n\t\"x\ny\"}", "Received: the character 10 at line 2, column 4");
    assertRefused("{\"a\": \"\\u00g0\"}", "one of the escapes");
    assertRefused("{\"a\": \"\\x\"}", "one of the escapes");
    assertRefused("{\"a\": \"x", "the end of the text");
    assertRefused("{\"a\" 1}", "$.a: expected ':'");
    assertRefused("{\"a\": 1,}", "a key in double quotes");
    assertRefused("{\"a\": 1]", "',' or '}'");
    byte[] bad = "{\"a\": \"xxxx\"}".getBytes(StandardCharsets.UTF_8);
    Arrays.fill(bad, 8, 10, (byte) 0xff);
    assertThatThrownBy(() -> JsonCodec.read("m.keras", bad))
        .isInstanceOf(ModelFormatException.class);
  }

  @Test
  void readsEveryEncodingThatPythonDetects() {
    String text = "{\"a\": \"ä😀\\u00e4\\/\\b\\f\"}";
    for (String charset : List.of("UTF-8", "UTF-16LE", "UTF-16BE", "UTF-32LE", "UTF-32BE")) {
      for (String mark : List.of("", "\uFEFF")) {
        byte[] bytes = (mark + text).getBytes(Charset.forName(charset));
        assertThat(JsonCodec.read(charset, bytes).get("a")).isEqualTo("ä😀ä/\b\f");
      }
    }
    assertThat(JsonCodec.read("x", "{\"a\": \"\uFFFD\"}".getBytes(StandardCharsets.UTF_8)).get("a"))
        .isEqualTo("\uFFFD");
    assertThat(JsonCodec.readValue("x", new byte[] {'7'})).isEqualTo(7L);
  }

  @Test
  void refusesKeysThatStandTwiceWhereTheyMustNot() {
    byte[] text = "{\"a\": {\"b\": 1, \"b\": 2}}".getBytes(StandardCharsets.UTF_8);
    assertThatThrownBy(() -> JsonCodec.readUnique("x", text))
        .isInstanceOf(ModelFormatException.class)
        .hasMessageContaining("x: $.a.b: expected a key to stand once");
  }

  private static void assertRefused(String text, String message) {
    assertThatThrownBy(() -> JsonCodec.read("m.keras", text))
        .isInstanceOf(ModelFormatException.class)
        .hasMessageContaining(message);
    assertThatThrownBy(() -> JsonCodec.read("m.keras", text.getBytes(StandardCharsets.UTF_8)))
        .isInstanceOf(ModelFormatException.class)
        .hasMessageContaining(message);
  }
}
