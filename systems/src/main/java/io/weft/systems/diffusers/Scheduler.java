package io.weft.systems.diffusers;

import io.weft.config.Args;
import io.weft.config.Config;
import io.weft.config.Configurable;
import io.weft.config.Entry;
import io.weft.error.ConfigException;
import io.weft.tensor.DType;
import io.weft.tensor.HostArray;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.Arrays;
import java.util.Set;

/**
 * Turns predictions of noise into images, step by step, and images into noisy ones for training;
 * after diffusers' schedulers, with their arguments, which {@code scheduler_config.json} files
 * hold.
 *
 * <pre>{@code
 * scheduler.setTimesteps(20);
 * for (double t : scheduler.steps()) {
 *   Tensor predicted = unet.apply(scheduler.scaleModelInput(x, t), time(t), context);
 *   x = scheduler.step(predicted, t, x).sample();
 * }
 * }</pre>
 *
 * <p>A scheduler keeps the state of one loop: for one thread, from {@link #setTimesteps} on.
 */
public abstract class Scheduler implements Configurable {
  private static final Set<String> OF_SOME =
      Set.of(
          "variance_type",
          "clip_sample",
          "prediction_type",
          "thresholding",
          "dynamic_thresholding_ratio",
          "clip_sample_range",
          "sample_max_value",
          "timestep_spacing",
          "steps_offset",
          "rescale_betas_zero_snr",
          "set_alpha_to_one",
          "skip_prk_steps",
          "interpolation_type",
          "use_karras_sigmas",
          "use_exponential_sigmas",
          "use_beta_sigmas",
          "sigma_min",
          "sigma_max",
          "timestep_type",
          "final_sigmas_type");

  /** The reader of the arguments. */
  final Args args;

  private final Entry<?> type;
  private NoiseSchedule schedule;
  private double[] steps;

  Scheduler(Entry<?> type, Config config) {
    this.type = type;
    // notes of the library that wrote the file, such as _class_name
    String[] notes = config.keys().stream().filter(k -> k.startsWith("_")).toArray(String[]::new);
    this.args = new Args(type.className(), config.without(notes));
    this.schedule = NoiseSchedule.of(args);
    this.steps = new double[trainSteps()];
    Arrays.setAll(steps, i -> trainSteps() - 1.0 - i);
  }

  // ---------------------------------------------------------------- tables

  final void setSchedule(NoiseSchedule changed) {
    schedule = changed;
  }

  final NoiseSchedule schedule() {
    return schedule;
  }

  /** The number of steps of training. */
  public final int trainSteps() {
    return schedule.betas().length;
  }

  /** The variance that each step of training adds, in float32. */
  public final Tensor betas() {
    return table(schedule.betas(), DType.FLOAT32);
  }

  /** What is left of the image's variance after each step of training, in float32. */
  public final Tensor alphasCumprod() {
    return table(schedule.alphasCumprod(), DType.FLOAT32);
  }

  static Tensor table(double[] values, DType dtype) {
    HostArray a = HostArray.zeros(dtype, Shape.of(values.length));
    for (int i = 0; i < values.length; i++) {
      a.set(i, values[i]);
    }
    return Tensor.ofTrusted(a);
  }

  /** What is left of the image after a step, or before all steps. */
  final double alpha(double timestep, double beforeAll) {
    if (timestep < 0) {
      return beforeAll;
    }
    if (timestep >= trainSteps() || timestep != Math.rint(timestep)) {
      throw new ConfigException(
          label()
              + ": expected a timestep from 0 to "
              + (trainSteps() - 1)
              + ". Received: "
              + timestep
              + ". Pass one of steps().");
    }
    return schedule.alphasCumprod()[(int) timestep];
  }

  // ---------------------------------------------------------------- the loop

  /** Chooses the steps of a loop and begins it. */
  public abstract void setTimesteps(int inferenceSteps);

  final void setSteps(double[] chosen) {
    steps = chosen;
  }

  /** The steps of the loop, the noisiest first; before {@link #setTimesteps} all of training. */
  public final double[] steps() {
    return steps.clone();
  }

  /** {@link #steps} as the tensor that the original has: int64, or float32 where they are not. */
  public Tensor timesteps() {
    return table(steps, DType.INT64);
  }

  /** The standard deviation of the noise that a loop begins with. */
  public double initNoiseSigma() {
    return 1;
  }

  /** The sample as the model wants it at a step. */
  public Tensor scaleModelInput(Tensor sample, double timestep) {
    return sample;
  }

  /** One step from a sample to a less noisy one, with default options. */
  public final SchedulerStep step(Tensor modelOutput, double timestep, Tensor sample) {
    return step(modelOutput, timestep, sample, StepOptions.NONE);
  }

  /**
   * One step from a sample to a less noisy one.
   *
   * @param modelOutput what the model predicts for the sample, of its shape
   * @param timestep the step, one of {@link #steps}
   * @param sample the noisy sample
   */
  public abstract SchedulerStep step(
      Tensor modelOutput, double timestep, Tensor sample, StepOptions options);

  final IllegalStateException noSteps() {
    return new IllegalStateException(label() + ": call setTimesteps before the first step.");
  }

  // ---------------------------------------------------------------- training

  /**
   * Images with the noise of given steps: {@code √ᾱ · x + √(1 − ᾱ) · noise}.
   *
   * @param images (batch, …)
   * @param noise of the same shape
   * @param timesteps (batch), integers
   */
  public Tensor addNoise(Tensor images, Tensor noise, Tensor timesteps) {
    Tensor a = perSample(timesteps, images);
    return Ops.sqrt(a).times(images).plus(Ops.sqrt(Ops.oneMinus(a)).times(noise));
  }

  /** What a model with prediction type v_prediction learns: {@code √ᾱ · noise − √(1 − ᾱ) · x}. */
  public Tensor velocity(Tensor images, Tensor noise, Tensor timesteps) {
    Tensor a = perSample(timesteps, images);
    return Ops.sqrt(a).times(noise).minus(Ops.sqrt(Ops.oneMinus(a)).times(images));
  }

  private Tensor perSample(Tensor timesteps, Tensor like) {
    Tensor a = Ops.cast(Ops.take(alphasCumprod(), timesteps, 0), like.dtype());
    return rows(a, like);
  }

  /** A number per sample in the shape (batch, 1, …). */
  static Tensor rows(Tensor perSample, Tensor like) {
    int[] shape = new int[like.rank()];
    Arrays.fill(shape, 1);
    shape[0] = perSample.dim(0);
    return Ops.reshape(perSample, shape);
  }

  // ---------------------------------------------------------------- arguments

  /** Refuses unknown arguments, but not those of another scheduler, which shared files hold. */
  final void finish() {
    for (String key : OF_SOME) {
      if (args.has(key) && !args.declared().containsKey(key)) {
        args.any(key, null);
        args.forget(key);
      }
    }
    args.finish();
  }

  /** Reads prediction_type. */
  final String predictionType(String... known) {
    return args.oneOf("prediction_type", "epsilon", known);
  }

  /** The steps of an inference in one of the three ways of the original's timestep_spacing. */
  final double[] spaced(int n, String spacing, int offset, boolean whole) {
    int train = trainSteps();
    if (n <= 0 || n > train) {
      throw new ConfigException(
          label() + ": expected 1 to " + train + " inference steps. Received: " + n);
    }
    double[] out = new double[n];
    int ratio = train / n;
    for (int i = 0; i < n; i++) {
      switch (spacing) {
        case "linspace":
          double at = n == 1 ? 0 : (train - 1.0) * (n - 1 - i) / (n - 1);
          out[i] = whole ? Math.rint(at) : (float) at;
          break;
        case "leading":
          out[i] = (n - 1.0 - i) * ratio + offset;
          break;
        default:
          out[i] = Math.rint(train - i * (train / (double) n)) - 1;
      }
    }
    return out;
  }

  final String spacing(String fallback) {
    return args.oneOf("timestep_spacing", fallback, "linspace", "leading", "trailing");
  }

  final String label() {
    return type.className();
  }

  @Override
  public final Config getConfig() {
    return args.noted();
  }

  @Override
  public final Object serialized() {
    return type.envelope(getConfig());
  }
}
