package io.weft.layers.rnn;

import io.weft.layer.Layer;

/**
 * Optional arguments that all cells and their layers share.
 *
 * @param <L> the cell or layer
 * @param <B> the builder itself
 */
public abstract class CellBuilder<L extends Layer, B extends CellBuilder<L, B>>
    extends Layer.Builder<L, B> {
  /** A builder without arguments. */
  protected CellBuilder() {}

  /** A builder for a state of {@code units} features. */
  protected CellBuilder(int units) {
    set("units", units);
  }

  /** The function on the new state, by name or object; default tanh. */
  public final B activation(Object activation) {
    return set("activation", activation);
  }

  /** Whether there is a bias; default true. */
  public final B useBias(boolean useBias) {
    return set("use_bias", useBias);
  }

  /** How the kernel starts, by name or object; default glorot_uniform. */
  public final B kernelInitializer(Object initializer) {
    return set("kernel_initializer", initializer);
  }

  /** How the recurrent kernel starts; default orthogonal. */
  public final B recurrentInitializer(Object initializer) {
    return set("recurrent_initializer", initializer);
  }

  /** How the bias starts; default zeros. */
  public final B biasInitializer(Object initializer) {
    return set("bias_initializer", initializer);
  }

  /** The loss on the kernel; default none. */
  public final B kernelRegularizer(Object regularizer) {
    return set("kernel_regularizer", regularizer);
  }

  /** The loss on the recurrent kernel; default none. */
  public final B recurrentRegularizer(Object regularizer) {
    return set("recurrent_regularizer", regularizer);
  }

  /** The loss on the bias; default none. */
  public final B biasRegularizer(Object regularizer) {
    return set("bias_regularizer", regularizer);
  }

  /** What training keeps the kernel to; default none. */
  public final B kernelConstraint(Object constraint) {
    return set("kernel_constraint", constraint);
  }

  /** What training keeps the recurrent kernel to; default none. */
  public final B recurrentConstraint(Object constraint) {
    return set("recurrent_constraint", constraint);
  }

  /** What training keeps the bias to; default none. */
  public final B biasConstraint(Object constraint) {
    return set("bias_constraint", constraint);
  }

  /** Share of the input's features dropped in training; default 0. */
  public final B dropout(double rate) {
    return set("dropout", rate);
  }

  /** Share of the state's features dropped in training; default 0. */
  public final B recurrentDropout(double rate) {
    return set("recurrent_dropout", rate);
  }

  /** The seed of dropout; default a fresh one. */
  public final B seed(int seed) {
    return set("seed", seed);
  }
}
