package io.weft.layers.rnn;

import io.weft.layer.BuildContext;
import io.weft.layer.Initializer;
import io.weft.layer.WeightOptions;
import io.weft.tensor.Shape;
import io.weft.tensor.Variable;

/** The three weights that the cells share, with the nine arguments that say how to make them. */
final class CellWeights {
  private final WeightOptions options;
  private Variable kernel;
  private Variable recurrent;
  private Variable bias;

  /** Reads initializers, regularizers and constraints, in Keras' order. */
  CellWeights(WeightOptions reader) {
    options =
        reader
            .initializer("kernel", "glorot_uniform")
            .initializer("recurrent", "orthogonal")
            .initializer("bias", "zeros")
            .regularizers("kernel", "recurrent", "bias")
            .constraints("kernel", "recurrent", "bias");
  }

  /** Makes the weights; a null bias shape means none. */
  void build(BuildContext b, Shape kernelShape, Shape recurrentShape, Shape biasShape) {
    build(b, kernelShape, recurrentShape, biasShape, false);
  }

  /** Makes the weights, with ones as the second of four parts of the bias where asked. */
  void build(
      BuildContext b,
      Shape kernelShape,
      Shape recurrentShape,
      Shape biasShape,
      boolean unitForgetBias) {
    kernel = options.add(b, "kernel", kernelShape);
    recurrent = options.add(b, "recurrent_kernel", recurrentShape, "recurrent");
    if (biasShape != null) {
      Initializer start = options.initializer("bias");
      bias =
          b.addWeight(
              "bias",
              biasShape,
              unitForgetBias ? new UnitForgetBias(start) : start,
              options.regularizer("bias"),
              options.constraint("bias"));
    }
  }

  Variable kernel() {
    return kernel;
  }

  Variable recurrent() {
    return recurrent;
  }

  /** Null without a bias. */
  Variable bias() {
    return bias;
  }
}
