package io.weft.layers.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.error.ShapeException;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import org.junit.jupiter.api.Test;

class EmbeddingTest {
  @Test
  void integersWithoutARowAreRefused() {
    Embedding table = new Embedding(4, 3);
    assertThat(table.apply(Tensor.of(new int[] {0, 3}, 1, 2)).shape()).isEqualTo(Shape.of(1, 2, 3));
    assertThat(table.apply(Tensor.of(new int[] {-1, -4}, 2)).toFloatArray())
        .isEqualTo(table.apply(Tensor.of(new int[] {3, 0}, 2)).toFloatArray());
    for (int id : new int[] {-5, 4}) {
      assertThatThrownBy(() -> table.apply(Tensor.of(new int[] {0, id}, 1, 2)))
          .isInstanceOf(ShapeException.class)
          .hasMessageContaining("expected integers from -4 to 3")
          .hasMessageContaining("Received: " + id);
    }
    assertThatThrownBy(() -> table.apply(Tensor.of(new float[] {4.5f}, 1)))
        .isInstanceOf(ShapeException.class);
  }
}
