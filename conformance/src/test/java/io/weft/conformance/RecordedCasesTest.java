package io.weft.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Replays the recorded cases that lie in {@code src/test/cases}. Every case must pass but those
 * named in {@code known-gaps.txt}, which says why; a gap that has been closed must leave that list.
 */
class RecordedCasesTest {
  private static final Path CASES = Path.of("src/test/cases");
  private static final Map<String, String> GAPS = new HashMap<>();

  @BeforeAll
  static void readGaps() throws IOException {
    for (String line :
        Files.readAllLines(CASES.resolve("known-gaps.txt"), StandardCharsets.UTF_8)) {
      if (!line.isBlank() && !line.startsWith("#")) {
        String[] parts = line.split(": ", 2);
        GAPS.put(parts[0], parts[1]);
      }
    }
  }

  @TestFactory
  Stream<DynamicTest> cases() {
    List<Path> all = Suite.cases(List.of(CASES));
    assertThat(all).hasSizeGreaterThan(1700);
    return all.stream()
        .map(p -> DynamicTest.dynamicTest(CASES.relativize(p).toString(), () -> replay(p)));
  }

  private static void replay(Path p) {
    Outcome o = Replay.of(p, ReplayOptions.NONE);
    String name = CASES.relativize(p).toString().replace('\\', '/').replaceFirst("\\.npz$", "");
    boolean passed = o.status() == Outcome.Status.PASSED;
    if (GAPS.containsKey(name)) {
      assertThat(passed).as("%s passes now: take it off known-gaps.txt", name).isFalse();
    } else if (!passed) {
      fail(o.status() + ": " + String.join("\n", o.reasons()));
    }
  }

  @Test
  void everyGapIsACase() {
    for (String name : GAPS.keySet()) {
      assertThat(CASES.resolve(name + ".npz")).exists();
    }
  }

  @Test
  void aChangedNumberFails() throws IOException {
    Path dense = Suite.cases(List.of(CASES.resolve("layers/Dense"))).get(0);
    try (CaseFile c = new CaseFile(dense, ReplayOptions.NONE)) {
      Comparison compare = new Comparison(c);
      var out = c.tensor("outputs");
      compare.outputs("same", out, out);
      assertThat(compare.differences()).isEmpty();
      compare.outputs("changed", out.plus(1e-3), out);
      assertThat(compare.differences()).hasSize(1);
    }
  }
}
