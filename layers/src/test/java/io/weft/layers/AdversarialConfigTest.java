package io.weft.layers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.weft.config.Config;
import io.weft.error.ConfigException;
import io.weft.error.ShapeException;
import io.weft.error.UnsupportedFeatureException;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Whatever stands in a config, a layer is made or refuses in its own words. */
class AdversarialConfigTest {
  private static final List<Object> JUNK =
      Arrays.asList(
          null,
          true,
          -1,
          0,
          Long.MAX_VALUE,
          -0.5,
          Double.NaN,
          "",
          "nonsense",
          List.of(),
          List.of(1, "x"),
          Arrays.asList(null, null, null),
          List.of(List.of(1, 2), List.of(3)),
          Config.EMPTY,
          Config.of("class_name", "Dense", "config", 3),
          Config.of("class_name", "__lambda__", "config", Config.EMPTY));

  @TestFactory
  Stream<DynamicTest> everyLayerRefusesJunkInItsOwnWords() {
    return Samples.types().stream()
        .map(t -> DynamicTest.dynamicTest(t.className(), () -> mutateEveryKey(t)));
  }

  private static void mutateEveryKey(LayerType<?> type) {
    Config good = Samples.config(type);
    Layer layer = Layer.fromConfig(type, good);
    for (String key : layer.getConfig().keys()) {
      for (Object junk : JUNK) {
        Config bad = good.with(key, junk);
        Throwable t = catchThrowable(() -> Layer.fromConfig(type, bad).getConfig().pure());
        if (t != null) {
          assertThat(t)
              .as("%s with %s=%s", type.className(), key, junk)
              .isInstanceOfAny(
                  ConfigException.class, ShapeException.class, UnsupportedFeatureException.class);
        }
      }
    }
  }
}
