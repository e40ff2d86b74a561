package io.weft.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.layers.core.Dense;
import io.weft.layers.core.InputLayer;
import io.weft.models.Sequential;
import io.weft.serialization.npz.Npz;
import io.weft.tensor.HostArray;
import io.weft.tensor.Tensor;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each command on a small model: its status, what it prints and what it writes. */
class CommandsTest {
  private static final float[] X = {1, 2, 3, -1, 0, 1};

  @TempDir Path folder;
  private Path model;
  private Path data;
  private HostArray expected;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @BeforeEach
  void save() {
    Sequential m = new Sequential(InputLayer.of("in", 3), new Dense(4, "relu"), new Dense(2));
    model = folder.resolve("m.keras");
    data = folder.resolve("x.npz");
    m.save(model);
    Tensor x = Tensor.of(X, 2, 3);
    expected = m.predict(x).toHostArray();
    Npz.write(data, Map.of("in", x.toHostArray()));
  }

  private int run(Object... words) {
    String[] w = java.util.Arrays.stream(words).map(String::valueOf).toArray(String[]::new);
    out.reset();
    err.reset();
    return Main.run(w, print(out), print(err));
  }

  private static PrintStream print(ByteArrayOutputStream to) {
    return new PrintStream(to, true, StandardCharsets.UTF_8);
  }

  private String printed() {
    return out.toString(StandardCharsets.UTF_8);
  }

  @Test
  void summarizesAndInspects() {
    assertThat(run("summary", model)).isZero();
    assertThat(printed()).contains("dense_1").contains("Total params: 26");
    assertThat(run("inspect", model)).isZero();
    assertThat(printed()).contains("Sequential");
  }

  @Test
  void convertsBetweenAllFormatsWithEqualPredictions() {
    Path h5 = folder.resolve("m.h5");
    Path back = folder.resolve("back.keras");
    Path y = folder.resolve("y.npz");
    assertThat(run("convert", model, h5)).isZero();
    assertThat(run("convert", h5, back)).isZero();
    assertThat(run("predict", back, data, "--out", y, "--batch", 1)).isZero();
    assertThat(Npz.read(y).values()).singleElement().satisfies(this::equalsExpected);
    assertThat(run("convert", model, folder.resolve("m.json"))).isZero();
    assertThat(run("summary", folder.resolve("m.json"))).isZero();
    assertThat(run("plot", model, folder.resolve("m.svg"))).isZero();
    assertThat(folder.resolve("m.svg")).content().startsWith("<svg").contains("dense_1");
  }

  private void equalsExpected(HostArray y) {
    assertThat((float[]) y.data()).containsExactly((float[]) expected.data());
  }

  @Test
  void printsPredictions() {
    assertThat(run("predict", model, data)).isZero();
    assertThat(printed()).contains("float32(2, 2)").contains("" + expected.doubleAt(3));
  }

  /** The data file of a workload, whose recorded outputs are these. */
  private Path workload(HostArray outputs) {
    String json =
        """
        {"atol": 1e-6, "steps": 1, "loss": "mse", "optimizer": "sgd", "loss_rtol": 1e9,
         "losses": {"2": [1.0]}}\
        """;
    HostArray x = Npz.read(data).get("in");
    return CaseFiles.write(
        folder.resolve("w.npz"), json, Map.of("in/0", x, "y/0", expected, "out/0", outputs));
  }

  @ParameterizedTest
  @ValueSource(strings = {"predict", "train", "fit", "cold"})
  void benchPrintsOneLineOfFigures(String mode) {
    Path w = workload(expected);
    assertThat(
            run(
                "bench",
                "--model",
                model,
                "--data",
                w,
                "--mode",
                mode,
                "--batch",
                2,
                "--seconds",
                0.01))
        .as(err.toString(StandardCharsets.UTF_8))
        .isZero();
    assertThat(printed().lines()).hasSize(1);
    assertThat(printed())
        .contains("\"ok\": true", "\"median_ms\": ", "\"min_ms\": ", "\"p90_ms\": ")
        .contains("\"iterations\": ", "\"max_abs_error\": ", "\"first_ms\": ", "\"peak_rss_mb\": ");
  }

  @Test
  void benchAnswersEachGoUntilQuit() {
    InputStream before = System.in;
    System.setIn(
        new ByteArrayInputStream("go 0.01\ngo 0.01\nquit\n".getBytes(StandardCharsets.UTF_8)));
    try {
      assertThat(
              run(
                  "bench",
                  "--model",
                  model,
                  "--data",
                  workload(expected),
                  "--batch",
                  2,
                  "--clients",
                  2,
                  "--interactive"))
          .isZero();
    } finally {
      System.setIn(before);
    }
    assertThat(printed().lines()).hasSize(3);
    assertThat(printed().lines().findFirst())
        .hasValueSatisfying(l -> assertThat(l).contains("\"ready\": true"));
    assertThat(printed().lines().skip(1)).allSatisfy(l -> assertThat(l).contains("calls_per_s"));
  }

  @Test
  void benchTimesNothingWhenTheOutputsDiffer() {
    HostArray wrong = HostArray.zeros(expected.dtype(), expected.shape());
    wrong.set(0, expected.doubleAt(0) + 1);
    assertThat(run("bench", "--model", model, "--data", workload(wrong), "--batch", 2))
        .isEqualTo(1);
    assertThat(printed()).contains("\"ok\": false").doesNotContain("median_ms");
  }

  @Test
  void checkCountsAndReports() throws IOException {
    String ok =
        "{\"format\": 1, \"kind\": \"op\", \"op\": \"keras.ops.negative\", \"args\": [{\"array\":"
            + " \"a\"}], \"kwargs\": {}, \"outputs\": {\"array\": \"b\"}, \"rtol\": 0, \"atol\":"
            + " 0}";
    HostArray a = Tensor.of(X, 6).toHostArray();
    HostArray b = Tensor.of(X, 6).negate().toHostArray();
    Path cases = Files.createDirectory(folder.resolve("cases"));
    CaseFiles.write(cases.resolve("right.npz"), ok, Map.of("a", a, "b", b));
    assertThat(run("check", cases)).isZero();
    assertThat(printed()).endsWith("1 passed, 0 failed, 0 skipped\n");
    CaseFiles.write(cases.resolve("wrong.npz"), ok, Map.of("a", a, "b", a));
    CaseFiles.write(cases.resolve("unknown.npz"), "{\"format\": 1, \"kind\": \"dance\"}", Map.of());
    Path report = folder.resolve("report.json");
    assertThat(run("check", cases, "--json", report, "--threads", 1)).isEqualTo(1);
    assertThat(printed()).contains("FAILED").endsWith("1 passed, 1 failed, 1 skipped\n");
    assertThat(report).content().contains("dance");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "dance",
        "summary",
        "predict M",
        "predict M X --batch",
        "predict M X --batch ten",
        "convert M",
        "plot M",
        "check",
        "check nowhere",
        "bench",
        "bench --model M",
        "bench --model M --data X --mode nix",
        "summary --nix M"
      })
  void wrongUseIsSaid(String line) {
    String[] words = line.isEmpty() ? new String[0] : line.split(" ");
    for (int i = 0; i < words.length; i++) {
      words[i] =
          words[i].equals("M")
              ? model.toString()
              : words[i].equals("X") ? data.toString() : words[i];
    }
    assertThat(run((Object[]) words)).isEqualTo(2);
    assertThat(out + "" + err).contains("weft").doesNotContain("Exception");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "summary nowhere.keras",
        "predict X X",
        "convert M m.nix",
        "predict M X --batch 0",
        "predict M X --batch -1",
        "bench --model M --data X",
        "bench --model M --data W --batch 0",
        "bench --model M --data W --batch 3",
        "bench --model M --data W --threads 0",
        "bench --model M --data W --mode train --batch 1",
        "plot M nowhere/x.svg"
      })
  void faultsAreSaidInOneLine(String line) {
    String[] words = line.split(" ");
    for (int i = 0; i < words.length; i++) {
      words[i] =
          switch (words[i]) {
            case "M" -> model.toString();
            case "X" -> data.toString();
            case "W" -> workload(expected).toString();
            default -> words[i];
          };
    }
    assertThat(run((Object[]) words)).isIn(1, 2);
    assertThat(err.toString(StandardCharsets.UTF_8))
        .startsWith("weft ")
        .doesNotContain("NullPointer");
  }
}
