package io.weft.systems.film;

import io.weft.config.Config;
import io.weft.error.ShapeException;
import io.weft.layer.BuildContext;
import io.weft.layer.CallContext;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import io.weft.layers.convolutional.Conv2D;
import io.weft.layers.normalization.BatchNormalization;
import io.weft.systems.core.Parts;
import io.weft.tensor.DType;
import io.weft.tensor.HostArray;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.List;

/**
 * The residual block of FiLM's image reasoning network (Perez et al. 2017): {@code r = relu(1×1
 * convolution of [x ; coordinates])}, {@code y = r + relu(FiLM(normalization(3×3 convolution of
 * r)))}; the normalization has no gain and offset of its own. {@code placement} says where FiLM
 * stands: {@code conv-film} (after the convolution), {@code bn-film} (after the normalization, the
 * default), {@code relu-film}, {@code block-input-film} or {@code block-output-film}.
 *
 * <p>Inputs: {@code x (batch, height, width, channels)} and a condition {@code (batch, width)}.
 * Output: the shape of x. The coordinates are two maps from −1 to 1 along height and width; {@code
 * coordinates} false leaves them out. Weights: {@code input_proj}, {@code conv1}, {@code film},
 * then the moving statistics of {@code bn1}.
 */
public final class FiLMResidualBlock extends Layer {
  public static final LayerType<FiLMResidualBlock> TYPE =
      LayerType.custom(FilmTypes.PACKAGE, "FiLMResidualBlock", FiLMResidualBlock::new)
          .inputs("x", "condition")
          .args("training");

  private static final List<String> PLACEMENTS =
      List.of("conv-film", "bn-film", "relu-film", "block-input-film", "block-output-film");

  private final int channels;
  private final String placement;
  private final boolean coordinates;
  private final Conv2D inputProj;
  private final Conv2D conv1;
  private final BatchNormalization bn1;
  private final FiLM film;

  /** A block with FiLM after the normalization. */
  public FiLMResidualBlock(int channels) {
    this(Config.of("channels", channels));
  }

  /** A block with FiLM at another place. */
  public FiLMResidualBlock(int channels, String placement) {
    this(Config.of("channels", channels, "placement", placement));
  }

  /** Restores a layer from its config. */
  public FiLMResidualBlock(Config config) {
    super(TYPE, config);
    channels = args.positiveInt("channels");
    placement = args.oneOf("placement", "bn-film", PLACEMENTS.toArray(String[]::new));
    coordinates = args.bool("coordinates", true);
    double baseline = args.number("gammaBaseline", 1.0);
    inputProj = track("input_proj", convolution(1));
    conv1 = track("conv1", convolution(3));
    Config modulation =
        Config.of("channels", channels, "gammaBaseline", baseline, "dtype", policy());
    film = track("film", fromConfig(FiLM.TYPE, modulation));
    Config plain =
        Config.of(
            "center",
            false,
            "scale",
            false,
            "epsilon",
            Parts.EPSILON,
            "momentum",
            0.9,
            "dtype",
            policy());
    bn1 = track("bn1", fromConfig(BatchNormalization.TYPE, plain));
  }

  private Conv2D convolution(int size) {
    Config c =
        Config.of("filters", channels, "kernel_size", size, "padding", "same", "dtype", policy());
    return fromConfig(Conv2D.TYPE, c);
  }

  @Override
  protected void build(BuildContext b) {
    check(b.inputs());
    b.build(inputProj, b.input().withDim(-1, channels + (coordinates ? 2 : 0)));
    b.build(conv1, b.input());
    b.build(bn1, b.input());
    b.build(film, b.input(), b.input(1));
  }

  private void check(List<Shape> in) {
    if (in.size() != 2 || in.get(0).rank() != 4 || in.get(0).dim(3) != channels) {
      throw new ShapeException(
          label()
              + ": expected x (batch, height, width, "
              + channels
              + ") and a condition (batch, width). Received: "
              + in);
    }
  }

  @Override
  public List<Tensor> call(List<Tensor> inputs, CallContext ctx) {
    check(inputs.stream().map(Tensor::shape).toList());
    Tensor z = inputs.get(1);
    Tensor x = modulated("block-input-film", inputs.get(0), z);
    Tensor in = coordinates ? Ops.concatenate(List.of(x, maps(x)), 3) : x;
    Tensor r = Ops.relu(inputProj.apply(in));
    Tensor y = modulated("conv-film", conv1.apply(r), z);
    y = modulated("bn-film", bn1.apply(y), z);
    y = modulated("relu-film", Ops.relu(y), z);
    return List.of(modulated("block-output-film", r.plus(y), z));
  }

  private Tensor modulated(String place, Tensor x, Tensor z) {
    return placement.equals(place) ? film.apply(x, z) : x;
  }

  /** (batch, height, width, 2): how far down and how far right, from −1 to 1. */
  private static Tensor maps(Tensor x) {
    int h = x.dim(1);
    int w = x.dim(2);
    double[] at = new double[h * w * 2];
    for (int i = 0; i < h * w; i++) {
      int row = i / w;
      int column = i % w;
      at[2 * i] = h == 1 ? 0 : 2.0 * row / (h - 1) - 1;
      at[2 * i + 1] = w == 1 ? 0 : 2.0 * column / (w - 1) - 1;
    }
    Tensor one = Tensor.ofTrusted(new HostArray(DType.FLOAT64, Shape.of(1, h, w, 2), at));
    return Ops.broadcastTo(one.cast(x.dtype()), Shape.of(x.dim(0), h, w, 2));
  }
}
