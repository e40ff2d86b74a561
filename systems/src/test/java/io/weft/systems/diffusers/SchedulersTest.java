package io.weft.systems.diffusers;

import static io.weft.systems.diffusers.DiffusersData.assertClose;
import static io.weft.systems.diffusers.DiffusersData.random;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.config.Config;
import io.weft.config.Entry;
import io.weft.config.Registry;
import io.weft.error.ConfigException;
import io.weft.error.ShapeException;
import io.weft.random.SeedGenerator;
import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

class SchedulersTest {
  private static final Shape IMAGES = Shape.of(2, 1, 4, 4);
  private static final List<Entry<? extends Scheduler>> ALL =
      List.of(
          DDIMScheduler.TYPE, DDPMScheduler.TYPE, PNDMScheduler.TYPE, EulerDiscreteScheduler.TYPE);

  /**
   * A model that knows the image: its prediction leads any scheduler that converges to that image.
   */
  private static Tensor loop(Scheduler s, Tensor image, int steps, boolean velocity) {
    s.setTimesteps(steps);
    Tensor x = random(IMAGES, 3).times(s.initNoiseSigma());
    for (double t : s.steps()) {
      Tensor in = s.scaleModelInput(x, t);
      double a = s.alphasCumprod().toDoubleArray()[(int) Math.round(t)];
      Tensor noise = in.minus(image.times(Math.sqrt(a))).divide(Math.sqrt(1 - a));
      Tensor v = noise.times(Math.sqrt(a)).minus(image.times(Math.sqrt(1 - a)));
      x = s.step(velocity ? v : noise, t, x).sample();
    }
    return x;
  }

  @Test
  void everyLoopEndsAtTheImageThatTheModelKnows() {
    Tensor image = Ops.clip(random(IMAGES, 1).times(0.4), -0.9, 0.9);
    for (Entry<? extends Scheduler> type : ALL) {
      for (boolean velocity : new boolean[] {false, true}) {
        Config c = Config.of("prediction_type", velocity ? "v_prediction" : "epsilon");
        if (type == PNDMScheduler.TYPE) {
          c = c.with("set_alpha_to_one", true).with("skip_prk_steps", velocity);
        }
        Tensor y = loop(type.create(c), image, 50, velocity);
        assertClose(y, image, 0.02);
      }
    }
  }

  @Test
  void noiseIsAddedInTheProportionsOfTheTable() {
    Scheduler s = new DDPMScheduler(Config.EMPTY);
    Tensor x = random(IMAGES, 1);
    Tensor n = random(IMAGES, 2);
    Tensor t = Tensor.of(new int[] {0, 999}, 2);
    double[] a = s.alphasCumprod().toDoubleArray();
    double[] y = s.addNoise(x, n, t).toDoubleArray();
    double[] v = s.velocity(x, n, t).toDoubleArray();
    for (int i = 0; i < y.length; i++) {
      double alpha = a[i < 16 ? 0 : 999];
      double xi = x.toDoubleArray()[i];
      double ni = n.toDoubleArray()[i];
      assertThat(y[i]).isCloseTo(Math.sqrt(alpha) * xi + Math.sqrt(1 - alpha) * ni, near());
      assertThat(v[i]).isCloseTo(Math.sqrt(alpha) * ni - Math.sqrt(1 - alpha) * xi, near());
    }
    assertThat(a[999]).isLessThan(1e-4);
  }

  private static org.assertj.core.data.Offset<Double> near() {
    return org.assertj.core.data.Offset.offset(1e-5);
  }

  @Test
  void etaBringsNoiseOfASeedAndOneIsTheVarianceOfDdpm() {
    DDIMScheduler ddim = new DDIMScheduler(Config.of("clip_sample", false));
    DDPMScheduler ddpm = new DDPMScheduler(Config.of("clip_sample", false));
    ddim.setTimesteps(10);
    ddpm.setTimesteps(10);
    Tensor x = random(IMAGES, 1);
    Tensor e = random(IMAGES, 2);
    double t = ddim.steps()[3];
    StepOptions noise = StepOptions.NONE.withNoise(random(IMAGES, 4));
    assertClose(
        ddim.step(e, t, x, noise.withEta(1)).sample(), ddpm.step(e, t, x, noise).sample(), 1e-5);
    Tensor a = ddim.step(e, t, x, seeded(5)).sample();
    assertClose(ddim.step(e, t, x, seeded(5)).sample(), a, 0);
    assertThat(ddim.step(e, t, x, seeded(6)).sample().toFloatArray())
        .isNotEqualTo(a.toFloatArray());
    Tensor plain = ddim.step(e, t, x).sample();
    assertThat(a.toFloatArray()).isNotEqualTo(plain.toFloatArray());
    assertClose(ddim.step(e, t, x, StepOptions.NONE.withUseClipped(true)).sample(), plain, 1e-4);
  }

  private static StepOptions seeded(long seed) {
    return StepOptions.NONE.withEta(0.5).withSeed(new SeedGenerator(seed));
  }

  @Test
  void churnRaisesTheNoiseAndStepsItDown() {
    EulerDiscreteScheduler s = new EulerDiscreteScheduler(Config.EMPTY);
    s.setTimesteps(5);
    Tensor x = random(IMAGES, 1);
    Tensor e = random(IMAGES, 2);
    double[] sigma = s.sigmas().toDoubleArray();
    Tensor noise = random(IMAGES, 3);
    StepOptions o =
        StepOptions.NONE.withNoise(noise).withChurn(1, 0, Double.POSITIVE_INFINITY, 0.5);
    double raised = sigma[0] * (1 + 1 / 5.0);
    Tensor expected =
        x.plus(noise.times(0.5 * Math.sqrt(raised * raised - sigma[0] * sigma[0])))
            .plus(e.times(sigma[1] - raised));
    assertClose(s.step(e, s.steps()[0], x, o).sample(), expected, 1e-4);
  }

  @Test
  void learnedVariancesLieBetweenTheFixedOnes() {
    Tensor x = random(IMAGES, 1);
    Tensor e = random(IMAGES, 2);
    StepOptions noise = StepOptions.NONE.withNoise(random(IMAGES, 3));
    String[] kinds = {"learned_range", "fixed_small", "learned_range", "fixed_large"};
    Tensor[] out = new Tensor[4];
    for (int i = 0; i < 4; i++) {
      DDPMScheduler s = new DDPMScheduler(Config.of("variance_type", kinds[i]));
      s.setTimesteps(10);
      Tensor share = Ops.full(IMAGES, i < 2 ? -1 : 1, DType.FLOAT32);
      boolean learned = i % 2 == 0;
      Tensor given = learned ? Ops.concatenate(List.of(e, share), 1) : e;
      double t = s.steps()[4];
      out[i] = s.step(given, t, x, noise).sample();
      if (learned) {
        assertThatThrownBy(() -> s.step(e, t, x)).isInstanceOf(ShapeException.class);
      }
    }
    assertClose(out[0], out[1], 1e-5);
    assertClose(out[2], out[3], 1e-5);
  }

  @Test
  void filesOfOneSchedulerMakeAnother() {
    Config file =
        Config.of("_class_name", "PNDMScheduler", "beta_end", 0.012, "beta_start", 0.00085)
            .with("beta_schedule", "scaled_linear")
            .with("clip_sample", false)
            .with("set_alpha_to_one", false)
            .with("skip_prk_steps", true)
            .with("steps_offset", 1)
            .with("trained_betas", null);
    for (Entry<? extends Scheduler> type : ALL) {
      Scheduler s = type.create(file);
      assertThat(s.getConfig()).isEqualTo(type.create(s.getConfig()).getConfig());
      assertThat(Registry.standard().restore(s.serialized(), "scheduler"))
          .hasSameClassAs(s)
          .isNotSameAs(s);
      assertThatThrownBy(() -> type.create(Config.of("betastart", 1)))
          .isInstanceOf(ConfigException.class)
          .hasMessageContaining("betastart");
    }
  }

  @Test
  void stepsOfOnesOwnAndTablesOfOnesOwn() {
    DDPMScheduler s =
        new DDPMScheduler(
            Config.of("num_train_timesteps", 3, "trained_betas", List.of(0.1, 0.2, 0.5)));
    assertClose(s.alphasCumprod(), Tensor.of(new float[] {0.9f, 0.72f, 0.36f}, 3), 1e-6);
    assertThat(s.steps()).containsExactly(2, 1, 0);
    s.setTimesteps(2, 0);
    assertThat(s.timesteps().toLongArray()).containsExactly(2, 0);
    assertThatThrownBy(() -> s.setTimesteps(0, 2)).isInstanceOf(ConfigException.class);
    assertThatThrownBy(() -> s.step(random(IMAGES, 1), 1, random(IMAGES, 1)))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("1.0");
  }

  @Test
  void badArgumentsAndOrderAreRefused() {
    for (Config bad :
        List.of(
            Config.of("beta_schedule", "sine"),
            Config.of("num_train_timesteps", 0),
            Config.of("trained_betas", List.of(0.1)),
            Config.of("prediction_type", "noise"),
            Config.of("timestep_spacing", "even"))) {
      for (Entry<? extends Scheduler> type : ALL) {
        assertThatThrownBy(() -> type.create(bad)).isInstanceOf(ConfigException.class);
      }
    }
    Tensor x = random(IMAGES, 1);
    for (Entry<? extends Scheduler> type : ALL) {
      Scheduler s = type.create(Config.EMPTY);
      assertThatThrownBy(() -> s.setTimesteps(0)).isInstanceOf(ConfigException.class);
      assertThatThrownBy(() -> s.setTimesteps(1001)).isInstanceOf(ConfigException.class);
      assertThatThrownBy(() -> s.step(x, 7000, x)).isInstanceOf(RuntimeException.class);
    }
    assertThatThrownBy(() -> new DDIMScheduler(Config.EMPTY).step(x, 1, x))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("setTimesteps");
    Scheduler euler = new EulerDiscreteScheduler(Config.EMPTY);
    euler.setTimesteps(1);
    Tensor y = euler.step(x, euler.steps()[0], x).sample();
    assertThatThrownBy(() -> euler.step(y, 0, y)).isInstanceOf(IllegalStateException.class);
  }
}
