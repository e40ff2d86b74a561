package io.weft.systems.features;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.error.ConfigException;
import io.weft.layer.Layer;
import io.weft.layers.core.Dense;
import io.weft.layers.core.Input;
import io.weft.models.Functional;
import io.weft.models.Sequential;
import io.weft.systems.aidotnet.CrossAttentionLayer;
import io.weft.tensor.KerasTensor;
import io.weft.tensor.NameScope;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.tensor.Variable;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Names, scopes and what a layer is made of. */
class ConstructionTest {
  private static Variable variable() {
    return new Variable("extra", Tensor.scalar(1f), false);
  }

  @Test
  void variablesMadeInAScopeAreCalledAfterIt() {
    Layer layer = Dense.builder(2).name("fusion").build();
    assertThat(layer.nameScope().name()).isEqualTo("fusion");
    assertThat(layer.withNameScope(ConstructionTest::variable).path()).isEqualTo("fusion/extra");
    assertThat(variable().path()).isEqualTo("extra");
    assertThat(new NameScope("a").with(() -> layer.withNameScope(() -> variable().path())))
        .isEqualTo("a/fusion/extra");
    assertThat(layer.withNameScope(() -> layer.withNameScope(() -> variable().path())))
        .isEqualTo("fusion/extra");
  }

  @Test
  void aScopeEndsWithItsBody() {
    Layer layer = Dense.builder(2).name("fusion").build();
    assertThatThrownBy(
            () ->
                layer.withNameScope(
                    () -> {
                      throw new ConfigException("no");
                    }))
        .isInstanceOf(ConfigException.class);
    assertThat(variable().path()).isEqualTo("extra");
  }

  @Test
  void weightsAreCalledAfterTheirLayerInAnyScope() {
    Layer layer = Dense.builder(2).name("fusion").build();
    new NameScope("a").with(() -> layer.build(Shape.of(2, 3)));
    assertThat(layer.weights()).extracting(Variable::path).contains("fusion/kernel");
  }

  @Test
  void submodulesStandDepthFirstAndOnce() {
    Nest nest = new Nest();
    Dense shared = new Dense(2);
    Sequential inner = new Sequential("inner", List.of(nest, shared));
    KerasTensor x = Input.of(3);
    Functional model = new Functional(x, shared.apply(inner.apply(x)));
    assertThat(nest.submodules()).containsExactly(nest.scale, nest.dense);
    assertThat(model.submodules())
        .containsSubsequence(inner, nest, nest.scale, nest.dense, shared)
        .doesNotHaveDuplicates()
        .doesNotContain(model);
    assertThat(new Dense(2).submodules()).isEmpty();
  }

  @Test
  void aLayerKeepsTheNameOfItsFirstModel() {
    KerasTensor x = Input.of(2);
    Dense first = new Dense(2);
    Dense second = new Dense(2);
    Functional model = new Functional(x, second.apply(first.apply(x)));
    KerasTensor other = Input.of(2);
    Functional part = new Functional(other, second.apply(other));
    assertThat(List.of(first.name(), second.name())).containsExactly("dense", "dense_1");
    assertThat(part.getLayer("dense_1")).isSameAs(model.getLayer("dense_1"));
    KerasTensor third = Input.of(2);
    Dense namesake = new Dense(2);
    new Functional(third, namesake.apply(third));
    assertThat(namesake.name()).isEqualTo("dense");
    Functional both = new Functional(x, namesake.apply(first.output()));
    assertThat(both.layers()).extracting(Layer::name).doesNotHaveDuplicates();
  }

  @Test
  void whatTheOriginalsTellOfThemselves() {
    try (CrossAttentionLayer layer = new CrossAttentionLayer(8, 6, 2)) {
      assertThat(layer.queryDim()).isEqualTo(8);
      assertThat(layer.contextDim()).isEqualTo(6);
      assertThat(layer.headCount()).isEqualTo(2);
      assertThat(layer.inputShape()).isEqualTo(layer.outputShape());
    }
  }
}
