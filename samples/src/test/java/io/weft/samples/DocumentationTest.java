package io.weft.samples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.weft.models.Sequential;
import io.weft.optimizers.Sgd;
import io.weft.tensor.Tensor;
import io.weft.training.Logs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The code in the manual is code of the samples, which is compiled, and run here. */
class DocumentationTest {
  private static final Path DOCS = Path.of("../docs");
  private static final Path SOURCES = Path.of("src/main/java/io/weft/samples");
  private static final Pattern JAVA = Pattern.compile("```java\\R(.*?)```", Pattern.DOTALL);

  @Test
  void everyBlockStandsInASample() throws IOException {
    StringBuilder code = new StringBuilder();
    for (Path p : files(SOURCES, ".java")) {
      code.append(plain(Files.readString(p))).append('\n');
    }
    List<String> missing = new ArrayList<>();
    int blocks = 0;
    for (Path page : files(DOCS, ".md")) {
      Matcher m = JAVA.matcher(Files.readString(page));
      while (m.find()) {
        blocks++;
        if (code.indexOf(plain(m.group(1))) < 0) {
          missing.add(page.getFileName() + ": " + m.group(1));
        }
      }
    }
    assertThat(missing).isEmpty();
    assertThat(blocks).isGreaterThan(5);
  }

  private static List<Path> files(Path folder, String ending) throws IOException {
    try (Stream<Path> s = Files.walk(folder)) {
      return s.filter(p -> p.toString().endsWith(ending)).sorted().toList();
    }
  }

  /** Without the white space that indentation and line breaks put in. */
  private static String plain(String code) {
    return code.replaceAll("\\s+", "");
  }

  @Test
  void aLayerTellsOfItsCalls() {
    Sequential model = new Sequential(new Watch());
    model.compile(new Sgd(0.1), "mse");
    Tensor x = Tensor.of(new float[] {1, -3, 2, 2}, 2, 2);
    Logs logs = model.evaluate(x, x);
    assertThat(logs.get("level")).isEqualTo(2);
    assertThat(logs.get("loss")).isCloseTo(0.045, within(1e-6));
  }

  @Test
  void gettingStartedLearns(@TempDir Path folder) throws IOException {
    assertThat(GettingStarted.gradient()).containsExactly(2, 4, 6);
    assertThat(GettingStarted.tensors().dim(0)).isEqualTo(2);
    assertThat(GettingStarted.twoInputs().countParams()).isEqualTo(4 * 8 + 8 + 8 + 1);
    assertThat(GettingStarted.run(folder)).isGreaterThan(0.8);
  }

  @Test
  void aCustomLayerTrainsAndComesBack(@TempDir Path folder) throws IOException {
    assertThat(CustomLayers.run(folder)).isLessThan(1);
  }
}
