package io.weft.systems.diffusers;

import io.weft.config.Config;
import io.weft.config.Entry;
import io.weft.error.ConfigException;
import io.weft.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Pseudo numerical methods for diffusion models (Liu et al. 2022), formulas (9), (12) and (13): a
 * linear multi-step method, after a start by Runge and Kutta's method of four predictions a step
 * unless {@code skip_prk_steps}.
 */
public final class PNDMScheduler extends Scheduler {
  public static final Entry<PNDMScheduler> TYPE =
      new Entry<>(
          Scheduler.class,
          "diffusers",
          "PNDMScheduler",
          "diffusers>PNDMScheduler",
          PNDMScheduler::new);

  private static final int ORDER = 4;

  private final boolean skipStart;
  private final double lastAlpha;
  private final boolean velocity;
  private final String spacing;
  private final int offset;
  private int inferenceSteps;
  private double[] start = {};
  private int counter;
  private final List<Tensor> outputs = new ArrayList<>();
  private Tensor sum;
  private Tensor kept;

  /** Restores a scheduler from its config. */
  public PNDMScheduler(Config config) {
    super(TYPE, config);
    skipStart = args.bool("skip_prk_steps", false);
    lastAlpha = args.bool("set_alpha_to_one", false) ? 1 : schedule().alphasCumprod()[0];
    velocity = predictionType("epsilon", "v_prediction").equals("v_prediction");
    spacing = spacing("leading");
    offset = args.integer("steps_offset", 0);
    finish();
  }

  @Override
  public void setTimesteps(int n) {
    double[] down = spaced(n, spacing, offset, true);
    if (!skipStart && n < ORDER) {
      throw new ConfigException(
          label() + ": expected at least " + ORDER + " inference steps. Received: " + n);
    }
    List<Double> all = new ArrayList<>();
    if (skipStart) {
      start = new double[0];
      for (int i = 0; i < n; i++) {
        all.add(down[i]);
        if (i == 1) {
          all.add(down[i]); // the second step is corrected once
        }
      }
    } else {
      start = start(down, trainSteps() / n / 2);
      for (double t : start) {
        all.add(t);
      }
      for (int i = ORDER - 1; i < n; i++) {
        all.add(down[i]);
      }
    }
    setSteps(all.stream().mapToDouble(Double::doubleValue).toArray());
    inferenceSteps = n;
    counter = 0;
    outputs.clear();
    sum = null;
    kept = null;
  }

  /** The first steps, each with its half step: t, t−h, t−h, t−2h for each but the last. */
  private static double[] start(double[] down, int half) {
    List<Double> pairs = new ArrayList<>(); // ascending, as step and half step after it
    for (int i = ORDER - 1; i >= 0; i--) {
      pairs.add(down[i]);
      pairs.add(down[i] + half);
    }
    pairs.remove(pairs.size() - 1);
    List<Double> twice = new ArrayList<>();
    for (double p : pairs) {
      twice.add(p);
      twice.add(p);
    }
    double[] out = new double[twice.size() - 2];
    for (int i = 0; i < out.length; i++) {
      out[i] = twice.get(twice.size() - 2 - i);
    }
    return out;
  }

  @Override
  public SchedulerStep step(Tensor output, double t, Tensor sample, StepOptions options) {
    if (inferenceSteps == 0) {
      throw noSteps();
    }
    Tensor next = counter < start.length ? rungeKutta(output, t, sample) : multi(output, t, sample);
    counter++;
    return new SchedulerStep(next, null);
  }

  private Tensor rungeKutta(Tensor output, double t, Tensor sample) {
    int half = trainSteps() / inferenceSteps / 2;
    double before = counter % 2 == 0 ? t - half : t;
    double from = start[counter / ORDER * ORDER];
    Tensor used = output;
    switch (counter % ORDER) {
      case 0:
        sum = output.times(1 / 6.0);
        outputs.add(output);
        kept = sample;
        break;
      case 1:
      case 2:
        sum = sum.plus(output.times(1 / 3.0));
        break;
      default:
        used = sum.plus(output.times(1 / 6.0));
    }
    return previous(kept, from, before, used);
  }

  private Tensor multi(Tensor output, double t, Tensor sample) {
    int ratio = trainSteps() / inferenceSteps;
    double from = t;
    double to = t - ratio;
    Tensor base = sample;
    Tensor used = output;
    if (counter != 1) {
      while (outputs.size() > 3) {
        outputs.remove(0);
      }
      outputs.add(output);
    } else {
      to = t;
      from = t + ratio;
    }
    int n = outputs.size();
    if (n == 1 && counter == 0) {
      kept = sample;
    } else if (n == 1 && counter == 1) {
      used = output.plus(outputs.get(0)).divide(2);
      base = kept;
      kept = null;
    } else if (n == 2) {
      used = last(1).times(3).minus(last(2)).divide(2);
    } else if (n == 3) {
      used = last(1).times(23).minus(last(2).times(16)).plus(last(3).times(5)).divide(12);
    } else {
      used =
          last(1)
              .times(55)
              .minus(last(2).times(59))
              .plus(last(3).times(37))
              .minus(last(4).times(9))
              .divide(24);
    }
    return previous(base, from, to, used);
  }

  private Tensor last(int back) {
    return outputs.get(outputs.size() - back);
  }

  /** Formula (9). */
  private Tensor previous(Tensor sample, double from, double to, Tensor output) {
    double a = alpha(from, lastAlpha);
    double before = alpha(to, lastAlpha);
    Tensor noise =
        velocity ? output.times(Math.sqrt(a)).plus(sample.times(Math.sqrt(1 - a))) : output;
    double divisor = a * Math.sqrt(1 - before) + Math.sqrt(a * (1 - a) * before);
    return sample.times(Math.sqrt(before / a)).minus(noise.times((before - a) / divisor));
  }
}
