package io.weft.layers.convolutional;

import io.weft.config.Config;
import io.weft.error.ConfigException;
import io.weft.error.ShapeException;
import io.weft.layer.Activation;
import io.weft.layer.BuildContext;
import io.weft.layer.CallContext;
import io.weft.layer.InputSpec;
import io.weft.layer.LayerType;
import io.weft.layer.WeightOptions;
import io.weft.layers.core.LowRankLayer;
import io.weft.ops.Convolutions;
import io.weft.ops.DataFormat;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.tensor.Variable;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** All convolutions: convolve, add a bias, apply an activation. */
abstract class ConvLayer extends LowRankLayer {
  /** What is convolved how; decides which arguments a class has. */
  enum Kind {
    PLAIN,
    TRANSPOSED,
    DEPTHWISE,
    SEPARABLE
  }

  private final Kind kind;
  private final int rank;
  private final int depthMultiplier;
  private final int filters;
  private final int[] kernelSize;
  private final int[] strides;
  private final String padding;
  private final int[] outputPadding;
  private final boolean channelsFirst;
  private final int[] dilation;
  private final int groups;
  private final Activation activation;
  private final boolean useBias;
  private final WeightOptions options;
  private Variable pointwise;
  private Variable bias;

  ConvLayer(LayerType<?> type, Config config, Kind kind, int rank) {
    super(type, config);
    this.kind = kind;
    this.rank = rank;
    boolean deep = kind == Kind.DEPTHWISE || kind == Kind.SEPARABLE;
    depthMultiplier = deep ? args.positiveInt("depth_multiplier", 1) : 1;
    filters = kind == Kind.DEPTHWISE ? 0 : args.positiveInt("filters");
    kernelSize = args.positiveInts("kernel_size", rank, null);
    strides = args.positiveInts("strides", rank, 1);
    padding = readPadding();
    outputPadding = kind == Kind.TRANSPOSED ? readOutputPadding() : null;
    channelsFirst = DataFormat.channelsFirst(args);
    dilation = args.positiveInts("dilation_rate", rank, 1);
    groups = kind == Kind.PLAIN ? args.positiveInt("groups", 1) : 1;
    activation = activation("activation", null);
    useBias = args.bool("use_bias", true);
    options = readWeights();
    if (kind == Kind.PLAIN) {
      readLowRank("kernel", options);
    }
    check(deep);
    setInputSpec(InputSpec.minRank(rank + 2));
  }

  private String readPadding() {
    String p = args.string("padding", "valid").toLowerCase(Locale.ROOT);
    boolean causal = kind == Kind.PLAIN && rank == 1;
    if (!p.equals("valid") && !p.equals("same") && !(causal && p.equals("causal"))) {
      throw args.refuse("padding", "'valid' or 'same'" + (causal ? " or 'causal'" : ""));
    }
    args.note("padding", p);
    return p;
  }

  private int[] readOutputPadding() {
    if (args.any("output_padding", null) == null) {
      return null;
    }
    int[] p = args.ints("output_padding", rank, i -> i >= 0, "integers that are not negative", 0);
    for (int i = 0; i < rank; i++) {
      if (p[i] >= strides[i]) {
        throw args.refuse("output_padding", "smaller than strides=" + Arrays.toString(strides));
      }
    }
    return p;
  }

  private WeightOptions readWeights() {
    String[] kernels =
        switch (kind) {
          case DEPTHWISE -> new String[] {"depthwise"};
          case SEPARABLE -> new String[] {"depthwise", "pointwise"};
          default -> new String[] {"kernel"};
        };
    WeightOptions o = weightOptions();
    for (String k : kernels) {
      o.initializer(k, "glorot_uniform");
    }
    return o.initializer("bias", "zeros")
        .regularizers(kernels)
        .regularizers("bias")
        .activity()
        .constraints(kernels)
        .constraints("bias");
  }

  private static int largest(int[] values) {
    int most = values[0];
    for (int v : values) {
      most = Math.max(most, v);
    }
    return most;
  }

  private void check(boolean deep) {
    if (filters % groups != 0) {
      throw args.refuse("groups", "a divisor of filters=" + filters);
    }
    if (!deep && largest(strides) > 1 && largest(dilation) > 1) {
      throw new ConfigException(
          label()
              + ": strides above 1 exclude a dilation_rate above 1. Received: strides="
              + Arrays.toString(strides)
              + ", dilation_rate="
              + Arrays.toString(dilation));
    }
  }

  @Override
  protected final void build(BuildContext b) {
    int axis = channelsFirst ? 1 : -1;
    int channels = b.known(0, axis);
    Shape window = Shape.of(kernelSize);
    Variable kernel =
        switch (kind) {
          case PLAIN -> {
            if (channels % groups != 0) {
              throw new ShapeException(
                  label()
                      + ": groups must divide the number of channels. Received: groups="
                      + groups
                      + " for an input of shape "
                      + b.input());
            }
            yield options.add(b, "kernel", window.plus(channels / groups, filters));
          }
          case TRANSPOSED -> options.add(b, "kernel", window.plus(filters, channels));
          case DEPTHWISE ->
              options.add(b, "kernel", window.plus(channels, depthMultiplier), "depthwise");
          case SEPARABLE ->
              options.add(
                  b, "depthwise_kernel", window.plus(channels, depthMultiplier), "depthwise");
        };
    if (kind == Kind.SEPARABLE) {
      int[] ones = new int[rank];
      Arrays.fill(ones, 1);
      pointwise =
          options.add(
              b,
              "pointwise_kernel",
              Shape.of(ones).plus(channels * depthMultiplier, filters),
              "pointwise");
    }
    if (useBias) {
      int out = kind == Kind.DEPTHWISE ? channels * depthMultiplier : filters;
      bias = options.add(b, "bias", Shape.of(out));
    }
    buildLowRank(b, kernel, options);
    setInputSpec(InputSpec.minRank(rank + 2).withAxis(axis, channels));
  }

  /** Keras states the filters also for an activation such as glu, which changes their number. */
  @Override
  protected final Shape statedShape(List<Shape> inputs, int output, Shape inferred) {
    int axis = channelsFirst ? 1 : -1;
    int out = kind == Kind.DEPTHWISE ? inputs.get(0).dim(axis) * depthMultiplier : filters;
    return activation.isLinear() ? inferred : inferred.withDim(axis, out);
  }

  @Override
  public final Tensor call(Tensor x, CallContext ctx) {
    if (x.rank() != rank + 2) {
      throw new ShapeException(
          label() + ": input must have rank " + (rank + 2) + ". Received: shape " + x.shape());
    }
    Tensor y = convolve(channelsFirst ? DataFormat.toLast(x, rank) : x);
    if (useBias) {
      y = y.plus(bias.value());
    }
    return activation.apply(channelsFirst ? DataFormat.toFirst(y, rank) : y);
  }

  private Tensor convolve(Tensor x) {
    Tensor k = changedWeight();
    return switch (kind) {
      case PLAIN -> Convolutions.conv(x, k, strides, padding, dilation);
      case TRANSPOSED ->
          Convolutions.convTranspose(x, k, strides, padding, outputPadding, dilation);
      case DEPTHWISE -> Convolutions.depthwiseConv(x, k, strides, padding, dilation);
      case SEPARABLE ->
          Convolutions.separableConv(x, k, pointwise.value(), strides, padding, dilation);
    };
  }
}
