package io.weft.layers.convolutional;

import io.weft.layer.Layer;
import io.weft.layer.WeightedBuilder;

/**
 * Optional arguments of convolutions; numbers per spatial axis, or one for all.
 *
 * @param <L> the layer
 * @param <B> the builder itself
 */
public abstract class ConvBuilder<L extends Layer, B extends ConvBuilder<L, B>>
    extends WeightedBuilder<L, B> {
  ConvBuilder(String kernel, Integer filters, int... kernelSize) {
    super(kernel);
    if (filters != null) {
      set("filters", filters);
    }
    set("kernel_size", oneOrAll(kernelSize));
  }

  static Object oneOrAll(int[] n) {
    return n.length == 1 ? (Object) n[0] : n;
  }

  /** How far windows are apart; default 1. */
  public final B strides(int... strides) {
    return set("strides", oneOrAll(strides));
  }

  /** {@code valid} (the default), {@code same}, or {@code causal} for Conv1D. */
  public final B padding(String padding) {
    return set("padding", padding);
  }

  /** How far the elements of a window are apart; default 1. */
  public final B dilationRate(int... dilation) {
    return set("dilation_rate", oneOrAll(dilation));
  }

  /** {@code channels_last} (the default) or {@code channels_first}. */
  public final B dataFormat(String dataFormat) {
    return set("data_format", dataFormat);
  }
}
