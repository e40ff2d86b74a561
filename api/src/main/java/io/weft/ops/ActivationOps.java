package io.weft.ops;

import static io.weft.ops.PublicOp.of;

import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;
import io.weft.tensor.UnaryFunction;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * The activation functions of {@code keras.ops.nn}, and all of {@code keras.activations} under
 * {@code activations.…}; the latter are nodes of their own only where Keras has a class for them.
 */
final class ActivationOps {
  private static final String ACTIVATIONS = "keras.src.activations.activations";

  private ActivationOps() {}

  static List<PublicOp> table() {
    List<PublicOp> t = new ArrayList<>();
    plain(t, "relu", "Relu", NnFunctions::relu);
    plain(t, "relu6", "Relu6", NnFunctions::relu6);
    plain(t, "sigmoid", "Sigmoid", NnFunctions::sigmoid);
    plain(t, "sparse_sigmoid", "SparseSigmoid", NnFunctions::sparseSigmoid);
    plain(t, "softplus", "Softplus", NnFunctions::softplus);
    plain(t, "softsign", "Softsign", NnFunctions::softsign);
    plain(t, "sparse_plus", "SparsePlus", NnFunctions::sparsePlus);
    plain(t, "silu", "Silu", NnFunctions::silu);
    plain(t, "swish", null, NnFunctions::silu);
    plain(t, "log_sigmoid", "LogSigmoid", NnFunctions::logSigmoid);
    plain(t, "hard_sigmoid", "HardSigmoid", NnFunctions::hardSigmoid);
    plain(t, "hard_silu", "HardSilu", NnFunctions::hardSilu);
    plain(t, "hard_swish", null, NnFunctions::hardSilu);
    plain(t, "selu", "Selu", NnFunctions::selu);
    plain(t, "tanh_shrink", "TanhShrink", NnFunctions::tanhShrink);
    plain(t, "hard_tanh", "HardTanh", NnFunctions::hardTanh);
    activation(t, "tanh", x -> Ops.floatUnary(UnaryFunction.TANH, x));
    activation(t, "exponential", NnFunctions::exponential);
    activation(t, "linear", NnFunctions::linear);
    both(
        t,
        "soft_shrink",
        "SoftShrink",
        "x | threshold=0.5",
        a -> NnFunctions.softShrink(a.tensor("x"), a.number("threshold")));
    both(
        t,
        "hard_shrink",
        "HardShrink",
        "x | threshold=0.5",
        a -> NnFunctions.hardShrink(a.tensor("x"), a.number("threshold")));
    both(
        t,
        "squareplus",
        "Squareplus",
        "x | b=4",
        a -> NnFunctions.squareplus(a.tensor("x"), a.number("b")));
    both(
        t,
        "leaky_relu",
        "LeakyRelu",
        "x | negative_slope=0.2",
        a -> NnFunctions.leakyRelu(a.tensor("x"), a.number("negative_slope")));
    both(t, "elu", "Elu", "x | alpha=1.0", a -> NnFunctions.elu(a.tensor("x"), a.number("alpha")));
    both(
        t,
        "celu",
        "Celu",
        "x | alpha=1.0",
        a -> NnFunctions.celu(a.tensor("x"), a.number("alpha")));
    both(t, "glu", "Glu", "x | axis=-1", a -> NnFunctions.glu(a.tensor("x"), a.integer("axis")));
    both(
        t,
        "threshold",
        "Threshold",
        "x | threshold, default_value",
        a ->
            NnFunctions.threshold(a.tensor("x"), a.number("threshold"), a.number("default_value")));
    both(
        t,
        "softmax",
        "Softmax",
        "x | axis=-1",
        a -> NnFunctions.softmax(a.tensor("x"), a.ints("axis")));
    both(
        t,
        "log_softmax",
        "LogSoftmax",
        "x | axis=-1",
        a -> NnFunctions.logSoftmax(a.tensor("x"), a.ints("axis")));
    both(
        t,
        "sparsemax",
        "Sparsemax",
        "x | axis=-1",
        a -> NnFunctions.sparsemax(a.tensor("x"), a.integer("axis")));
    PublicOp.Body gelu = a -> NnFunctions.gelu(a.tensor("x"), a.bool("approximate"));
    t.add(of("gelu", "nn", "Gelu", "x | approximate=True", gelu));
    t.add(of("activations.gelu", ACTIVATIONS, null, "x | approximate=False", gelu));
    t.add(
        of(
            "activations.relu",
            ACTIVATIONS,
            "ReLU",
            "x | negative_slope=0.0, max_value=None, threshold=0.0",
            a ->
                NnFunctions.relu(
                    a.tensor("x"),
                    a.number("negative_slope"),
                    a.numberOrNull("max_value"),
                    a.number("threshold"))));
    t.add(of("activations.mish", ACTIVATIONS, "Mish", "x", a -> NnFunctions.mish(a.tensor("x"))));
    return t;
  }

  private static void plain(
      List<PublicOp> t, String function, String className, UnaryOperator<Tensor> f) {
    t.add(of(function, "nn", className, "x", a -> f.apply(a.tensor("x"))));
    if (!function.equals("relu")) {
      activation(t, function, f);
    }
  }

  private static void activation(List<PublicOp> t, String function, UnaryOperator<Tensor> f) {
    t.add(of("activations." + function, ACTIVATIONS, null, "x", a -> f.apply(a.tensor("x"))));
  }

  private static void both(
      List<PublicOp> t, String function, String className, String signature, PublicOp.Body body) {
    t.add(of(function, "nn", className, signature, body));
    t.add(of("activations." + function, ACTIVATIONS, null, signature, body));
  }
}
