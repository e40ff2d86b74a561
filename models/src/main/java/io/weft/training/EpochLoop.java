package io.weft.training;

import io.weft.random.Seeds;
import io.weft.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** The epochs of one {@code fit}. */
final class EpochLoop {
  private final Trainer trainer;
  private final Batches data;
  private final Batches held;
  private final Fit fit;
  private final List<Callback> callbacks;
  private final SplittableRandom random;
  private int[] order;
  private int at;

  EpochLoop(Trainer trainer, Batches data, Batches held, Fit fit, List<Callback> callbacks) {
    this.trainer = trainer;
    this.data = data;
    this.held = held;
    this.fit = fit;
    this.callbacks = callbacks;
    this.random =
        fit.shuffle ? new SplittableRandom(fit.seed != null ? fit.seed : Seeds.next()) : null;
  }

  void run() {
    int whole = (data.rows() + fit.batchSize - 1) / fit.batchSize;
    int steps = fit.stepsPerEpoch != null ? fit.stepsPerEpoch : whole;
    at = data.rows();
    for (int epoch = fit.initialEpoch; epoch < fit.epochs && !trainer.isStopped(); epoch++) {
      trainer.resetMetrics();
      for (Callback c : callbacks) {
        c.onEpochBegin(epoch, fit.epochs, steps);
      }
      if (fit.stepsPerEpoch == null) {
        at = data.rows();
      }
      Logs logs = epoch(steps);
      if (held != null && (epoch + 1) % fit.validationFreq == 0 && !trainer.isStopped()) {
        int size = fit.validationBatchSize != null ? fit.validationBatchSize : fit.batchSize;
        logs.putAll("val_", trainer.evaluate(held, size));
      }
      for (Callback c : callbacks) {
        c.onEpochEnd(epoch, logs);
      }
    }
  }

  private Logs epoch(int steps) {
    Logs logs = new Logs();
    for (int step = 0; step < steps; step++) {
      if (at >= data.rows()) {
        at = 0;
        order = random == null ? null : Batches.order(data.rows(), random);
      }
      for (Callback c : callbacks) {
        c.onTrainBatchBegin(step);
      }
      int to = Math.min(at + fit.batchSize, data.rows());
      Map<String, Tensor> results = trainer.trainStep(data.rows(at, to, order));
      at = to;
      logs = Logs.of(results);
      for (Callback c : callbacks) {
        c.onTrainBatchEnd(step, logs);
      }
      if (trainer.isStopped()) {
        break;
      }
    }
    return logs;
  }
}
