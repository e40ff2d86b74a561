package io.weft.systems.diffusers;

import io.weft.config.Config;
import io.weft.config.Entry;
import io.weft.error.ConfigException;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;
import java.util.List;

/**
 * Denoising diffusion probabilistic models (Ho et al. 2020), formulas (6) and (7): each step but
 * the last adds noise again.
 */
public final class DDPMScheduler extends Scheduler {
  public static final Entry<DDPMScheduler> TYPE =
      new Entry<>(
          Scheduler.class,
          "diffusers",
          "DDPMScheduler",
          "diffusers>DDPMScheduler",
          DDPMScheduler::new);

  private static final double LEAST_VARIANCE = 1e-20;

  private final String varianceType;
  private final Prediction prediction;
  private final String spacing;
  private final int offset;

  /** Restores a scheduler from its config. */
  public DDPMScheduler(Config config) {
    super(TYPE, config);
    varianceType =
        args.oneOf(
            "variance_type",
            "fixed_small",
            "fixed_small",
            "fixed_small_log",
            "fixed_large",
            "fixed_large_log",
            "learned",
            "learned_range");
    prediction = new Prediction(args);
    spacing = spacing("leading");
    offset = args.integer("steps_offset", 0);
    if (args.bool("rescale_betas_zero_snr", false)) {
      setSchedule(schedule().withZeroTerminalRatio());
    }
    finish();
  }

  @Override
  public void setTimesteps(int steps) {
    setSteps(spaced(steps, spacing, offset, true));
  }

  /** Chooses steps of one's own, in descending order. */
  public void setTimesteps(int... chosen) {
    double[] s = new double[chosen.length];
    for (int i = 0; i < s.length; i++) {
      if (chosen[i] < 0 || chosen[i] >= (i == 0 ? trainSteps() : chosen[i - 1])) {
        throw new ConfigException(
            label()
                + ": expected timesteps below "
                + trainSteps()
                + " in descending order. Received: "
                + java.util.Arrays.toString(chosen));
      }
      s[i] = chosen[i];
    }
    setSteps(s);
  }

  private double previous(double t) {
    double[] s = steps();
    for (int i = 0; i < s.length; i++) {
      if (s[i] == t) {
        return i == s.length - 1 ? -1 : s[i + 1];
      }
    }
    throw new ConfigException(label() + ": expected one of steps() as timestep. Received: " + t);
  }

  @Override
  public SchedulerStep step(Tensor given, double t, Tensor sample, StepOptions options) {
    double alpha = alpha(t, 1);
    double before = alpha(previous(t), 1);
    boolean learned = varianceType.startsWith("learned");
    Tensor output = given;
    Tensor predicted = null;
    if (learned) {
      if (given.rank() < 2 || given.dim(1) != 2 * sample.dim(1)) {
        throw new io.weft.error.ShapeException(
            label()
                + ": expected for variance_type='"
                + varianceType
                + "' twice the sample's channels, noise and variance. Received: "
                + given.shape()
                + " for a sample "
                + sample.shape());
      }
      List<Tensor> two = Ops.split(given, 2, 1);
      output = two.get(0);
      predicted = two.get(1);
    }
    double current = alpha / before;
    Tensor image = prediction.bounded(prediction.original(output, sample, alpha));
    Tensor next =
        image
            .times(Math.sqrt(before) * (1 - current) / (1 - alpha))
            .plus(sample.times(Math.sqrt(current) * (1 - before) / (1 - alpha)));
    if (t > 0) {
      Tensor noise = options.noise(sample.shape(), sample.dtype());
      double variance = Math.max((1 - before) / (1 - alpha) * (1 - current), LEAST_VARIANCE);
      next = next.plus(scaled(noise, variance, 1 - current, predicted));
    }
    return new SchedulerStep(next, image);
  }

  private Tensor scaled(Tensor noise, double small, double large, Tensor predicted) {
    switch (varianceType) {
      case "fixed_small":
      case "fixed_small_log":
        return noise.times(Math.sqrt(small));
      case "fixed_large":
        return noise.times(Math.sqrt(large));
      case "fixed_large_log":
        // the original takes the root of the logarithm, which is not a number below 1
        return noise.times(Math.sqrt(large));
      case "learned":
        return Ops.sqrt(predicted).times(noise);
      default:
        Tensor share = predicted.plus(1).divide(2);
        Tensor log = share.times(Math.log(large)).plus(Ops.oneMinus(share).times(Math.log(small)));
        return Ops.exp(log.times(0.5)).times(noise);
    }
  }
}
