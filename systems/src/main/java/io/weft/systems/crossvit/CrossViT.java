package io.weft.systems.crossvit;

import io.weft.config.Config;
import io.weft.error.ShapeException;
import io.weft.initializers.RandomNormal;
import io.weft.layer.BuildContext;
import io.weft.layer.CallArgs;
import io.weft.layer.CallContext;
import io.weft.layer.LayerType;
import io.weft.layers.convolutional.Conv2D;
import io.weft.layers.core.Dense;
import io.weft.layers.normalization.LayerNormalization;
import io.weft.layers.regularization.Dropout;
import io.weft.models.SubclassedModel;
import io.weft.systems.core.Bicubic;
import io.weft.systems.core.Parts;
import io.weft.tensor.Index;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.tensor.Variable;
import java.util.ArrayList;
import java.util.List;

/**
 * CrossViT (Chen et al. 2021, arXiv 2103.14899): branches that see the image in patches of
 * different sizes, stages of {@link MultiScaleBlock} in which their class tokens meet, and a head
 * for each class token, whose logits are averaged. Arguments, names and defaults are those of
 * timm's class {@code CrossVit}.
 *
 * <p>Input: {@code (batch, in_chans, height, width)} of {@code img_size}; branch i sees it resized
 * by {@code img_scale[i]} (bicubic), or with {@code crop_scale} its middle. Output: logits {@code
 * (batch, num_classes)}; with {@code num_classes} 0 the class tokens after each other. Weights:
 * {@code pos_embed_i}, {@code cls_token_i} for each branch, {@code patch_embed.i.proj}, {@code
 * blocks}, {@code norm}, {@code head}.
 */
public final class CrossViT extends SubclassedModel {
  public static final LayerType<CrossViT> TYPE =
      LayerType.custom(CrossvitTypes.PACKAGE, "CrossVit", CrossViT::new).args("training");

  private static final double EPSILON = 1e-6;

  private final int[] size;
  private final int channels;
  private final double[] scale;
  private final int[] patch;
  private final int[] dim;
  private final boolean crop;
  private final boolean average;
  private final List<PatchEmbedding> embeddings = new ArrayList<>();
  private final Dropout posDrop;
  private final List<MultiScaleBlock> blocks = new ArrayList<>();
  private final List<LayerNormalization> norms = new ArrayList<>();
  private final Dropout headDrop;
  private final List<Dense> heads = new ArrayList<>();
  private final List<Variable> positions = new ArrayList<>();
  private final List<Variable> classTokens = new ArrayList<>();

  /** Restores a model from its config. */
  public CrossViT(Config config) {
    super(TYPE, config);
    size = Lists.positive(args, "img_size", 2, 224);
    scale = Lists.numbers(args, "img_scale", 2, 1.0);
    patch = Lists.positive(args, "patch_size", -1, List.of(8, 16));
    channels = args.positiveInt("in_chans", 3);
    int classes = args.integer("num_classes", 1000);
    int n = patch.length;
    if (n != scale.length) {
      throw args.refuse("img_scale", "a factor for each of " + n + " branches");
    }
    if (classes < 0) {
      throw args.refuse("num_classes", "a number that is not negative");
    }
    dim = Lists.positive(args, "embed_dim", n, List.of(192, 384));
    Object stage = List.of(1, 3, 1);
    Object depth = args.any("depth", List.of(stage, stage, stage));
    Object heads0 = args.any("num_heads", List.of(6, 12));
    Object ratio = args.any("mlp_ratio", List.of(2.0, 2.0, 4.0));
    boolean several = args.bool("multi_conv", false);
    crop = args.bool("crop_scale", false);
    boolean bias = args.bool("qkv_bias", true);
    double rate = args.fraction("drop_rate", 0.0);
    double positionRate = args.fraction("pos_drop_rate", 0.0);
    double projection = args.fraction("proj_drop_rate", 0.0);
    double attention = args.fraction("attn_drop_rate", 0.0);
    double path = args.fraction("drop_path_rate", 0.0);
    average = args.oneOf("global_pool", "token", "token", "avg").equals("avg");
    boolean defects = args.bool("defects", false);
    if (!args.has("defects")) {
      args.forget("defects");
    }
    for (int i = 0; i < n; i++) {
      PatchEmbedding e = new PatchEmbedding(patch[i], dim[i], several, policy());
      List<Conv2D> convolutions = e.convolutions();
      for (int k = 0; k < convolutions.size(); k++) {
        // a Sequential counts its activations too
        track("patch_embed." + i + ".proj" + (several ? "." + 2 * k : ""), convolutions.get(k));
      }
      embeddings.add(e);
    }
    posDrop = track("pos_drop", Parts.dropout(positionRate, policy()));
    Config common =
        Config.of(
            "dim",
            dim,
            "num_heads",
            heads0,
            "mlp_ratio",
            ratio,
            "qkv_bias",
            bias,
            "proj_drop",
            projection,
            "attn_drop",
            attention,
            "norm_eps",
            EPSILON,
            "dtype",
            policy());
    Config block = defects ? common.with("defects", true) : common;
    List<int[]> depths = depths(depth, n);
    double[] paths = paths(path, depths);
    int at = 0;
    for (int[] d : depths) {
      int own = longest(d);
      List<Object> rates = new ArrayList<>();
      for (int k = 0; k < own; k++) {
        rates.add(paths[at++]);
      }
      Object given = own == 0 ? (Object) 0.0 : rates;
      blocks.add(fromConfig(MultiScaleBlock.TYPE, block.with("depth", d).with("drop_path", given)));
    }
    trackAll("blocks", blocks);
    for (int i = 0; i < n; i++) {
      norms.add(Parts.norm(EPSILON, true, policy()));
    }
    trackAll("norm", norms);
    headDrop = track("head_drop", Parts.dropout(rate, policy()));
    for (int i = 0; i < n && classes > 0; i++) {
      heads.add(Parts.dense(classes, true, policy()));
    }
    trackAll("head", heads);
  }

  private List<int[]> depths(Object given, int branches) {
    List<int[]> all = new ArrayList<>();
    if (given instanceof List<?> stages) {
      for (Object stage : stages) {
        if (stage instanceof List<?> l
            && l.size() == branches + 1
            && l.stream().allMatch(d -> d instanceof Long v && v >= 0 && v < 1000)) {
          all.add(l.stream().mapToInt(d -> Math.toIntExact((Long) d)).toArray());
        }
      }
      if (all.size() == stages.size()) {
        return all;
      }
    }
    throw args.refuse("depth", "a list of lists of " + (branches + 1) + " numbers of blocks");
  }

  private static int longest(int[] depth) {
    int most = 0;
    for (int i = 0; i < depth.length - 1; i++) {
      most = Math.max(most, depth[i]);
    }
    return most + depth[depth.length - 1];
  }

  /** Rates that grow from 0 to the given one over all blocks. */
  private static double[] paths(double rate, List<int[]> depths) {
    int total = depths.stream().mapToInt(CrossViT::longest).sum();
    double[] all = new double[total];
    for (int i = 0; i < total; i++) {
      all[i] = total == 1 ? 0 : rate * i / (total - 1);
    }
    return all;
  }

  private int scaled(int branch, int axis) {
    return (int) (size[axis] * scale[branch]);
  }

  @Override
  protected void build(BuildContext b) {
    check(b.input());
    List<Shape> tokens = new ArrayList<>();
    for (int i = 0; i < dim.length; i++) {
      int patches = (scaled(i, 0) / patch[i]) * (scaled(i, 1) / patch[i]);
      Shape s = Shape.of(1, 1 + patches, dim[i]);
      positions.add(b.addWeight("pos_embed_" + i, s, start()));
      classTokens.add(b.addWeight("cls_token_" + i, s.withDim(1, 1), start()));
      tokens.add(s.withDim(0, Shape.UNKNOWN));
      Shape image = Shape.of(Shape.UNKNOWN, scaled(i, 0), scaled(i, 1), channels);
      for (Conv2D c : embeddings.get(i).convolutions()) {
        b.build(c, image);
        image = c.computeOutputShape(image).get(0);
      }
      b.build(norms.get(i), s);
      if (!heads.isEmpty()) {
        b.build(heads.get(i), Shape.of(Shape.UNKNOWN, dim[i]));
      }
    }
    for (MultiScaleBlock block : blocks) {
      b.build(block, tokens.toArray(Shape[]::new));
    }
  }

  private static RandomNormal start() {
    return new RandomNormal(Config.of("mean", 0.0, "stddev", 0.02));
  }

  private void check(Shape s) {
    if (s.rank() != 4 || s.dim(1) != channels || s.dim(2) != size[0] || s.dim(3) != size[1]) {
      throw new ShapeException(
          label()
              + ": expected images (batch, "
              + channels
              + ", "
              + size[0]
              + ", "
              + size[1]
              + "). Received: shape "
              + s);
    }
  }

  @Override
  public List<Tensor> call(List<Tensor> inputs, CallContext ctx) {
    check(inputs.get(0).shape());
    Tensor image = Ops.transpose(inputs.get(0), 0, 2, 3, 1);
    List<Tensor> xs = new ArrayList<>();
    for (int i = 0; i < dim.length; i++) {
      Tensor patches = embeddings.get(i).apply(scaledImage(image, scaled(i, 0), scaled(i, 1)));
      Tensor cls = classTokens.get(i).value();
      cls = Ops.broadcastTo(cls, cls.shape().withDim(0, image.dim(0)));
      Tensor x = Ops.concatenate(List.of(cls, patches), 1).plus(positions.get(i).value());
      xs.add(posDrop.apply(x));
    }
    for (MultiScaleBlock block : blocks) {
      xs = block.applyAll(xs, CallArgs.NONE);
    }
    List<Tensor> pooled = new ArrayList<>();
    for (int i = 0; i < dim.length; i++) {
      Tensor x = norms.get(i).apply(xs.get(i));
      Tensor one =
          average
              ? Ops.mean(x.get(Index.all(), Index.from(1)), 1)
              : x.get(Index.all(), Index.at(0));
      Tensor kept = headDrop.apply(one);
      pooled.add(heads.isEmpty() ? kept : heads.get(i).apply(kept));
    }
    return List.of(
        heads.isEmpty()
            ? Ops.concatenate(pooled, 1)
            : Ops.mean(Ops.stack(pooled, 0), new int[] {0}, false));
  }

  private Tensor scaledImage(Tensor x, int height, int width) {
    int h = x.dim(1);
    int w = x.dim(2);
    if (h == height && w == width) {
      return x;
    }
    if (crop && height <= h && width <= w) {
      int top = (int) Math.rint((h - height) / 2.0);
      int left = (int) Math.rint((w - width) / 2.0);
      return x.get(Index.all(), Index.range(top, top + height), Index.range(left, left + width));
    }
    return Bicubic.resize(x, height, width);
  }
}
