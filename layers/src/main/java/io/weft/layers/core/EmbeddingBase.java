package io.weft.layers.core;

import io.weft.config.Config;
import io.weft.layer.BuildContext;
import io.weft.layer.LayerType;
import io.weft.layer.WeightOptions;
import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.tensor.Variable;

/** A table of vectors by integer: what {@link Embedding} and {@link ReversibleEmbedding} share. */
abstract class EmbeddingBase extends LowRankLayer {
  private final int inputDim;
  private final int outputDim;
  private final boolean maskZero;
  private final WeightOptions options;

  EmbeddingBase(LayerType<?> type, Config config) {
    super(type, config);
    inputDim = args.positiveInt("input_dim");
    outputDim = args.positiveInt("output_dim");
    options =
        weightOptions()
            .initializer("embeddings", "uniform")
            .regularizers("embeddings")
            .activity()
            .constraints("embeddings");
    maskZero = args.bool("mask_zero", false);
    Quantization.refuse(args, label());
    readLowRank("embeddings", options);
    args.any("input_length", null); // written by Keras 1 and 2, without meaning since
    args.forget("input_length");
    setAutocast(false);
  }

  final int inputDim() {
    return inputDim;
  }

  final int outputDim() {
    return outputDim;
  }

  final boolean maskZero() {
    return maskZero;
  }

  final WeightOptions options() {
    return options;
  }

  @Override
  protected void build(BuildContext b) {
    Variable embeddings = options.add(b, "embeddings", Shape.of(inputDim, outputDim));
    buildMore(b);
    buildLowRank(b, embeddings, options);
  }

  /** Makes weights behind the table. */
  void buildMore(BuildContext b) {}

  /** The rows of integers, in the compute dtype. */
  final Tensor lookUp(Tensor ids) {
    boolean integers = ids.dtype() == DType.INT32 || ids.dtype() == DType.INT64;
    Tensor i = integers ? ids : Ops.cast(ids, DType.INT32);
    return Ops.cast(Ops.lookUp(changedWeight(), i, label(), true), policy().compute());
  }
}
