package io.weft.layers.core;

import io.weft.config.Config;
import io.weft.layer.BuildContext;
import io.weft.layer.CallContext;
import io.weft.layer.LayerType;
import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.tensor.Variable;
import java.util.Collections;
import java.util.List;

/**
 * An embedding that also turns vectors back into scores of all integers.
 *
 * <p>Input: integers of any shape, output {@code (…, output_dim)}. Call argument {@code reverse}:
 * then the input is {@code (…, output_dim)} and the output {@code x · embeddingsᵀ (…, input_dim)},
 * optionally {@code cap · tanh(y / cap)}. Mask: {@code input ≠ 0} with {@code mask_zero} when not
 * reversed. Weights: {@code embeddings (input_dim, output_dim)}, and {@code reverse_embeddings
 * (output_dim, input_dim)} unless {@code tie_weights}.
 */
public final class ReversibleEmbedding extends EmbeddingBase {
  public static final LayerType<ReversibleEmbedding> TYPE =
      LayerType.keras("ReversibleEmbedding", ReversibleEmbedding::new).args("reverse");

  private final boolean tieWeights;
  private final DType reverseDtype;
  private final Double logitSoftCap;
  private Variable reverseEmbeddings;

  /** A tied table for the integers below {@code inputDim}. */
  public ReversibleEmbedding(int inputDim, int outputDim) {
    this(Config.of("input_dim", inputDim, "output_dim", outputDim));
  }

  /** Restores a layer from its config. */
  public ReversibleEmbedding(Config config) {
    super(TYPE, config);
    tieWeights = args.bool("tie_weights", true);
    String dtype = args.stringOrNull("reverse_dtype", null);
    reverseDtype = dtype == null ? null : DType.of(dtype);
    logitSoftCap = args.numberOrNull("logit_soft_cap", null);
    setSupportsMasking(true);
  }

  @Override
  void buildMore(BuildContext b) {
    if (!tieWeights) {
      reverseEmbeddings =
          b.addWeight(
              "reverse_embeddings",
              Shape.of(outputDim(), inputDim()),
              options().initializer("embeddings"));
    }
  }

  @Override
  public Tensor call(Tensor x, CallContext ctx) {
    if (!ctx.args().bool("reverse", false)) {
      Tensor y = lookUp(x);
      return maskZero() ? y.withMask(Ops.notEqual(x, 0)) : y;
    }
    Tensor kernel = tieWeights ? Ops.transpose(changedWeight()) : reverseEmbeddings.value();
    Tensor in = x;
    if (reverseDtype != null) {
      in = Ops.cast(in, reverseDtype);
      kernel = Ops.cast(kernel, reverseDtype);
    }
    Tensor scores = Ops.matmul(in, kernel);
    return logitSoftCap == null
        ? scores
        : Ops.tanh(scores.divide(logitSoftCap)).times(logitSoftCap);
  }

  @Override
  protected List<Tensor> computeMasks(List<Tensor> inputs, List<Tensor> masks) {
    return Collections.singletonList(null);
  }
}
