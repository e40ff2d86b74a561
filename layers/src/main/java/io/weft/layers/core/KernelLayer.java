package io.weft.layers.core;

import io.weft.config.Config;
import io.weft.layer.Activation;
import io.weft.layer.BuildContext;
import io.weft.layer.LayerType;
import io.weft.layer.WeightOptions;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.tensor.Variable;

/** What {@link Dense} and {@link EinsumDense} share: a kernel, a bias or none, an activation. */
abstract class KernelLayer extends LowRankLayer {
  private Activation activation;
  private WeightOptions options;
  private Variable bias;

  KernelLayer(LayerType<?> type, Config config) {
    super(type, config);
  }

  final void readActivation() {
    activation = activation("activation", null);
  }

  /** Reads the rest of the arguments; {@code activity}: the class always writes that key. */
  final void readWeights(boolean activity) {
    options =
        weightOptions()
            .initializer("kernel", "glorot_uniform")
            .initializer("bias", "zeros")
            .regularizers("kernel", "bias");
    if (activity) {
      options.activity();
    }
    options.constraints("kernel", "bias");
    Quantization.refuse(args, label());
    readLowRank("kernel", options);
  }

  final WeightOptions options() {
    return options;
  }

  /** Makes the weights; a null shape means no bias. */
  final void addWeights(BuildContext b, Variable kernel, Shape biasShape) {
    bias = biasShape == null ? null : options.add(b, "bias", biasShape);
    buildLowRank(b, kernel, options);
  }

  /** Adds the bias and applies the activation. */
  final Tensor finish(Tensor y) {
    return activation.apply(bias == null ? y : y.plus(bias.value()));
  }
}
