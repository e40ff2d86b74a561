package io.weft.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class MemoryTest {
  @Test
  void stepsThatLackMemoryLeaveVariablesAsTheyWere() throws Exception {
    List<String> lines = inSmallHeap();
    assertThat(lines).hasSize(3);
    assertThat(lines.get(0)).startsWith("intermediate | [1.0, 2.0] | [2.0, 3.0] | Java backend: ");
    assertThat(lines.get(1)).startsWith("result | [1.0, 2.0] | [2.0, 3.0] | Java backend: ");
    assertThat(lines.get(2)).startsWith("kernel | [1.0, 2.0] | [2.0, 3.0] | Java backend: ");
    assertThat(lines).allMatch(l -> l.contains("the heap has") && l.contains("-Xmx"));
  }

  private static List<String> inSmallHeap() throws IOException, InterruptedException {
    Process p =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-XX:+UseSerialGC", // the same on any machine
                "-cp",
                System.getProperty("java.class.path"),
                ShortOfMemory.class.getName())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    String out = new String(p.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(p.waitFor()).as(out).isZero();
    return out.lines().toList();
  }
}
