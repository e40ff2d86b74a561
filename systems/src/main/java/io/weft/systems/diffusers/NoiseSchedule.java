package io.weft.systems.diffusers;

import io.weft.config.Args;
import java.util.List;
import java.util.function.DoubleUnaryOperator;

/**
 * How much noise each step of training adds: betas and the products of 1 − beta, rounded to float32
 * where the original rounds, so that its tables come out.
 *
 * @param betas the variance that each step adds
 * @param alphasCumprod what is left of the image's variance after each step
 */
record NoiseSchedule(double[] betas, double[] alphasCumprod) {
  private static final double MAX_BETA = 0.999;

  /** Reads num_train_timesteps, beta_start, beta_end, beta_schedule and trained_betas. */
  static NoiseSchedule of(Args args) {
    int n = args.positiveInt("num_train_timesteps", 1000);
    double start = args.number("beta_start", 0.0001);
    double end = args.number("beta_end", 0.02);
    String kind =
        args.oneOf(
            "beta_schedule",
            "linear",
            "linear",
            "scaled_linear",
            "squaredcos_cap_v2",
            "laplace",
            "sigmoid");
    if (args.any("trained_betas", null) instanceof List<?> l) {
      if (l.size() != n || !l.stream().allMatch(Number.class::isInstance)) {
        throw args.refuse("trained_betas", "null or num_train_timesteps=" + n + " numbers");
      }
      return of(l.stream().mapToDouble(o -> (float) ((Number) o).doubleValue()).toArray());
    }
    switch (kind) {
      case "linear":
        return of(linspace(start, end, n));
      case "scaled_linear":
        return of(map(linspace(Math.sqrt(start), Math.sqrt(end), n), b -> (float) (b * b)));
      case "squaredcos_cap_v2":
        return of(ofAlphaBar(n, t -> Math.pow(Math.cos((t + 0.008) / 1.008 * Math.PI / 2), 2)));
      case "laplace":
        return of(ofAlphaBar(n, NoiseSchedule::laplace));
      default:
        return of(
            map(linspace(-6, 6, n), b -> (float) ((end - start) / (1 + Math.exp(-b)) + start)));
    }
  }

  private static double laplace(double t) {
    double lambda = -0.5 * Math.copySign(1, 0.5 - t) * Math.log(1 - 2 * Math.abs(0.5 - t) + 1e-6);
    double ratio = Math.exp(lambda);
    return Math.sqrt(ratio / (1 + ratio));
  }

  private static double[] ofAlphaBar(int n, DoubleUnaryOperator bar) {
    double[] betas = new double[n];
    for (int i = 0; i < n; i++) {
      double now = bar.applyAsDouble(i / (double) n);
      double next = bar.applyAsDouble((i + 1) / (double) n);
      betas[i] = (float) Math.min(1 - next / now, MAX_BETA);
    }
    return betas;
  }

  private static NoiseSchedule of(double[] betas) {
    double[] products = new double[betas.length];
    double product = 1;
    for (int i = 0; i < betas.length; i++) {
      product *= (float) (1 - betas[i]);
      products[i] = (float) product;
    }
    return new NoiseSchedule(betas, products);
  }

  /**
   * The same schedule with nothing left of the image at the last step (Lin et al. 2024). Each step
   * is rounded to float32 as in the original: the last values are differences of nearly equal ones.
   */
  NoiseSchedule withZeroTerminalRatio() {
    int n = alphasCumprod.length;
    float first = (float) Math.sqrt(alphasCumprod[0]);
    float last = (float) Math.sqrt(alphasCumprod[n - 1]);
    float factor = first / (first - last);
    double[] rescaled = new double[n];
    float before = 1;
    for (int i = 0; i < n; i++) {
      float root = ((float) Math.sqrt(alphasCumprod[i]) - last) * factor;
      float bar = root * root;
      rescaled[i] = 1 - bar / before;
      before = bar;
    }
    return of(rescaled);
  }

  /** The same schedule with another value after the last step. */
  NoiseSchedule withLast(double alphaCumprod) {
    double[] changed = alphasCumprod.clone();
    changed[changed.length - 1] = alphaCumprod;
    return new NoiseSchedule(betas, changed);
  }

  /** The ratio of noise to image after a step. */
  double[] sigmas() {
    return map(alphasCumprod, a -> (float) Math.sqrt((1 - (float) a) / (float) a));
  }

  static double[] linspace(double from, double to, int n) {
    double[] out = new double[n];
    for (int i = 0; i < n; i++) {
      out[i] = (float) (n == 1 ? from : from + (to - from) * i / (n - 1));
    }
    return out;
  }

  private static double[] map(double[] x, DoubleUnaryOperator f) {
    return java.util.Arrays.stream(x).map(f).toArray();
  }
}
