package io.weft.ops;

import static io.weft.ops.PublicOp.of;

import java.util.ArrayList;
import java.util.List;

/** Normalizing functions of {@code keras.ops.nn}. */
final class NormalizationOps {
  private NormalizationOps() {}

  static List<PublicOp> table() {
    List<PublicOp> t = new ArrayList<>();
    t.add(
        of(
            "moments",
            "nn",
            "Moments",
            "x | axes, keepdims=False, synchronized=False",
            a -> Normalizations.moments(a.tensor("x"), a.ints("axes"), a.bool("keepdims"))));
    t.add(
        of(
            "batch_normalization",
            "nn",
            "BatchNorm",
            "x, mean, variance | axis | offset=None, scale=None | epsilon=0.001",
            a ->
                Normalizations.batchNormalization(
                    a.tensor("x"),
                    a.tensor("mean"),
                    a.tensor("variance"),
                    a.integer("axis"),
                    a.tensorOrNull("offset"),
                    a.tensorOrNull("scale"),
                    a.number("epsilon"))));
    t.add(
        of(
            "layer_normalization",
            "nn",
            "LayerNorm",
            "x, gamma=None, beta=None | axis=-1, epsilon=None, rms_scaling=False",
            a ->
                Normalizations.layerNormalization(
                    a.tensor("x"),
                    a.tensorOrNull("gamma"),
                    a.tensorOrNull("beta"),
                    a.ints("axis"),
                    epsilon(a),
                    a.bool("rms_scaling"))));
    t.add(
        of(
            "rms_normalization",
            "nn",
            "RMSNorm",
            "x, scale=None | axis=-1, epsilon=None",
            a ->
                Normalizations.rmsNormalization(
                    a.tensor("x"), a.tensorOrNull("scale"), a.ints("axis"), epsilon(a))));
    t.add(
        of(
            "normalize",
            "nn",
            "Normalize",
            "x | axis=-1, order=2, epsilon=None",
            a ->
                Normalizations.normalize(
                    a.tensor("x"), a.ints("axis"), a.integer("order"), epsilon(a))));
    return t;
  }

  private static double epsilon(OpArgs a) {
    return a.isNull("epsilon") ? Normalizations.EPSILON : a.number("epsilon");
  }
}
