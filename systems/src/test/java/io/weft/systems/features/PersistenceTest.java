package io.weft.systems.features;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.config.Config;
import io.weft.config.Registry;
import io.weft.error.ShapeException;
import io.weft.layer.Layer;
import io.weft.layers.attention.CrossAttention;
import io.weft.layers.core.Dense;
import io.weft.layers.core.Input;
import io.weft.layers.normalization.BatchNormalization;
import io.weft.models.Functional;
import io.weft.models.Models;
import io.weft.systems.weights.StateDict;
import io.weft.tensor.DType;
import io.weft.tensor.KerasTensor;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Configs, stores of variables, files, and what is told of parameters. */
class PersistenceTest {
  private static final Registry REGISTRY = Registry.standard().with(Scale.TYPE).with(Nest.TYPE);

  @Test
  void configsAreComplete() {
    CrossAttention layer = new CrossAttention(8, 2);
    assertThat(layer.getConfig().get("num_heads")).isEqualTo(2L);
    Layer again = Layer.fromConfig(CrossAttention.TYPE, layer.getConfig());
    assertThat(again.getConfig()).isEqualTo(layer.getConfig());
    assertThat(layer.myParams()).isEqualTo("CrossAttention(units, num_heads)");
    assertThat(layer.getParams(false)).containsOnlyKeys("num_heads", "units");
    assertThat(layer.summary()).startsWith("CrossAttention Summary:\n");
    assertThat(layer.help()).contains("num_heads");
    assertThat(layer.setParams(Map.of("units", 4))).isNotSameAs(layer);
  }

  @Test
  void buildConfigsBuild() {
    Dense d = new Dense(2);
    assertThat(d.getBuildConfig()).isNull();
    d.build(Shape.of(-1, 3));
    Dense again = new Dense(2);
    again.buildFromConfig(d.getBuildConfig());
    assertThat(again.weights()).hasSize(2);
  }

  @Test
  void ownVariablesGoRound() {
    BatchNormalization a = new BatchNormalization();
    a.build(Shape.of(-1, 3));
    a.setWeights(a.getWeights().stream().map(t -> t.plus(2)).toList());
    BatchNormalization b = new BatchNormalization();
    b.build(Shape.of(-1, 3));
    Map<String, Tensor> store = a.saveOwnVariables();
    assertThat(store).containsOnlyKeys("0", "1", "2", "3");
    b.loadOwnVariables(store);
    assertThat(b.getWeights().get(3).toFloatArray())
        .isEqualTo(a.getWeights().get(3).toFloatArray());
    Nest nest = new Nest();
    nest.build(Shape.of(-1, 3));
    assertThat(nest.saveOwnVariables()).as("of the layer itself").isEmpty();
    assertThat(nest.scale.saveOwnVariables()).hasSize(1);
  }

  @Test
  void ownVariablesThatDoNotFitAreNamed() {
    BatchNormalization layer = new BatchNormalization();
    layer.build(Shape.of(-1, 3));
    Map<String, Tensor> store = new LinkedHashMap<>(layer.saveOwnVariables());
    Tensor gamma = layer.getWeights().get(0);
    store.put("0", Ops.ones(Shape.of(3), DType.FLOAT32).times(7));
    store.remove("3");
    assertThatThrownBy(() -> layer.loadOwnVariables(store))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("moving_variance");
    store.put("3", Ops.ones(Shape.of(4), DType.FLOAT32));
    assertThatThrownBy(() -> layer.loadOwnVariables(store))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("(4,)");
    assertThat(layer.getWeights().get(0).toFloatArray()).isEqualTo(gamma.toFloatArray());
  }

  @Test
  void filesAreNotReplacedUnasked(@TempDir Path folder) {
    Path file = folder.resolve("layer.keras");
    Dense d = new Dense(2);
    d.build(Shape.of(-1, 3));
    d.save(file, false);
    assertThatThrownBy(() -> d.save(file, false)).isInstanceOf(UncheckedIOException.class);
    d.save(file, true);
    Path params = folder.resolve("layer.json");
    d.saveParams(params, false);
    assertThat(new Dense(5).loadParams(params).getParams(false)).containsEntry("units", 2L);
  }

  @Test
  void stateIsFinalizedByEveryWayOfLoading(@TempDir Path folder) {
    Functional saved = model();
    saved.save(folder.resolve("m.keras"));
    saved.save(folder.resolve("m.h5"));
    saved.saveWeights(folder.resolve("m.weights.h5"));
    StateDict.saveSafetensors(saved, folder.resolve("m.safetensors"));
    for (String file : List.of("m.keras", "m.h5")) {
      assertFinalized(file, (Functional) Models.load(folder.resolve(file), REGISTRY, true), 1);
    }
    for (String file : List.of("m.keras", "m.h5", "m.weights.h5")) {
      Functional fresh = model();
      fresh.loadWeights(folder.resolve(file));
      assertFinalized(file, fresh, 1);
    }
    Functional fresh = model();
    StateDict.loadSafetensors(fresh, folder.resolve("m.safetensors"));
    assertFinalized("m.safetensors", fresh, 1);
    fresh.setWeights(saved.getWeights());
    assertFinalized("setWeights", fresh, 2);
    Nest nest = (Nest) fresh.layers().get(1);
    nest.scale.loadOwnVariables(nest.scale.saveOwnVariables());
    assertThat(nest.scale.finalized).isEqualTo(3);
    assertThat(nest.finalized).isEqualTo(2);
  }

  private static Functional model() {
    KerasTensor x = Input.of("x", 3);
    Nest nest = new Nest();
    return new Functional(x, nest.apply(x));
  }

  private static void assertFinalized(String how, Functional model, int times) {
    Nest nest = (Nest) model.layers().get(1);
    assertThat(nest.scale.finalized).as(how).isEqualTo(times);
    assertThat(nest.finalized).as(how + ", a layer without weights of its own").isEqualTo(times);
  }

  @Test
  void aRefusedSettingFinalizesNothing() {
    Scale s = new Scale();
    s.build(Shape.of(-1, 3));
    assertThatThrownBy(() -> s.setWeights(List.of())).isInstanceOf(ShapeException.class);
    assertThat(s.finalized).isZero();
    assertThat(new Dense(Config.of("units", 2)).isBuilt()).isFalse();
  }
}
