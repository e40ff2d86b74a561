package io.weft.training;

import java.util.function.BiFunction;

/** Sets the learning rate at the start of each epoch, and notes it among the figures. */
public final class LearningRateScheduler extends Callback {
  private final BiFunction<Integer, Double, Double> schedule;

  /** The rate of an epoch, counted from 0, from its number and the present rate. */
  public LearningRateScheduler(BiFunction<Integer, Double, Double> schedule) {
    this.schedule = schedule;
  }

  @Override
  public void onEpochBegin(int epoch, int epochs, int steps) {
    double now = trainer().optimizer().learningRate();
    trainer().optimizer().setLearningRate(schedule.apply(epoch, now));
  }

  @Override
  public void onEpochEnd(int epoch, Logs logs) {
    logs.put("learning_rate", trainer().optimizer().learningRate());
  }
}
