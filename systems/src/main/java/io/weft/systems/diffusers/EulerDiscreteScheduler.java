package io.weft.systems.diffusers;

import io.weft.config.Config;
import io.weft.config.Entry;
import io.weft.error.ConfigException;
import io.weft.error.UnsupportedFeatureException;
import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;
import java.util.Arrays;

/**
 * Euler's method on the ratios of noise to image, sigma (Karras et al. 2022, algorithm 2). The
 * model's input is divided by √(sigma² + 1): call {@link #scaleModelInput} before the model.
 */
public final class EulerDiscreteScheduler extends Scheduler {
  public static final Entry<EulerDiscreteScheduler> TYPE =
      new Entry<>(
          Scheduler.class,
          "diffusers",
          "EulerDiscreteScheduler",
          "diffusers>EulerDiscreteScheduler",
          EulerDiscreteScheduler::new);

  /** The exponent of Karras' spacing. */
  private static final double RHO = 7;

  private final String prediction;
  private final boolean logLinear;
  private final boolean karras;
  private final boolean exponential;
  private final Double sigmaMin;
  private final Double sigmaMax;
  private final String spacing;
  private final boolean continuous;
  private final int offset;
  private final boolean endsAtZero;
  private double[] sigmas;
  private int index = -1;

  /** Restores a scheduler from its config. */
  public EulerDiscreteScheduler(Config config) {
    super(TYPE, config);
    prediction = predictionType("epsilon", "sample", "original_sample", "v_prediction");
    logLinear =
        args.oneOf("interpolation_type", "linear", "linear", "log_linear").equals("log_linear");
    karras = flag("use_karras_sigmas");
    exponential = flag("use_exponential_sigmas");
    if (flag("use_beta_sigmas")) {
      throw new UnsupportedFeatureException(
          label() + ": use_beta_sigmas is not supported. Use use_karras_sigmas.");
    }
    sigmaMin = args.numberOrNull("sigma_min", null);
    sigmaMax = args.numberOrNull("sigma_max", null);
    spacing = spacing("linspace");
    boolean ofSigma =
        args.oneOf("timestep_type", "discrete", "discrete", "continuous").equals("continuous");
    continuous = ofSigma && prediction.equals("v_prediction");
    offset = args.integer("steps_offset", 0);
    if (args.bool("rescale_betas_zero_snr", false)) {
      // not quite nothing of the image, or the first sigma were infinite
      setSchedule(schedule().withZeroTerminalRatio().withLast(0x1p-24));
    }
    endsAtZero = args.oneOf("final_sigmas_type", "zero", "zero", "sigma_min").equals("zero");
    if (karras && exponential) {
      throw args.refuse("use_exponential_sigmas", "false where use_karras_sigmas is true");
    }
    finish();
    double[] all = schedule().sigmas();
    sigmas = new double[all.length + 1];
    for (int i = 0; i < all.length; i++) {
      sigmas[i] = all[all.length - 1 - i];
    }
    if (continuous) {
      setSteps(Arrays.stream(sigmas).limit(all.length).map(EulerDiscreteScheduler::time).toArray());
    }
  }

  private boolean flag(String key) {
    return args.any(key, false) != null && args.bool(key, false);
  }

  private static double time(double sigma) {
    return (float) (0.25 * Math.log(sigma));
  }

  /** The ratios of noise to image of the loop, one more than steps, in float32. */
  public Tensor sigmas() {
    return table(sigmas, DType.FLOAT32);
  }

  @Override
  public Tensor timesteps() {
    return table(steps(), DType.FLOAT32);
  }

  @Override
  public double initNoiseSigma() {
    double most = Arrays.stream(sigmas).max().orElse(1);
    return spacing.equals("leading") ? Math.sqrt(most * most + 1) : most;
  }

  @Override
  public void setTimesteps(int n) {
    double[] at = spaced(n, spacing, offset, false);
    double[] all = schedule().sigmas();
    boolean spacedAgain = karras || exponential;
    double[] chosen = new double[logLinear && !spacedAgain ? n + 1 : n];
    for (int i = 0; i < chosen.length; i++) {
      chosen[i] =
          logLinear
              ? exponential(all[all.length - 1], all[0], share(i, n + 1))
              : interpolated(all, at[i]);
    }
    if (spacedAgain) {
      double high = sigmaMax != null ? sigmaMax : logLinear ? all[all.length - 1] : chosen[0];
      double low = sigmaMin != null ? sigmaMin : logLinear ? all[0] : chosen[n - 1];
      for (int i = 0; i < n; i++) {
        chosen[i] = karras ? karras(high, low, share(i, n)) : exponential(high, low, share(i, n));
        at[i] = (float) stepOf(all, chosen[i]);
      }
    }
    sigmas = Arrays.copyOf(chosen, chosen.length + 1);
    sigmas[chosen.length] = endsAtZero ? 0 : all[0];
    Arrays.setAll(sigmas, i -> (float) sigmas[i]);
    if (continuous) {
      at = Arrays.stream(sigmas).limit(n).map(EulerDiscreteScheduler::time).toArray();
    }
    setSteps(at);
    index = -1;
  }

  private static double share(int i, int n) {
    return n == 1 ? 0 : i / (n - 1.0);
  }

  private static double karras(double high, double low, double share) {
    double a = Math.pow(high, 1 / RHO);
    double b = Math.pow(low, 1 / RHO);
    return Math.pow(a + share * (b - a), RHO);
  }

  private static double exponential(double high, double low, double share) {
    return Math.exp(Math.log(high) + share * (Math.log(low) - Math.log(high)));
  }

  /** A table's value between two steps. */
  private static double interpolated(double[] table, double at) {
    double x = Math.max(0, Math.min(at, table.length - 1.0));
    int i = (int) Math.min(Math.floor(x), table.length - 2.0);
    return i < 0 ? table[0] : table[i] + (x - i) * (table[i + 1] - table[i]);
  }

  /** The step, with its fraction, that has a sigma; between steps logarithms are interpolated. */
  private static double stepOf(double[] all, double sigma) {
    double log = Math.log(Math.max(sigma, 1e-10));
    int i = 0;
    while (i < all.length - 2 && Math.log(all[i + 1]) <= log) {
      i++;
    }
    double low = Math.log(all[i]);
    double high = Math.log(all[i + 1]);
    double share = Math.max(0, Math.min((low - log) / (low - high), 1));
    return i + share;
  }

  private int indexOf(double timestep) {
    double[] s = steps();
    int first = -1;
    for (int i = 0; i < s.length; i++) {
      // steps with fractions may come from elsewhere, rounded otherwise
      if (Math.abs(s[i] - timestep) <= 1e-4 * Math.max(1, Math.abs(timestep))) {
        if (first >= 0) {
          return i; // of several equal steps the second, so that a start amid them skips none
        }
        first = i;
      }
    }
    if (first < 0) {
      throw new ConfigException(
          label() + ": expected one of steps() as timestep. Received: " + timestep);
    }
    return first;
  }

  private double sigma(double timestep) {
    if (index < 0) {
      index = indexOf(timestep);
    }
    if (index >= sigmas.length - 1) {
      throw new IllegalStateException(
          label() + ": all steps are done. Call setTimesteps to begin again.");
    }
    return sigmas[index];
  }

  @Override
  public Tensor scaleModelInput(Tensor sample, double timestep) {
    double sigma = sigma(timestep);
    return sample.divide(Math.sqrt(sigma * sigma + 1));
  }

  @Override
  public SchedulerStep step(Tensor output, double t, Tensor sample, StepOptions options) {
    double sigma = sigma(t);
    boolean churns = sigma >= options.churnFrom() && sigma <= options.churnTo();
    double gamma = churns ? Math.min(options.churn() / (sigmas.length - 1), Math.sqrt(2) - 1) : 0;
    double raised = sigma * (gamma + 1);
    Tensor x = sample;
    if (gamma > 0) {
      Tensor noise = options.noise(sample.shape(), sample.dtype()).times(options.churnNoise());
      x = x.plus(noise.times(Math.sqrt(raised * raised - sigma * sigma)));
    }
    Tensor image = original(output, x, sigma, raised);
    Tensor slope = x.minus(image).divide(raised);
    Tensor next = x.plus(slope.times(sigmas[index + 1] - raised));
    index++;
    return new SchedulerStep(next, image);
  }

  private Tensor original(Tensor output, Tensor x, double sigma, double raised) {
    switch (prediction) {
      case "epsilon":
        return x.minus(output.times(raised));
      case "v_prediction":
        double s = sigma * sigma + 1;
        return x.divide(s).minus(output.times(sigma / Math.sqrt(s)));
      default:
        return output;
    }
  }

  /** Images with the noise of steps of this loop: {@code x + sigma · noise}. */
  @Override
  public Tensor addNoise(Tensor images, Tensor noise, Tensor timesteps) {
    double[] t = timesteps.toDoubleArray();
    double[] s = new double[t.length];
    for (int i = 0; i < t.length; i++) {
      s[i] = sigmas[indexOf(t[i])];
    }
    return images.plus(noise.times(rows(table(s, images.dtype()), images)));
  }

  /** The velocity at steps of this loop. */
  @Override
  public Tensor velocity(Tensor images, Tensor noise, Tensor timesteps) {
    double[] t = timesteps.toDoubleArray();
    double[] a = new double[t.length];
    for (int i = 0; i < t.length; i++) {
      double sigma = sigmas[indexOf(t[i])];
      a[i] = 1 / (sigma * sigma + 1);
    }
    Tensor alpha = rows(table(a, images.dtype()), images);
    return Ops.sqrt(alpha).times(noise).minus(Ops.sqrt(Ops.oneMinus(alpha)).times(images));
  }
}
