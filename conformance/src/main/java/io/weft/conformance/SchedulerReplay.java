package io.weft.conformance;

import io.weft.config.Config;
import io.weft.config.Entry;
import io.weft.systems.diffusers.EulerDiscreteScheduler;
import io.weft.systems.diffusers.Scheduler;
import io.weft.systems.diffusers.StepOptions;
import io.weft.tensor.Index;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Schedulers of diffusion: their tables, their steps, and a whole loop with given predictions. */
final class SchedulerReplay {
  private SchedulerReplay() {}

  static void replay(CaseFile c, Comparison compare, Entry<?> entry) {
    Scheduler s = (Scheduler) entry.create((Config) c.get("init"));
    Map<String, Object> tables = Comparison.map(c.value("tables"));
    compare.outputs("betas", s.betas(), tables.get("betas"));
    compare.outputs("alphas_cumprod", s.alphasCumprod(), tables.get("alphas_cumprod"));
    s.setTimesteps((int) c.number("steps", 0));
    compare.outputs("timesteps", s.timesteps(), c.value("timesteps"));
    if (c.has("sigmas") && s instanceof EulerDiscreteScheduler euler) {
      compare.outputs(
          "sigmas", euler.sigmas(), Ops.cast(c.tensor("sigmas"), euler.sigmas().dtype()));
    }
    if (c.has("init_noise_sigma")) {
      compare.outputs("init_noise_sigma", s.initNoiseSigma(), c.get("init_noise_sigma"));
    }
    loop(c, compare, s);
    if (c.value("add_noise") instanceof Map<?, ?> a) {
      Tensor t = (Tensor) a.get("timesteps");
      Tensor noisy = s.addNoise((Tensor) a.get("x0"), (Tensor) a.get("noise"), t);
      compare.outputs("add_noise", noisy, a.get("result"));
    }
    Config own = s.getConfig().pure();
    Scheduler again = (Scheduler) entry.create(own);
    compare.configs("config (second)", again.getConfig().pure(), own, true);
  }

  private static void loop(CaseFile c, Comparison compare, Scheduler s) {
    Map<String, Object> in = Comparison.map(c.value("inputs"));
    Tensor x = ((Tensor) in.get("sample")).times(s.initNoiseSigma());
    List<Tensor> samples = new ArrayList<>();
    List<Tensor> scaled = new ArrayList<>();
    double[] steps = s.steps();
    for (int i = 0; i < steps.length; i++) {
      scaled.add(s.scaleModelInput(x, steps[i]));
      StepOptions options = StepOptions.NONE;
      if (in.get("noise") instanceof Tensor noise) {
        options = options.withNoise(noise.get(Index.at(i)));
      }
      Tensor output = ((Tensor) in.get("model_output")).get(Index.at(i));
      x = s.step(output, steps[i], x, options).sample();
      samples.add(x);
    }
    Map<String, Object> out = Comparison.map(c.value("outputs"));
    compare.outputs("sample", Ops.stack(samples, 0), out.get("sample"));
    compare.outputs("scaled_input", Ops.stack(scaled, 0), out.get("scaled_input"));
  }
}
