package io.weft.layers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.error.ShapeException;
import io.weft.layers.convolutional.Conv1D;
import io.weft.layers.merging.Add;
import io.weft.layers.merging.Concatenate;
import io.weft.layers.merging.Dot;
import io.weft.layers.reshaping.Flatten;
import io.weft.layers.reshaping.Reshape;
import io.weft.tensor.Shape;
import org.junit.jupiter.api.Test;

/** Shapes are inferred where sizes are unknown, as far as Keras infers them. */
class UnknownSizesTest {
  @Test
  void inputsThatMustAgreeSettleEachOther() {
    Shape steps = Shape.of(-1, -1, 4);
    assertThat(new Add().computeOutputShape(steps, Shape.of(-1, 3, 4)))
        .containsExactly(Shape.of(-1, -1, 4));
    assertThat(new Concatenate().computeOutputShape(steps, Shape.of(-1, 3, 2)))
        .containsExactly(Shape.of(-1, -1, 6));
    assertThat(new Dot(2).computeOutputShape(Shape.of(-1, 3, -1), Shape.of(-1, 2, 5)))
        .containsExactly(Shape.of(-1, 3, 2));
  }

  @Test
  void reshapeTakesWhatFitsTheTarget() {
    assertThat(new Reshape(6, 2).computeOutputShape(Shape.of(-1, -1, 4)))
        .containsExactly(Shape.of(-1, 6, 2));
    assertThat(new Reshape(-1, 3).computeOutputShape(Shape.of(-1, -1, 4)))
        .containsExactly(Shape.of(-1, -1, 3));
    assertThat(new Flatten().computeOutputShape(Shape.of(-1, -1, 4)))
        .containsExactly(Shape.of(-1, -1));
  }

  @Test
  void knownSizesThatCannotAgreeAreRefused() {
    assertThatThrownBy(() -> new Add().computeOutputShape(Shape.of(-1, 3, 4), Shape.of(-1, 2, 4)))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("expected inputs with sizes that broadcast");
    assertThatThrownBy(() -> new Conv1D(2, 5).computeOutputShape(Shape.of(-1, 3, 4)))
        .isInstanceOf(ShapeException.class);
  }
}
