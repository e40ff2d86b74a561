package io.weft.systems.diffusers;

import io.weft.config.Config;
import io.weft.error.ShapeException;
import io.weft.layer.CallContext;
import io.weft.layer.LayerType;
import io.weft.layers.convolutional.Conv2D;
import io.weft.layers.core.Dense;
import io.weft.layers.normalization.GroupNormalization;
import io.weft.layers.regularization.Dropout;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;
import java.util.List;

/**
 * A residual block that is told the time, as diffusers' {@code ResnetBlock2D}: {@code h =
 * conv1(act(norm1(x))) + time_emb_proj(act(t))}, {@code h = conv2(dropout(act(norm2(h))))}, {@code
 * y = (shortcut(x) + h) / output_scale_factor}. With {@code time_embedding_norm: scale_shift} the
 * time gives {@code [s; b]} and {@code norm2(h) · (1 + s) + b} instead; with {@code up} or {@code
 * down} x and h double or halve their size before conv1.
 *
 * <p>Inputs: {@code input_tensor (batch, in_channels, height, width)}, {@code temb (batch,
 * temb_channels)} unless {@code temb_channels} is null. Output: {@code (batch, out_channels, …)}.
 * Weights: {@code norm1}, {@code conv1}, {@code time_emb_proj}, {@code norm2}, {@code conv2},
 * {@code conv_shortcut} (1×1) where the channels differ. {@code data_format} beyond the original:
 * {@code channels_last}.
 */
public final class ResnetBlock2D extends DiffusersLayer {
  public static final LayerType<ResnetBlock2D> TYPE =
      LayerType.custom("diffusers", "ResnetBlock2D", ResnetBlock2D::new)
          .inputs("input_tensor", "temb")
          .args("training");

  private final int channels;
  private final String activation;
  private final boolean scaleShift;
  private final boolean skipTimeAct;
  private final double outputScale;
  private final boolean up;
  private final boolean down;
  private final boolean channelsFirst;
  private final GroupNormalization norm1;
  private final Conv2D conv1;
  private final Dense timeProj;
  private final GroupNormalization norm2;
  private final Dropout dropout;
  private final Conv2D conv2;
  private final Conv2D shortcut;

  /** Restores a layer from its config. */
  public ResnetBlock2D(Config config) {
    super(TYPE, config);
    channels = args.positiveInt("in_channels");
    Integer givenOut = args.integerOrNull("out_channels", null);
    args.bool("conv_shortcut", false);
    double rate = args.fraction("dropout", 0.0);
    Integer temb = args.integerOrNull("temb_channels", 512);
    int groups = args.positiveInt("groups", 32);
    Integer groupsOut = args.integerOrNull("groups_out", null);
    args.bool("pre_norm", true);
    double eps = args.nonNegative("eps", 1e-6);
    activation = Images.activation(args, "non_linearity", "swish");
    skipTimeAct = args.bool("skip_time_act", false);
    scaleShift =
        args.oneOf("time_embedding_norm", "default", "default", "scale_shift")
            .equals("scale_shift");
    Object kernel = args.any("kernel", null);
    if (!"sde_vp".equals(kernel)) {
      only("kernel", null, "FIR filters are not supported.");
    }
    outputScale = args.number("output_scale_factor", 1.0);
    boolean decides = args.any("use_in_shortcut", null) != null;
    boolean wanted = decides && args.bool("use_in_shortcut", true);
    up = args.bool("up", false);
    down = args.bool("down", false);
    boolean shortcutBias = args.bool("conv_shortcut_bias", true);
    Integer given2d = args.integerOrNull("conv_2d_out_channels", null);
    channelsFirst = Images.channelsFirst(args);
    int mid = givenOut == null ? channels : givenOut;
    int out = given2d == null ? mid : given2d;
    if (scaleShift && temb == null) {
      throw args.refuse("temb_channels", "a number for time_embedding_norm='scale_shift'");
    }
    norm1 = track("norm1", parts.groupNorm(groups, channels, eps, 4));
    conv1 = track("conv1", parts.conv(channels, mid, 3));
    timeProj =
        temb == null
            ? null
            : track("time_emb_proj", parts.linearOfRows(temb, scaleShift ? 2 * mid : mid));
    norm2 = track("norm2", parts.groupNorm(groupsOut == null ? groups : groupsOut, mid, eps, 4));
    dropout = rate == 0 ? null : track("dropout", parts.dropout(rate));
    conv2 = track("conv2", parts.conv(mid, out, 3));
    boolean convolved = decides ? wanted : channels != out;
    shortcut =
        convolved
            ? track("conv_shortcut", parts.conv(channels, out, 1, 1, "same", shortcutBias))
            : null;
  }

  @Override
  public List<Tensor> call(List<Tensor> inputs, CallContext ctx) {
    Tensor given = inputs.get(0);
    Images.check(label(), given, channelsFirst, channels);
    Tensor x = Images.toLast(given, channelsFirst);
    Tensor h = resized(Images.activate(activation, norm1.apply(x)));
    x = resized(x);
    h = conv1.apply(h);
    Tensor t = time(at(inputs, 1));
    if (t != null && !scaleShift) {
      h = h.plus(t);
    }
    h = norm2.apply(h);
    if (t != null && scaleShift) {
      List<Tensor> two = Ops.split(t, 2, 3);
      h = h.times(two.get(0).plus(1)).plus(two.get(1));
    }
    h = Images.activate(activation, h);
    h = conv2.apply(dropout == null ? h : dropout.apply(h));
    Tensor y = (shortcut == null ? x : shortcut.apply(x)).plus(h);
    return List.of(Images.toFirst(outputScale == 1 ? y : y.divide(outputScale), channelsFirst));
  }

  private Tensor resized(Tensor x) {
    if (up) {
      return Images.nearest(x, 2 * x.dim(1), 2 * x.dim(2));
    }
    return down ? Downsample2D.averaged(x) : x;
  }

  /** What the time adds, (batch, 1, 1, channels). */
  private Tensor time(Tensor temb) {
    if (timeProj == null) {
      return null;
    }
    if (temb == null || temb.rank() != 2) {
      throw new ShapeException(
          label()
              + ": expected temb (batch, temb_channels). Received: "
              + (temb == null ? "nothing" : "shape " + temb.shape()));
    }
    Tensor t = timeProj.apply(skipTimeAct ? temb : Images.activate(activation, temb));
    return Ops.reshape(t, t.dim(0), 1, 1, t.dim(1));
  }
}
