package io.weft.samples;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import java.util.List;
import org.junit.jupiter.api.Test;

class ImageConditioningTest {
  @Test
  void trainsAndTestsThreeNetworks() {
    List<ImageConditioning.Result> results = ImageConditioning.run(192, 1, false);
    assertThat(results).hasSize(3);
    assertThat(results)
        .allSatisfy(
            r -> {
              assertThat(r.all()).isBetween(0.4, 1.0);
              assertThat(r.kinds()).hasSize(3);
            });
  }

  @Test
  void networksDifferInTheirQuestionOnly() {
    long film = ImageConditioning.model(ImageConditioning.Conditioning.FILM).countParams();
    long none = ImageConditioning.model(ImageConditioning.Conditioning.NONE).countParams();
    long late = ImageConditioning.model(ImageConditioning.Conditioning.LATE).countParams();
    assertThat(late - none).isEqualTo(32 * (ShapeQuestions.QUESTION + 1) + 32 * 64);
    assertThat(film - none).isEqualTo(2 * (32 - ShapeQuestions.QUESTION) * 48 + 32 * 8);
  }

  @Test
  void questionsAreFair() {
    ShapeQuestions data = new ShapeQuestions(3000, 5);
    assertThat(data.pictures().shape()).isEqualTo(Shape.of(3000, 16, 16, 3));
    assertThat(Ops.mean(data.answers(), 0, 1).item()).isBetween(0.46, 0.54);
    int[] yes = new int[3];
    int[] asked = new int[3];
    for (int i = 0; i < data.count(); i++) {
      asked[data.kind(i)]++;
      yes[data.kind(i)] += data.yes(i) ? 1 : 0;
    }
    for (int k = 0; k < 3; k++) {
      assertThat(asked[k]).isBetween(850, 1150);
      assertThat((double) yes[k] / asked[k]).isBetween(0.44, 0.56);
    }
    // one seed gives one set
    assertThat(new ShapeQuestions(5, 3).pictures().toFloatArray())
        .isEqualTo(new ShapeQuestions(5, 3).pictures().toFloatArray())
        .isNotEqualTo(new ShapeQuestions(5, 4).pictures().toFloatArray());
  }

  @Test
  void picturesShowWhatIsAsked() {
    ShapeQuestions data = new ShapeQuestions(50, 6);
    for (int i = 0; i < data.count(); i++) {
      String asked = data.words(i).split(" ")[1];
      assertThat(data.text(i)).contains(asked.substring(0, 1));
      long pixels = data.text(i).chars().filter(c -> c == asked.charAt(0)).count();
      if (data.kind(i) == 0) {
        assertThat(pixels).isEqualTo(data.yes(i) ? 16 : 12);
      }
      if (data.kind(i) == 2) {
        String upper = data.text(i).lines().limit(8).reduce("", String::concat);
        assertThat(upper.contains(asked.substring(0, 1))).isEqualTo(data.yes(i));
      }
    }
  }
}
