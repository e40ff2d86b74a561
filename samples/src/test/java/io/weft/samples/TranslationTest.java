package io.weft.samples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TranslationTest {
  @Test
  void wordsAreThoseOfTheGrammars() {
    assertThat(String.join(" ", NumberWords.english(471_080)))
        .isEqualTo("four hundred and seventy one thousand and eighty");
    assertThat(String.join(" ", NumberWords.french(471_080)))
        .isEqualTo("quatre cent soixante et onze mille quatre vingts");
    assertThat(String.join(" ", NumberWords.french(80_200)))
        .isEqualTo("quatre vingt mille deux cents");
    assertThat(String.join(" ", NumberWords.french(1_019))).isEqualTo("mille dix neuf");
    assertThat(String.join(" ", NumberWords.french(91))).isEqualTo("quatre vingt onze");
  }

  @Test
  void runsAndDraws(@TempDir Path folder) throws IOException {
    Translation.Result r = Translation.run(folder, 1, 300);
    assertThat(r.correct()).isBetween(0.0, 1.0);
    assertThat(r.drawing()).content().contains("quatre").endsWith("</svg>\n");
  }
}
