package io.weft.cli;

import io.weft.config.Config;
import io.weft.config.Registry;
import io.weft.models.Model;
import io.weft.models.Models;
import io.weft.optimizers.Optimizer;
import io.weft.serialization.json.JsonCodec;
import io.weft.serialization.npz.Npz;
import io.weft.tensor.HostArray;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;
import io.weft.training.Compile;
import io.weft.training.Fit;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * One workload of the benchmark: a model, its data, and what must come out before anything is
 * timed.
 */
final class Workload {
  private final Path file;
  private final Config json;
  private final List<Tensor> inputs = new ArrayList<>();
  private final List<Tensor> targets = new ArrayList<>();
  private final List<HostArray> expected = new ArrayList<>();
  private final boolean summed;
  private Model model;

  /**
   * @param summed whether look-ups of one embedding row are taken together, see {@link
   *     Compile#summedSlices}
   */
  Workload(Path file, Path data, int batch, boolean summed) {
    this.summed = summed;
    this.file = file;
    model = Models.load(file); // first, so that kernels get ready meanwhile
    try (Npz npz = Npz.open(data)) {
      json = JsonCodec.read(data.toString(), npz.bytes("case.json"));
      collect(npz, "in/", batch, inputs);
      collect(npz, "y/", batch, targets);
      for (int i = 0; npz.has("out/" + i); i++) {
        expected.add(rows(npz.array("out/" + i), batch).toHostArray());
      }
    }
  }

  private static void collect(Npz npz, String prefix, int batch, List<Tensor> out) {
    for (int i = 0; npz.has(prefix + i); i++) {
      out.add(rows(npz.array(prefix + i), batch));
    }
  }

  private static Tensor rows(HostArray a, int batch) {
    int all = a.shape().dim(0);
    if (batch > all) {
      throw new UsageException("--batch: the data has " + all + " rows only");
    }
    HostArray r = HostArray.zeros(a.dtype(), a.shape().withDim(0, batch));
    System.arraycopy(a.data(), 0, r.data(), 0, r.size());
    return Tensor.ofTrusted(r);
  }

  /** One prediction from arrays to arrays. */
  List<HostArray> predict() {
    List<HostArray> out = new ArrayList<>();
    for (Tensor t : model.trainer().predictOnBatch(inputs)) {
      out.add(t.toHostArray());
    }
    return out;
  }

  /** The largest difference from what is expected. */
  double predictionError() {
    List<HostArray> out = predict();
    double worst = 0;
    for (int k = 0; k < expected.size(); k++) {
      HostArray e = expected.get(k);
      HostArray a = out.get(k);
      for (int i = 0; i < e.size(); i++) {
        double d = Math.abs(a.doubleAt(i) - e.doubleAt(i));
        worst = d <= worst ? worst : Double.isNaN(d) ? Double.POSITIVE_INFINITY : d;
      }
    }
    return worst;
  }

  double tolerance() {
    return ((Number) json.get("atol")).doubleValue();
  }

  /** Compiles with the loss and optimizer of the workload. */
  void compile() {
    if (targets.isEmpty()) {
      throw new UsageException("this workload is not trained");
    }
    Registry registry = Registry.standard();
    Object optimizer = registry.restore(json.get("optimizer"), "optimizer");
    if (optimizer instanceof String name) {
      optimizer = registry.named(Optimizer.class, name);
    }
    if (!(optimizer instanceof Optimizer o)) {
      throw new UsageException("--data: expected an optimizer. Received: " + optimizer);
    }
    Object loss = registry.restore(json.get("loss"), "loss");
    model.compile(Compile.with(o).loss(loss).summedSlices(summed));
  }

  /** One training step; the loss before it. */
  double train() {
    List<Tensor> none = Collections.nCopies(targets.size(), null);
    return model.trainer().trainOnBatch(inputs, targets, none).get("loss");
  }

  /** One epoch of {@code fit} over the rows, repeated so often. */
  void fit(int steps) {
    int rows = inputs.get(0).dim(0);
    Fit fit = Fit.epochs(1).batchSize(rows).verbose(false);
    model.fit(repeated(inputs, steps), repeated(targets, steps), fit);
  }

  private static List<Tensor> repeated(List<Tensor> each, int times) {
    List<Tensor> out = new ArrayList<>();
    for (Tensor t : each) {
      out.add(Ops.concatenate(Collections.nCopies(times, t), 0));
    }
    return out;
  }

  /** The largest difference of the first losses from the recorded ones, and its bound. */
  double[] trainingError(int batch) {
    int steps = ((Number) json.get("steps")).intValue();
    double[] got = new double[steps];
    for (int i = 0; i < steps; i++) {
      got[i] = train();
    }
    Config courses = (Config) json.get(course());
    List<?> want = (List<?>) courses.get("" + batch);
    if (want == null) {
      throw new UsageException("--batch: losses are recorded for " + courses.keys() + " rows");
    }
    double worst = 0;
    for (int i = 0; i < steps; i++) {
      double d = Math.abs(got[i] - ((Number) want.get(i)).doubleValue());
      worst = d <= worst ? worst : Double.isNaN(d) ? Double.POSITIVE_INFINITY : d;
    }
    double first = Math.abs(((Number) want.get(0)).doubleValue());
    model = Models.load(file);
    compile();
    return new double[] {worst, ((Number) json.get("loss_rtol")).doubleValue() * first};
  }

  /** The recorded losses: with embeddings there are two courses. */
  private String course() {
    return summed && json.has("losses_dense") ? "losses_dense" : "losses";
  }
}
