package io.weft.layer;

/**
 * Optional arguments of layers that have a kernel, a bias and an activation.
 *
 * @param <L> the layer
 * @param <B> the builder itself
 */
public abstract class WeightedBuilder<L extends Layer, B extends WeightedBuilder<L, B>>
    extends Layer.Builder<L, B> {
  private final String kernel;

  /** For classes whose arguments begin with {@code kernel_}. */
  protected WeightedBuilder() {
    this("kernel");
  }

  /** For classes whose arguments on the kernel begin with another word. */
  protected WeightedBuilder(String kernel) {
    this.kernel = kernel;
  }

  /** What is applied to the result, by name; default {@code linear}. */
  public final B activation(String name) {
    return set("activation", name);
  }

  /** What is applied to the result. */
  public final B activation(Activation activation) {
    return set("activation", activation);
  }

  /** Whether a bias is added; default true. */
  public final B useBias(boolean useBias) {
    return set("use_bias", useBias);
  }

  /** How the kernel starts, by name; default {@code glorot_uniform}. */
  public final B kernelInitializer(String name) {
    return set(kernel + "_initializer", name);
  }

  /** How the kernel starts. */
  public final B kernelInitializer(Initializer initializer) {
    return set(kernel + "_initializer", initializer);
  }

  /** How the bias starts, by name; default {@code zeros}. */
  public final B biasInitializer(String name) {
    return set("bias_initializer", name);
  }

  /** How the bias starts. */
  public final B biasInitializer(Initializer initializer) {
    return set("bias_initializer", initializer);
  }

  /** The penalty on the kernel. */
  public final B kernelRegularizer(Regularizer regularizer) {
    return set(kernel + "_regularizer", regularizer);
  }

  /** The penalty on the bias. */
  public final B biasRegularizer(Regularizer regularizer) {
    return set("bias_regularizer", regularizer);
  }

  /** The penalty on the result. */
  public final B activityRegularizer(Regularizer regularizer) {
    return set("activity_regularizer", regularizer);
  }

  /** The set that the kernel is kept in. */
  public final B kernelConstraint(Constraint constraint) {
    return set(kernel + "_constraint", constraint);
  }

  /** The set that the bias is kept in. */
  public final B biasConstraint(Constraint constraint) {
    return set("bias_constraint", constraint);
  }
}
