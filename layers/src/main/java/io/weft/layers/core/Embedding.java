package io.weft.layers.core;

import io.weft.config.Config;
import io.weft.layer.CallContext;
import io.weft.layer.Constraint;
import io.weft.layer.Initializer;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import io.weft.layer.Regularizer;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;
import java.util.Collections;
import java.util.List;

/**
 * Turns integers into vectors.
 *
 * <p>Input: integers of any shape (other types are truncated). Output: {@code (…, output_dim)}.
 * With {@code mask_zero} the integer 0 is padding and the output carries the mask {@code input ≠
 * 0}; without it masks are dropped. Weights: {@code embeddings (input_dim, output_dim)}.
 */
public final class Embedding extends EmbeddingBase {
  public static final LayerType<Embedding> TYPE = LayerType.keras("Embedding", Embedding::new);

  /** A table for the integers below {@code inputDim}. */
  public Embedding(int inputDim, int outputDim) {
    this(builder(inputDim, outputDim).config());
  }

  /** Restores a layer from its config. */
  public Embedding(Config config) {
    super(TYPE, config);
    setSupportsMasking(maskZero());
  }

  @Override
  public Tensor call(Tensor ids, CallContext ctx) {
    return lookUp(ids);
  }

  @Override
  protected List<Tensor> computeMasks(List<Tensor> inputs, List<Tensor> masks) {
    return Collections.singletonList(Ops.notEqual(inputs.get(0), 0));
  }

  public static Builder builder(int inputDim, int outputDim) {
    return new Builder(inputDim, outputDim);
  }

  /** Optional settings of {@link Embedding}. */
  public static final class Builder extends Layer.Builder<Embedding, Builder> {
    private Builder(int inputDim, int outputDim) {
      set("input_dim", inputDim).set("output_dim", outputDim);
    }

    /** Whether 0 is padding; default false. */
    public Builder maskZero(boolean maskZero) {
      return set("mask_zero", maskZero);
    }

    /** How the table starts; default uniform in ±0.05. */
    public Builder embeddingsInitializer(Initializer initializer) {
      return set("embeddings_initializer", initializer);
    }

    /** The penalty on the table. */
    public Builder embeddingsRegularizer(Regularizer regularizer) {
      return set("embeddings_regularizer", regularizer);
    }

    /** The set that the table is kept in. */
    public Builder embeddingsConstraint(Constraint constraint) {
      return set("embeddings_constraint", constraint);
    }

    @Override
    public Embedding build() {
      return new Embedding(config());
    }
  }
}
