package io.weft.layers.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.config.Entry;
import io.weft.config.Registry;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class LayersCatalogueTest {
  @Test
  void everyLayerClassIsFoundByItsName() throws Exception {
    List<LayerType<?>> declared = declared();
    assertThat(declared).hasSizeGreaterThan(80);
    for (LayerType<?> t : declared) {
      assertThat((Object) Registry.standard().find(Layer.class, t.className()))
          .as(t.className())
          .isSameAs(t);
    }
  }

  @Test
  void theListOfNamesIsThatOfTheSwitch() throws Exception {
    List<Object> listed = new ArrayList<>();
    for (Entry<?> e : Registry.standard().entries()) {
      assertThat(e).isNotNull();
      listed.add(e);
    }
    assertThat(listed).containsAll(declared()).doesNotHaveDuplicates();
  }

  @Test
  void keras2NamesMeanTheSameClasses() {
    Registry r = Registry.standard();
    assertThat((Object) r.find(Layer.class, "Convolution2D"))
        .isSameAs(r.find(Layer.class, "Conv2D"));
    assertThat((Object) r.find(Layer.class, "AvgPool1D"))
        .isSameAs(r.find(Layer.class, "AveragePooling1D"));
    assertThat((Object) r.find(Layer.class, "NoSuchLayer")).isNull();
  }

  /** The {@code TYPE} constants of all public classes below {@code io.weft.layers}. */
  private static List<LayerType<?>> declared() throws Exception {
    List<LayerType<?>> all = new ArrayList<>();
    Path root =
        Path.of(LayersCatalogue.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    try (Stream<Path> files = Files.walk(root.resolve("io/weft/layers"))) {
      for (Path p : files.filter(f -> f.toString().endsWith(".class")).toList()) {
        LayerType<?> t = type(root.relativize(p).toString());
        if (t != null) {
          all.add(t);
        }
      }
    }
    return all;
  }

  private static LayerType<?> type(String file) throws IOException, ReflectiveOperationException {
    Class<?> c = Class.forName(file.replace(".class", "").replace('/', '.'));
    for (Field f : c.getDeclaredFields()) {
      if (f.getName().equals("TYPE") && Modifier.isPublic(f.getModifiers())) {
        return (LayerType<?>) f.get(null);
      }
    }
    return null;
  }
}
