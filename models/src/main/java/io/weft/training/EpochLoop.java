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
    int first = trainer.firstEpoch(fit.initialEpoch);
    for (int epoch = first; epoch < fit.epochs && !trainer.isStopped(); epoch++) {
      trainer.resetMetrics();
      for (Callback c : callbacks) {
        c.onEpochBegin(epoch, fit.epochs, steps);
      }
      if (fit.stepsPerEpoch == null) {
        at = data.rows();
      }
      Logs logs = epoch(steps);
      if (held != null && fit.validates(epoch + 1)) {
        logs.putAll("val_", validate());
      }
      for (Callback c : callbacks) {
        c.onEpochEnd(epoch, logs);
      }
    }
  }

  private Logs validate() {
    callbacks.forEach(Callback::onTestBegin);
    int size = fit.validationBatchSize != null ? fit.validationBatchSize : fit.batchSize;
    Logs logs = trainer.evaluate(held, size, fit.validationSteps);
    callbacks.forEach(c -> c.onTestEnd(logs));
    return logs;
  }

  private Logs epoch(int steps) {
    Logs logs = new Logs();
    int group = trainer.stepsPerExecution();
    for (int step = 0; step < steps && !trainer.isStopped(); step += group) {
      int end = Math.min(step + group, steps);
      for (Callback c : callbacks) {
        c.onTrainBatchBegin(step);
      }
      Map<String, Tensor> results = Map.of();
      for (int i = step; i < end; i++) {
        results = trainer.trainStep(next());
      }
      logs = Logs.of(results);
      for (Callback c : callbacks) {
        c.onTrainBatchEnd(end - 1, logs);
      }
    }
    return logs;
  }

  private Batches.Batch next() {
    if (at >= data.rows()) {
      at = 0;
      order = random == null ? null : Batches.order(data.rows(), random);
    }
    int to = Math.min(at + fit.batchSize, data.rows());
    Batches.Batch batch = data.rows(at, to, order);
    at = to;
    return batch;
  }
}
