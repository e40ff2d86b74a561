package io.weft.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.module.ModuleFinder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Whole models give the same bits for any number of threads, in each kernel tier. */
class SameBitsTest {
  private static final Path CASES = Path.of("src/test/cases/models/keras-3.15");
  private static final List<String> MODELS =
      List.of(
          "unet", "residual_cnn", "transformer_block", "text_lstm", "rnn_variants", "wavenet_1d");

  @Test
  void inPortableLoops() throws Exception {
    List<String> one = run("scalar", 1);
    assertThat(one).hasSize(MODELS.size());
    assertThat(run("scalar", 3)).isEqualTo(one);
  }

  @Test
  void inVectors() throws Exception {
    List<String> one = run("vector", 1);
    assertThat(one).hasSize(MODELS.size());
    assertThat(run("vector", 3)).isEqualTo(one);
    assertThat(one.equals(run("scalar", 1))).as("without the module").isEqualTo(!areVectorsThere());
  }

  private static boolean areVectorsThere() {
    return ModuleFinder.ofSystem().find("jdk.incubator.vector").isPresent();
  }

  @Test
  void inMachineCode() throws Exception {
    List<String> one = run("machine", 1);
    assertThat(one).hasSize(MODELS.size());
    assertThat(run("machine", 3)).isEqualTo(one);
    if (isMachineCodeThere()) {
      assertThat(one).as("machine code was used").isNotEqualTo(run("scalar", 1));
    }
  }

  private static boolean isMachineCodeThere() {
    return SameBitsTest.class.getResource("/META-INF/services/io.weft.engine.tier.KernelProvider")
        != null;
  }

  private static List<String> run(String tier, int threads)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    if (tier.equals("vector") && areVectorsThere()) {
      command.addAll(List.of("--add-modules", "jdk.incubator.vector"));
    }
    if (tier.equals("machine") && isMachineCodeThere()) {
      command.add("--enable-native-access=ALL-UNNAMED");
    }
    command.add("-Dweft.kernels=" + tier);
    command.add("-Dweft.threads=" + threads);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), SameBits.class.getName()));
    MODELS.forEach(m -> command.add(CASES.resolve(m + ".keras").toString()));
    Process p = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    String out = new String(p.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(p.waitFor()).as(out).isZero();
    return out.lines().filter(l -> l.contains(".keras ")).toList();
  }
}
