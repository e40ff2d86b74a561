package io.weft.systems.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.error.ConfigException;
import io.weft.layer.Layer;
import io.weft.layers.attention.CrossAttention;
import io.weft.layers.core.Dense;
import io.weft.layers.core.Embedding;
import io.weft.layers.core.Input;
import io.weft.layers.normalization.LayerNormalization;
import io.weft.models.Functional;
import io.weft.models.Model;
import io.weft.models.Sequential;
import io.weft.optimizers.Adam;
import io.weft.random.SeedGenerator;
import io.weft.random.Seeds;
import io.weft.tensor.DType;
import io.weft.tensor.RandomOps;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.tensor.Variable;
import io.weft.training.Fit;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Fine-tuning changes what was left trainable, and nothing else. */
class FreezeTest {
  /** A small decoder: tokens attend to a source. */
  private static Model model() {
    Tensor tokens = Input.of("tokens", "int32", 4);
    Tensor source = Input.of(5, 6);
    Tensor x = new Embedding(10, 8).apply(tokens);
    Tensor memory = new Dense(8, "relu").apply(source);
    Tensor y = new CrossAttention(8, 2).apply(x, memory);
    return new Functional(
        List.of(tokens, source), new Dense(3).apply(new LayerNormalization().apply(y)));
  }

  private static boolean wanted(Layer l) {
    return l instanceof CrossAttention || l instanceof Embedding;
  }

  @BeforeEach
  void drawTheSame() {
    Seeds.set(1);
  }

  @Test
  void onlyWhatIsKeptChanges() {
    Model model = model();
    List<Variable> kept = Freeze.allExcept(model, FreezeTest::wanted);
    List<Variable> expected = new ArrayList<>();
    model.layers().stream().filter(FreezeTest::wanted).forEach(l -> expected.addAll(l.weights()));
    assertThat(kept).containsExactlyInAnyOrderElementsOf(expected).hasSize(13);
    List<float[]> before = model.weights().stream().map(v -> v.concrete().toFloatArray()).toList();
    model.compile(new Adam(0.1), "mse");
    Tensor tokens = Tensor.of(new int[] {1, 2, 3, 4, 5, 6, 7, 8}, 2, 4);
    Tensor target = random(2, 2, 4, 3);
    model.fit(List.of(tokens, random(1, 2, 5, 6)), target, Fit.epochs(2).verbose(false));
    for (int i = 0; i < before.size(); i++) {
      Variable v = model.weights().get(i);
      boolean changed = !java.util.Arrays.equals(before.get(i), v.concrete().toFloatArray());
      assertThat(changed).as(v.path()).isEqualTo(kept.contains(v));
    }
    // Adam keeps two moments for each weight, and the step and the learning rate
    assertThat(model.optimizer().variables()).hasSize(2 * kept.size() + 2);
  }

  private static Tensor random(long seed, int... shape) {
    return RandomOps.normal(Shape.of(shape), 0, 1, DType.FLOAT32, SeedGenerator.key(seed));
  }

  @Test
  void reachesLayersInsideOfOthers() {
    Sequential inner = new Sequential(new Dense(4), new LayerNormalization());
    Sequential outer = new Sequential(new Dense(3), inner, new Dense(2));
    outer.build(Shape.of(2, 5));
    List<Variable> kept = Freeze.allExcept(outer, l -> l instanceof LayerNormalization);
    assertThat(kept).containsExactlyElementsOf(inner.layers().get(1).weights());
    assertThat(inner.trainableWeights()).isEqualTo(kept);
    assertThat(inner.layers().get(0).trainable()).isFalse();
    Freeze.none(outer);
    assertThat(outer.trainableWeights()).hasSize(8);
  }

  @Test
  void findsByPath() {
    CrossAttention layer = new CrossAttention(8, 2);
    layer.build(Shape.of(2, 3, 8), Shape.of(2, 4, 8));
    List<Variable> kept = Freeze.allExceptAt(layer, (p, l) -> p.equals("cross_attention"));
    assertThat(kept).hasSize(8);
    Model model = model();
    String name = model.layers().get(model.layers().size() - 1).name();
    assertThat(Freeze.allExceptAt(model, (p, l) -> p.equals(name))).hasSize(2);
  }

  @Test
  void refusesWhatWouldTrainNothing() {
    Model model = model();
    assertThatThrownBy(() -> Freeze.allExcept(model, l -> false))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("layers with weights");
    assertThat(model.trainableWeights()).isNotEmpty();
    assertThatThrownBy(() -> Freeze.allExcept(new Dense(2), l -> true))
        .isInstanceOf(IllegalStateException.class);
  }
}
