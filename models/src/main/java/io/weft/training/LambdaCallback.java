package io.weft.training;

import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** A callback made of functions: {@code new LambdaCallback().epochEnd((epoch, logs) -> …)}. */
public final class LambdaCallback extends Callback {
  private Runnable trainBegin = () -> {};
  private Runnable trainEnd = () -> {};
  private Consumer<Integer> epochBegin = e -> {};
  private BiConsumer<Integer, Logs> epochEnd = (e, l) -> {};
  private Consumer<Integer> batchBegin = b -> {};
  private BiConsumer<Integer, Logs> batchEnd = (b, l) -> {};

  public LambdaCallback() {}

  public LambdaCallback trainBegin(Runnable body) {
    trainBegin = body;
    return this;
  }

  public LambdaCallback trainEnd(Runnable body) {
    trainEnd = body;
    return this;
  }

  public LambdaCallback epochBegin(Consumer<Integer> body) {
    epochBegin = body;
    return this;
  }

  public LambdaCallback epochEnd(BiConsumer<Integer, Logs> body) {
    epochEnd = body;
    return this;
  }

  public LambdaCallback batchBegin(Consumer<Integer> body) {
    batchBegin = body;
    return this;
  }

  public LambdaCallback batchEnd(BiConsumer<Integer, Logs> body) {
    batchEnd = body;
    return this;
  }

  @Override
  public void onTrainBegin() {
    trainBegin.run();
  }

  @Override
  public void onTrainEnd() {
    trainEnd.run();
  }

  @Override
  public void onEpochBegin(int epoch, int epochs, int steps) {
    epochBegin.accept(epoch);
  }

  @Override
  public void onEpochEnd(int epoch, Logs logs) {
    epochEnd.accept(epoch, logs);
  }

  @Override
  public void onTrainBatchBegin(int batch) {
    batchBegin.accept(batch);
  }

  @Override
  public void onTrainBatchEnd(int batch, Logs logs) {
    batchEnd.accept(batch, logs);
  }
}
