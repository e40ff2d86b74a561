package io.weft.ops;

import io.weft.tensor.Tensor;
import java.util.List;
import java.util.function.UnaryOperator;

/** Convolutions, pooling and patches of {@code keras.ops.nn}. */
final class ConvolutionOps {
  private ConvolutionOps() {}

  static List<PublicOp> table() {
    Table t = new Table("nn");
    String options = " | strides=1, padding=\"valid\", data_format=None, dilation_rate=1";
    t.op(
        "conv",
        "Conv",
        "inputs, kernel" + options,
        a ->
            formatted(
                a,
                x ->
                    Convolutions.conv(
                        x, a.tensor("kernel"), strides(a), a.string("padding"), dilation(a))));
    t.op(
        "depthwise_conv",
        "DepthwiseConv",
        "inputs, kernel" + options,
        a ->
            formatted(
                a,
                x ->
                    Convolutions.depthwiseConv(
                        x, a.tensor("kernel"), strides(a), a.string("padding"), dilation(a))));
    t.op(
        "separable_conv",
        "SeparableConv",
        "inputs, depthwise_kernel, pointwise_kernel" + options,
        a ->
            formatted(
                a,
                x ->
                    Convolutions.separableConv(
                        x,
                        a.tensor("depthwise_kernel"),
                        a.tensor("pointwise_kernel"),
                        strides(a),
                        a.string("padding"),
                        dilation(a))));
    t.op(
        "conv_transpose",
        "ConvTranspose",
        "inputs, kernel | strides=1, padding=\"valid\", output_padding=None, data_format=None,"
            + " dilation_rate=1",
        a ->
            formatted(
                a,
                x ->
                    Convolutions.convTranspose(
                        x,
                        a.tensor("kernel"),
                        strides(a),
                        a.string("padding"),
                        a.ints("output_padding"),
                        dilation(a))));
    pool(t, "max_pool", "MaxPool", true);
    pool(t, "average_pool", "AveragePool", false);
    adaptive(t, "adaptive_max_pool", "AdaptiveMaxPool", true);
    adaptive(t, "adaptive_average_pool", "AdaptiveAveragePool", false);
    t.op("unfold", "Unfold", "x | kernel_size, dilation=1, padding=0, stride=1", Patches::unfold);
    t.op(
        "fold",
        "Fold",
        "x | output_size, kernel_size, dilation=1, padding=0, stride=1",
        Patches::fold);
    return t.list();
  }

  private static int[] strides(OpArgs a) {
    return a.requiredInts("strides");
  }

  private static int[] dilation(OpArgs a) {
    return a.requiredInts("dilation_rate");
  }

  private static void pool(Table t, String function, String className, boolean max) {
    t.op(
        function,
        className,
        "inputs | pool_size, strides=None, padding=\"valid\", data_format=None",
        a ->
            formatted(
                a,
                x ->
                    Convolutions.pool(
                        max,
                        x,
                        a.requiredInts("pool_size"),
                        a.ints("strides"),
                        a.string("padding"))));
  }

  private static void adaptive(Table t, String function, String className, boolean max) {
    t.op(
        function,
        className,
        "inputs | output_size, data_format=None",
        a -> formatted(a, x -> Convolutions.adaptivePool(max, x, a.requiredInts("output_size"))));
  }

  /** Applies a function of channels-last inputs to inputs of either format. */
  private static Tensor formatted(OpArgs a, UnaryOperator<Tensor> body) {
    Tensor x = a.tensor("inputs");
    int spatial = x.rank() - 2;
    if (spatial < 1 || !DataFormat.channelsFirst(a)) {
      return body.apply(x);
    }
    return DataFormat.toFirst(body.apply(DataFormat.toLast(x, spatial)), spatial);
  }
}
