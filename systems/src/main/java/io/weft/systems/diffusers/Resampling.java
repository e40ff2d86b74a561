package io.weft.systems.diffusers;

import io.weft.config.Config;
import io.weft.layer.CallContext;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import io.weft.systems.weights.Layout;
import io.weft.systems.weights.TorchEntry;
import io.weft.systems.weights.TorchNamed;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;
import io.weft.tensor.Variable;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** What {@link Downsample2D} and {@link Upsample2D} share. */
abstract class Resampling extends DiffusersLayer implements TorchNamed {
  private final int channels;
  private int rim;
  private boolean channelsFirst;
  private UnaryOperator<Tensor> norm;
  private Layer conv;

  Resampling(LayerType<?> type, Config config) {
    super(type, config);
    channels = args.positiveInt("channels");
  }

  final int channels() {
    return channels;
  }

  /** The convolution, null if there is none. */
  final Layer conv() {
    return conv;
  }

  final void setConv(Layer layer) {
    conv = layer == null ? null : track("conv", layer);
  }

  final int padding() {
    return rim;
  }

  /** Reads {@code padding}. */
  final void readPadding() {
    rim = args.integer("padding", 1);
    if (rim < 0) {
      throw args.refuse("padding", "a number that is not negative");
    }
  }

  final void readDataFormat() {
    channelsFirst = Images.channelsFirst(args);
  }

  /** The image, channels last and normalized, in its new size. */
  abstract Tensor resampled(Tensor x, CallContext ctx);

  @Override
  public final List<Tensor> call(List<Tensor> inputs, CallContext ctx) {
    Images.check(label(), inputs.get(0), channelsFirst, channels);
    Tensor x = Images.toLast(inputs.get(0), channelsFirst);
    Tensor y = resampled(norm == null ? x : norm.apply(x), ctx);
    return List.of(Images.toFirst(y, channelsFirst));
  }

  /**
   * Reads {@code norm_type}, {@code eps} and {@code elementwise_affine}, which has to be given for
   * a norm with weights.
   */
  final void readNorm() {
    String kind = string("norm_type");
    Double eps = number("eps");
    boolean affine = flag("elementwise_affine", false);
    if (kind == null) {
      return;
    }
    double epsilon = eps == null ? 1e-5 : eps;
    norm =
        switch (kind) {
          case "ln_norm" -> tracked("norm", parts.layerNorm(channels, epsilon, affine, -1))::apply;
          case "rms_norm" ->
              affine
                  ? tracked("norm", parts.rmsNorm(channels, epsilon, -1))::apply
                  : x -> rms(x, epsilon);
          default -> throw refuse("norm_type", "null, 'ln_norm' or 'rms_norm'");
        };
  }

  /** The last axis divided by the root of its mean square; a norm without weights. */
  static Tensor rms(Tensor x, double epsilon) {
    return x.times(Ops.rsqrt(Ops.mean(Ops.square(x), new int[] {-1}, true).plus(epsilon)));
  }

  @Override
  public final List<TorchEntry> torchEntries() {
    return List.of();
  }

  /** Files have the convolution under this name too, some of them only. */
  @Override
  public final List<TorchEntry> torchAliases() {
    List<TorchEntry> all = new ArrayList<>();
    for (Variable v : conv == null ? List.<Variable>of() : conv.ownVariables()) {
      boolean kernel = v.name().equals("kernel");
      all.add(
          TorchEntry.of(
              "Conv2d_0." + (kernel ? "weight" : "bias"), kernel ? Layout.CONV : Layout.SAME, v));
    }
    return all;
  }
}
