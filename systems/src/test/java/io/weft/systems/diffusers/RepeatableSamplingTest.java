package io.weft.systems.diffusers;

import static io.weft.systems.diffusers.DiffusersData.random;
import static org.assertj.core.api.Assertions.assertThat;

import io.weft.config.Config;
import io.weft.layer.Layer;
import io.weft.random.Seeds;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Twenty steps of DDIM give the same bits again, with any number of threads. */
class RepeatableSamplingTest {
  /** The loop itself, so that a process of its own can run it with another number of threads. */
  public static void main(String[] args) {
    Seeds.set(11);
    UNet2DConditionModel unet =
        Layer.fromConfig(
            UNet2DConditionModel.TYPE,
            UNetTest.tiny().with("block_out_channels", List.of(32, 64)).with("norm_num_groups", 8));
    Tensor context = random(Shape.of(2, 4, 3), 2);
    Tensor x = random(Shape.of(2, 2, 16, 16), 1);
    DDIMScheduler scheduler = new DDIMScheduler(Config.of("beta_schedule", "scaled_linear"));
    scheduler.setTimesteps(20);
    for (double t : scheduler.steps()) {
      Tensor time = Tensor.of(new long[] {(long) t, (long) t}, 2);
      x = scheduler.step(unet.predict(x, time, context), t, x).sample();
    }
    float[] y = x.toFloatArray();
    System.out.println(y[0] + " " + y[y.length - 1] + " " + Arrays.hashCode(y));
  }

  private static String run(int threads) throws IOException, InterruptedException {
    Process p =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Dweft.threads=" + threads,
                "-cp",
                System.getProperty("java.class.path"),
                RepeatableSamplingTest.class.getName())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    String out = new String(p.getInputStream().readAllBytes(), StandardCharsets.UTF_8).trim();
    assertThat(p.waitFor(2, TimeUnit.MINUTES)).isTrue();
    assertThat(p.exitValue()).isZero();
    return out;
  }

  @Test
  void threadsDoNotChangeABit() throws IOException, InterruptedException {
    String one = run(1);
    assertThat(one).matches("-?[0-9.E-]+ -?[0-9.E-]+ -?[0-9]+");
    assertThat(run(2)).isEqualTo(one);
  }
}
