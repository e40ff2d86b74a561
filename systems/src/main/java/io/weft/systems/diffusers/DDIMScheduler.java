package io.weft.systems.diffusers;

import io.weft.config.Config;
import io.weft.config.Entry;
import io.weft.tensor.Tensor;

/**
 * Denoising diffusion implicit models (Song et al. 2020), formulas (12) and (16): without noise of
 * their own unless {@code eta} is above 0.
 */
public final class DDIMScheduler extends Scheduler {
  public static final Entry<DDIMScheduler> TYPE =
      new Entry<>(
          Scheduler.class,
          "diffusers",
          "DDIMScheduler",
          "diffusers>DDIMScheduler",
          DDIMScheduler::new);

  private final double lastAlpha;
  private final int offset;
  private final Prediction prediction;
  private final String spacing;
  private int inferenceSteps;

  /** Restores a scheduler from its config. */
  public DDIMScheduler(Config config) {
    super(TYPE, config);
    prediction = new Prediction(args);
    boolean toOne = args.bool("set_alpha_to_one", true);
    offset = args.integer("steps_offset", 0);
    spacing = spacing("leading");
    if (args.bool("rescale_betas_zero_snr", false)) {
      setSchedule(schedule().withZeroTerminalRatio());
    }
    lastAlpha = toOne ? 1 : schedule().alphasCumprod()[0];
    finish();
  }

  @Override
  public void setTimesteps(int steps) {
    setSteps(spaced(steps, spacing, offset, true));
    inferenceSteps = steps;
  }

  @Override
  public SchedulerStep step(Tensor output, double t, Tensor sample, StepOptions options) {
    if (inferenceSteps == 0) {
      throw noSteps();
    }
    double alpha = alpha(t, lastAlpha);
    int ratio = trainSteps() / inferenceSteps;
    double before = alpha(t - ratio, lastAlpha);
    Tensor image = prediction.bounded(prediction.original(output, sample, alpha));
    Tensor noise =
        options.useClipped()
            ? Prediction.noiseOf(image, sample, alpha)
            : prediction.noise(output, sample, alpha);
    double variance = (1 - before) / (1 - alpha) * (1 - alpha / before);
    double deviation = options.eta() * Math.sqrt(variance);
    Tensor next =
        image
            .times(Math.sqrt(before))
            .plus(noise.times(Math.sqrt(1 - before - deviation * deviation)));
    if (options.eta() > 0) {
      next = next.plus(options.noise(sample.shape(), sample.dtype()).times(deviation));
    }
    return new SchedulerStep(next, image);
  }
}
