package io.weft.systems.diffusers;

import io.weft.config.Args;
import io.weft.config.Config;
import io.weft.layer.DTypePolicy;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import io.weft.tensor.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.BiConsumer;

/** The levels of a {@link UNet2DConditionModel}, made from its arguments in the original's way. */
final class UNetPlan {
  private static final List<String> DOWN = List.of("CrossAttnDownBlock2D", "DownBlock2D");
  private static final List<String> UP = List.of("CrossAttnUpBlock2D", "UpBlock2D");

  /** The number of channels of each level. */
  final List<Integer> channels;

  private final Args args;
  private final DTypePolicy policy;
  private final Parts parts;
  private final List<String> downTypes;
  private final String midType;
  private final List<String> upTypes;
  private final List<Boolean> onlyCross;
  private final List<Integer> layers;
  private final int downsamplePadding;
  private final double midScale;
  private final Config resnet;
  private final List<Integer> contextDims;
  private final List<List<Integer>> depths;
  private final List<List<Integer>> reversedDepths;
  private final List<Integer> heads;
  private final Config attention;
  private BiConsumer<String, Layer> track;

  UNetPlan(Args args, DTypePolicy policy, Parts parts) {
    this.args = args;
    this.policy = policy;
    this.parts = parts;
    downTypes =
        types(
            "down_block_types", DOWN, List.of(DOWN.get(0), DOWN.get(0), DOWN.get(0), DOWN.get(1)));
    midType = args.stringOrNull("mid_block_type", "UNetMidBlock2DCrossAttn");
    if (midType != null
        && !midType.equals("UNetMidBlock2DCrossAttn")
        && !midType.equals("UNetMidBlock2D")) {
      throw args.refuse("mid_block_type", "null, UNetMidBlock2DCrossAttn or UNetMidBlock2D");
    }
    upTypes = types("up_block_types", UP, List.of(UP.get(1), UP.get(0), UP.get(0), UP.get(0)));
    onlyCross = perLevel("only_cross_attention", false, Boolean.class);
    channels = ints("block_out_channels", List.of(320, 640, 1280, 1280));
    layers = ints("layers_per_block", 2);
    downsamplePadding = args.integer("downsample_padding", 1);
    midScale = args.number("mid_block_scale_factor", 1.0);
    double dropout = args.fraction("dropout", 0.0);
    String activation = Images.activation(args, "act_fn", "silu");
    int groups = args.positiveInt("norm_num_groups", 32);
    double eps = args.nonNegative("norm_eps", 1e-5);
    contextDims = ints("cross_attention_dim", 1280);
    depths = depths("transformer_layers_per_block", 1);
    boolean reversed = args.any("reverse_transformer_layers_per_block", null) != null;
    reversedDepths =
        reversed ? depths("reverse_transformer_layers_per_block", null) : reversed(depths);
    heads = ints("attention_head_dim", 8); // the original's misnomer: numbers of heads
    boolean linear = args.bool("use_linear_projection", false);
    boolean upcast = args.bool("upcast_attention", false);
    String shift = args.oneOf("resnet_time_scale_shift", "default", "default", "scale_shift");
    resnet =
        Config.of("dropout", dropout, "groups", groups, "eps", eps)
            .with("non_linearity", activation)
            .with("time_embedding_norm", shift)
            .with("data_format", "channels_last")
            .with("dtype", policy);
    Config adapter = AttentionAdapter.handedOn(args);
    Config shared =
        Config.of("norm_num_groups", groups, "use_linear_projection", linear)
            .with("upcast_attention", upcast)
            .with("data_format", "channels_last")
            .with("dtype", policy);
    attention = adapter.isEmpty() ? shared : shared.with("attention_adapter", adapter);
  }

  // ---------------------------------------------------------------- arguments

  private List<String> types(String key, List<String> known, List<String> fallback) {
    Object v = args.any(key, fallback);
    List<String> out = new ArrayList<>();
    for (Object o : v instanceof List<?> l ? l : List.of()) {
      if (o instanceof String s && known.contains(s)) {
        out.add(s);
      }
    }
    int expected = downTypes == null ? out.size() : downTypes.size();
    if (out.isEmpty()
        || !(v instanceof List<?> l && l.size() == expected)
        || out.size() != expected) {
      throw args.refuse(key, "a list of " + known + ", equally long for down and up");
    }
    return out;
  }

  private <T> List<T> perLevel(String key, Object fallback, Class<T> type) {
    Object v = args.any(key, fallback);
    int n = downTypes.size();
    List<?> l = v instanceof List<?> given ? given : Collections.nCopies(n, v);
    if (l.size() != n || !l.stream().allMatch(type::isInstance)) {
      throw args.refuse(key, "one value, or a list of one for each of the " + n + " levels");
    }
    return l.stream().map(type::cast).toList();
  }

  private List<Integer> ints(String key, Object fallback) {
    List<Long> l = perLevel(key, fallback, Long.class);
    if (!l.stream().allMatch(i -> i > 0 && i <= 1 << 20)) {
      throw args.refuse(key, "positive integers");
    }
    return l.stream().map(Long::intValue).toList();
  }

  /** Transformer blocks of each attention of each level: a number, numbers, or lists of numbers. */
  private List<List<Integer>> depths(String key, Object fallback) {
    List<Object> l = perLevel(key, fallback, Object.class);
    List<List<Integer>> out = new ArrayList<>();
    for (Object o : l) {
      List<Integer> level = new ArrayList<>();
      for (Object d : o instanceof List<?> each ? each : List.of(o)) {
        if (!(d instanceof Long n && n > 0 && n <= 1 << 20)) {
          throw args.refuse(key, "positive integers");
        }
        level.add(((Long) d).intValue());
      }
      out.add(level);
    }
    return out;
  }

  private static <T> List<T> reversed(List<T> l) {
    List<T> r = new ArrayList<>(l);
    Collections.reverse(r);
    return r;
  }

  private int depth(List<List<Integer>> of, int level, int i, int count) {
    List<Integer> l = of.get(level);
    if (l.size() != 1 && l.size() != count) {
      throw args.refuse(
          "transformer_layers_per_block", "for level " + level + " one number or " + count);
    }
    return l.get(l.size() == 1 ? 0 : i);
  }

  // ---------------------------------------------------------------- levels

  /** Makes the levels; {@code track} makes each layer part of the model. */
  UNetPlan tracking(BiConsumer<String, Layer> by) {
    track = by;
    return this;
  }

  int levels() {
    return channels.size();
  }

  List<UNetBlock> down(int timeWidth) {
    List<UNetBlock> blocks = new ArrayList<>();
    int in = channels.get(0);
    for (int level = 0; level < levels(); level++) {
      String at = "down_blocks." + level;
      int out = channels.get(level);
      boolean attends = downTypes.get(level).equals(DOWN.get(0));
      List<ResnetBlock2D> resnets = new ArrayList<>();
      List<Transformer2DModel> attentions = new ArrayList<>();
      for (int i = 0; i < layers.get(level); i++) {
        resnets.add(resnet(at + ".resnets." + i, in, out, timeWidth, 1));
        in = out;
        if (attends) {
          int depth = depth(depths, level, i, layers.get(level));
          attentions.add(attention(at + ".attentions." + i, level, depth, onlyCross.get(level)));
        }
      }
      DiffusersLayer sampler = null;
      if (level < levels() - 1) {
        Config c = sampling(out).with("padding", downsamplePadding);
        sampler = add(at + ".downsamplers.0", Downsample2D.TYPE, c, out);
      }
      blocks.add(new UNetBlock(resnets, attentions, sampler));
    }
    return blocks;
  }

  UNetBlock mid(int timeWidth) {
    if (midType == null) {
      return null;
    }
    int last = levels() - 1;
    int c = channels.get(last);
    List<ResnetBlock2D> resnets = new ArrayList<>();
    resnets.add(resnet("mid_block.resnets.0", c, c, timeWidth, midScale));
    List<Transformer2DModel> attentions = new ArrayList<>();
    if (midType.equals("UNetMidBlock2DCrossAttn")) {
      attentions.add(attention("mid_block.attentions.0", last, depths.get(last).get(0), false));
      resnets.add(resnet("mid_block.resnets.1", c, c, timeWidth, midScale));
    }
    return new UNetBlock(resnets, attentions, null);
  }

  List<UNetBlock> up(int timeWidth) {
    List<UNetBlock> blocks = new ArrayList<>();
    int n = levels();
    int before = channels.get(n - 1);
    for (int i = 0; i < n; i++) {
      String at = "up_blocks." + i;
      int level = n - 1 - i;
      int out = channels.get(level);
      int skipIn = channels.get(Math.max(level - 1, 0));
      boolean attends = upTypes.get(i).equals(UP.get(0));
      int count = layers.get(level) + 1;
      List<ResnetBlock2D> resnets = new ArrayList<>();
      List<Transformer2DModel> attentions = new ArrayList<>();
      for (int k = 0; k < count; k++) {
        int skip = k == count - 1 ? skipIn : out;
        int in = (k == 0 ? before : out) + skip;
        resnets.add(resnet(at + ".resnets." + k, in, out, timeWidth, 1));
        if (attends) {
          int depth = depth(reversedDepths, i, k, count);
          attentions.add(attention(at + ".attentions." + k, level, depth, onlyCross.get(level)));
        }
      }
      before = out;
      DiffusersLayer sampler =
          i < n - 1 ? add(at + ".upsamplers.0", Upsample2D.TYPE, sampling(out), out) : null;
      blocks.add(new UNetBlock(resnets, attentions, sampler));
    }
    return blocks;
  }

  private Config sampling(int width) {
    return Config.of("channels", width, "use_conv", true, "out_channels", width)
        .with("data_format", "channels_last")
        .with("dtype", policy);
  }

  private ResnetBlock2D resnet(String name, int in, int out, int timeWidth, double scale) {
    Config c =
        resnet
            .with("in_channels", in)
            .with("out_channels", out)
            .with("temb_channels", timeWidth)
            .with("output_scale_factor", scale);
    return add(name, ResnetBlock2D.TYPE, c, in);
  }

  private Transformer2DModel attention(String name, int level, int depth, boolean only) {
    int width = channels.get(level);
    int h = heads.get(level);
    if (width < h) {
      throw args.refuse("attention_head_dim", "at most " + width + " heads for level " + level);
    }
    Config c =
        attention
            .with("num_attention_heads", h)
            .with("attention_head_dim", width / h)
            .with("in_channels", width)
            .with("num_layers", depth)
            .with("cross_attention_dim", contextDims.get(level))
            .with("only_cross_attention", only);
    return add(name, Transformer2DModel.TYPE, c, width);
  }

  private <L extends DiffusersLayer> L add(String name, LayerType<L> type, Config c, int width) {
    L layer = Layer.fromConfig(type, c);
    track.accept(name, layer);
    return parts.add(layer, Shape.UNKNOWN, Shape.UNKNOWN, Shape.UNKNOWN, width);
  }
}
