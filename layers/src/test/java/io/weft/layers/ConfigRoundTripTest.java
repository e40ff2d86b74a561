package io.weft.layers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.config.Config;
import io.weft.config.Registry;
import io.weft.error.ConfigException;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Configs come back as they were, with the keys that Keras writes in its order. */
class ConfigRoundTripTest {
  @TestFactory
  Stream<DynamicTest> configsSurviveTheRegistry() {
    return Samples.types().stream()
        .map(
            t ->
                DynamicTest.dynamicTest(
                    t.className(),
                    () -> {
                      Layer layer = Layer.fromConfig(t, Samples.config(t));
                      Config written = (Config) Config.pure(layer.serialized());
                      Layer again = (Layer) Registry.standard().restore(written, "layer");
                      Config back = (Config) Config.pure(again.serialized());
                      assertThat(back.toString()).isEqualTo(written.toString());
                    }));
  }

  @TestFactory
  Stream<DynamicTest> keysAreThoseOfKerasInItsOrder() throws IOException {
    Map<String, List<String>> keys = recordedKeys();
    return Samples.types().stream()
        .filter(t -> keys.containsKey(t.className()))
        .map(
            t ->
                DynamicTest.dynamicTest(
                    t.className(),
                    () ->
                        assertThat(
                                Layer.fromConfig(t, Samples.config(t)).getConfig().keys().stream())
                            .containsExactlyElementsOf(keys.get(t.className()))));
  }

  /** Lines "Class: key key …" that {@code config_keys.py} made with Keras 3.15.1. */
  private static Map<String, List<String>> recordedKeys() throws IOException {
    Map<String, List<String>> m = new LinkedHashMap<>();
    try (BufferedReader r =
        new BufferedReader(
            new InputStreamReader(
                ConfigRoundTripTest.class.getResourceAsStream("config_keys.txt"),
                StandardCharsets.UTF_8))) {
      r.lines()
          .forEach(
              l -> m.put(l.split(": ")[0], List.of(l.substring(l.indexOf(": ") + 2).split(" "))));
    }
    return m;
  }

  @Test
  void unknownArgumentsAreNamed() {
    LayerType<?> dense =
        Samples.types().stream().filter(t -> t.className().equals("Dense")).findFirst().get();
    assertThatThrownBy(() -> Layer.fromConfig(dense, Config.of("units", 3, "unit", 4)))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("unknown argument 'unit'");
  }
}
