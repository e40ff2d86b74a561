package io.weft.samples;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.tensor.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageTextMatchingTest {
  @Test
  void trainsTestsAndDraws(@TempDir Path folder) throws IOException {
    ImageTextMatching.Result r = ImageTextMatching.run(folder, 1, 320, 7);
    assertThat(r.all()).isBetween(0.3, 1.0);
    assertThat(r.captionAlone()).isBetween(0.4, 0.6);
    assertThat(r.kinds()).hasSize(4);
    assertThat(Files.readString(folder.resolve("decisions.svg")))
        .contains("data:image/png;base64,", "truth: ")
        .endsWith("</svg>\n");
  }

  @Test
  void captionsAloneTellNothing() {
    CaptionedShapes data = new CaptionedShapes(20_000, 3);
    assertThat(data.pictures().shape()).isEqualTo(Shape.of(20_000, 16, 16, 3));
    Map<String, int[]> words = new HashMap<>();
    int right = 0;
    for (int i = 0; i < data.count(); i++) {
      boolean matching = data.kind(i) == CaptionedShapes.Kind.MATCHING;
      right += matching ? 1 : 0;
      for (String w : data.words(i)) {
        words.computeIfAbsent(w, k -> new int[2])[matching ? 1 : 0]++;
      }
    }
    assertThat(right).isBetween(9700, 10_300);
    assertThat(words).hasSize(CaptionedShapes.VOCABULARY.size());
    words.forEach((w, n) -> assertThat((double) n[1] / (n[0] + n[1])).as(w).isBetween(0.47, 0.53));
  }

  @Test
  void picturesShowWhatCaptionsSay() {
    CaptionedShapes data = new CaptionedShapes(300, 4);
    List<String> colors = List.of("red", "green", "blue", "yellow");
    int[] rgb = {0xFF0000, 0x00FF00, 0x0000FF, 0xFFFF00};
    for (int i = 0; i < data.count(); i++) {
      List<String> told = data.words(i);
      int color = rgb[colors.indexOf(told.get(1))];
      int pixels = told.get(2).equals("square") ? 16 : 12;
      int top = told.get(5).equals("upper") ? 0 : 8;
      int left = told.get(6).equals("left") ? 0 : 8;
      int found = 0;
      for (int p = 0; p < 64; p++) {
        int pixel = data.rgb(i, (top + p / 8) * 16 + left + p % 8);
        found += (pixel & 0x808080) == (color & 0x808080) ? 1 : 0;
      }
      switch (data.kind(i)) {
        case MATCHING -> assertThat(found).isEqualTo(pixels);
        case COLOR -> assertThat(found).isZero();
        default -> assertThat(found).isIn(0, 12, 16);
      }
    }
    assertThat(new CaptionedShapes(5, 3).pictures().toFloatArray())
        .isEqualTo(new CaptionedShapes(5, 3).pictures().toFloatArray())
        .isNotEqualTo(new CaptionedShapes(5, 4).pictures().toFloatArray());
  }
}
