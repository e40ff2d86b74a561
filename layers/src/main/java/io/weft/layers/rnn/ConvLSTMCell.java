package io.weft.layers.rnn;

import io.weft.config.Config;
import io.weft.error.ConfigException;
import io.weft.error.ShapeException;
import io.weft.layer.Activation;
import io.weft.layer.BuildContext;
import io.weft.layer.LayerType;
import io.weft.ops.Convolutions;
import io.weft.ops.DataFormat;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * One step of a convolutional LSTM: the equations of {@link LSTMCell} with convolutions in the
 * place of the products. The input's convolution has the given strides, padding and dilation; that
 * of the state keeps its size.
 *
 * <p>Inputs: {@code (batch, spatial…, channels)} and the states {@code h, c (batch, spatial…,
 * filters)}; with {@code channels_first} the channels stand behind the batch. Weights: kernel
 * {@code (window…, channels, 4·filters)}, recurrent_kernel {@code (window…, filters, 4·filters)},
 * bias {@code (4·filters)}.
 */
final class ConvLSTMCell extends DropoutCell {
  private final int rank;
  private final int filters;
  private final int[] window;
  private final int[] strides;
  private final String padding;
  private final boolean channelsFirst;
  private final int[] dilation;
  private final Activation activation;
  private final Activation recurrentActivation;
  private final boolean useBias;
  private final CellWeights weights;
  private final boolean unitForgetBias;
  private final Integer seed;
  private Shape state;

  private ConvLSTMCell(LayerType<?> type, Config config, int rank) {
    super(type, config);
    this.rank = rank;
    filters = args.positiveInt("filters");
    window = args.positiveInts("kernel_size", rank, null);
    strides = args.positiveInts("strides", rank, 1);
    padding = args.string("padding", "valid").toLowerCase(Locale.ROOT);
    if (!padding.equals("valid") && !padding.equals("same")) {
      throw args.refuse("padding", "'valid' or 'same'");
    }
    args.note("padding", padding);
    channelsFirst = DataFormat.channelsFirst(args);
    dilation = args.positiveInts("dilation_rate", rank, 1);
    activation = activation("activation", "tanh");
    recurrentActivation = activation("recurrent_activation", "sigmoid");
    useBias = args.bool("use_bias", true);
    weights = new CellWeights(weightOptions());
    unitForgetBias = args.bool("unit_forget_bias", true);
    readDropout();
    seed = args.integerOrNull("seed", null);
    if (Arrays.stream(strides).anyMatch(s -> s > 1)
        && Arrays.stream(dilation).anyMatch(d -> d > 1)) {
      throw new ConfigException(
          "strides above 1 exclude a dilation_rate above 1. Received: strides="
              + Arrays.toString(strides)
              + ", dilation_rate="
              + Arrays.toString(dilation));
    }
  }

  /** The cell for a number of spatial axes; it stands in no config of its own. */
  static LayerType<ConvLSTMCell> type(int rank) {
    ConvLSTMCell.Maker maker = new Maker(rank);
    maker.type =
        LayerType.keras("ConvLSTMCell", maker::make).inputs("inputs", "states").args("training");
    return maker.type;
  }

  private static final class Maker {
    private final int rank;
    private LayerType<ConvLSTMCell> type;

    Maker(int rank) {
      this.rank = rank;
    }

    ConvLSTMCell make(Config config) {
      return new ConvLSTMCell(type, config, rank);
    }
  }

  @Override
  public List<Shape> stateShapes() {
    return List.of(state, state);
  }

  @Override
  int maskCount() {
    return 4;
  }

  @Override
  protected void build(BuildContext b) {
    Shape in = b.input();
    int channels = b.known(0, channelsFirst ? 1 : -1);
    int[] sizes = new int[rank];
    for (int i = 0; i < rank; i++) {
      int n = b.known(0, i + (channelsFirst ? 2 : 1));
      int span = (window[i] - 1) * dilation[i] + 1;
      sizes[i] =
          padding.equals("same")
              ? (n + strides[i] - 1) / strides[i]
              : Math.floorDiv(n - span, strides[i]) + 1;
      if (sizes[i] <= 0) {
        throw new ShapeException(
            label() + ": the window is larger than the input. Received: input shape " + in);
      }
    }
    state = channelsFirst ? Shape.of(filters).plus(sizes) : Shape.of(sizes).plus(filters);
    Shape k = Shape.of(window);
    weights.build(
        b,
        k.plus(channels, 4 * filters),
        k.plus(filters, 4 * filters),
        useBias ? Shape.of(4 * filters) : null,
        unitForgetBias);
    buildDropout(b, seed);
  }

  @Override
  List<Tensor> step(Tensor x, List<Tensor> states, DropoutMasks masks) {
    int[] one = {1};
    Tensor z = convolved(x, masks.input(), weights.kernel().value(), strides, padding, dilation);
    if (useBias) {
      z = z.plus(weights.bias().value());
    }
    Tensor recurrent = weights.recurrent().value();
    z = z.plus(convolved(states.get(0), masks.recurrent(), recurrent, one, "same", one));
    z = channelsFirst ? DataFormat.toFirst(z, rank) : z;
    List<Tensor> gates = Ops.split(z, 4, channelsFirst ? 1 : -1);
    return LSTMCell.update(gates, states.get(1), activation, recurrentActivation);
  }

  /** The convolution for all four gates, channels last; each gate has a mask of its own. */
  private Tensor convolved(
      Tensor x, List<Tensor> masks, Tensor kernel, int[] stride, String pad, int[] dilate) {
    if (masks.isEmpty()) {
      return Convolutions.conv(channelsLast(x), kernel, stride, pad, dilate);
    }
    List<Tensor> blocks = Ops.split(kernel, 4, -1);
    List<Tensor> parts = new ArrayList<>();
    for (int g = 0; g < 4; g++) {
      Tensor dropped = channelsLast(x.times(masks.get(g)));
      parts.add(Convolutions.conv(dropped, blocks.get(g), stride, pad, dilate));
    }
    return Ops.concatenate(parts, -1);
  }

  private Tensor channelsLast(Tensor x) {
    return channelsFirst ? DataFormat.toLast(x, rank) : x;
  }
}
