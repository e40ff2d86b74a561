package io.weft.systems.crossvit;

import io.weft.config.Config;
import io.weft.error.ShapeException;
import io.weft.layer.BuildContext;
import io.weft.layer.CallContext;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import io.weft.layers.core.Activation;
import io.weft.systems.core.Parts;
import io.weft.tensor.Index;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * A stage of CrossViT (Chen et al. 2021): each branch is encoded by itself, then its class token
 * attends to the patches of the next branch.
 *
 * <p>For branch i of width Cᵢ and the next one, j: {@code c = Linear(gelu(LN clsᵢ))} to width Cⱼ;
 * {@code z = fusion([c; patchesⱼ])}; {@code clsᵢ ← Linear(gelu(LN z₀))} back to Cᵢ. The patches of
 * a branch pass the fusion unchanged.
 *
 * <p>Inputs: tokens {@code (batch, Nᵢ, dim[i])} for each branch, the class token first. Outputs:
 * the same shapes. Arguments: {@code dim}, {@code num_heads} and {@code mlp_ratio} for each branch;
 * {@code depth}, the number of encoder blocks of each branch and last that of fusion blocks (0
 * means 1); {@code drop_path}, one rate or one for each block. {@code patches} is kept for the
 * original, which does not use it. Weights in the original's order: {@code blocks.i.k}, {@code
 * projs.i}, {@code fusion.i[.k]}, {@code revert_projs.i}.
 *
 * <p>Of several fusion blocks each sees all patches; in the original all but the first see the
 * class token alone, as they do here with {@code defects}.
 */
public final class MultiScaleBlock extends Layer {
  private static final int MOST = 8;

  public static final LayerType<MultiScaleBlock> TYPE =
      LayerType.custom(CrossvitTypes.PACKAGE, "MultiScaleBlock", MultiScaleBlock::new)
          .inputs("x", "x_1")
          .optional("x_2", "x_3", "x_4", "x_5", "x_6", "x_7")
          .args("training");

  private final int[] dim;
  private final boolean defects;
  private final List<List<EncoderBlock>> blocks = new ArrayList<>();
  private final List<List<Layer>> projs = new ArrayList<>();
  private final List<List<CrossViTFusion>> fusion = new ArrayList<>();
  private final List<List<Layer>> revertProjs = new ArrayList<>();

  /** Restores a layer from its config. */
  public MultiScaleBlock(Config config) {
    super(TYPE, config);
    dim = Lists.positive(args, "dim", -1, null);
    int n = dim.length;
    if (n < 2 || n > MOST) {
      throw args.refuse("dim", "the widths of 2 to " + MOST + " branches");
    }
    args.any("patches", null);
    int[] depth = Lists.counts(args, "depth", n + 1);
    int[] heads = Lists.positive(args, "num_heads", n, null);
    double[] ratio = Lists.numbers(args, "mlp_ratio", n, 4.0);
    Config shared =
        Config.of(
            "qkv_bias",
            args.bool("qkv_bias", false),
            "proj_drop",
            args.fraction("proj_drop", 0.0),
            "attn_drop",
            args.fraction("attn_drop", 0.0),
            "dtype",
            policy());
    int most = 0;
    for (int i = 0; i < n; i++) {
      most = Math.max(most, depth[i]);
    }
    double[] path = Lists.rates(args, "drop_path", most + depth[n]);
    double epsilon = args.nonNegative("norm_eps", Parts.EPSILON);
    defects = args.bool("defects", false);
    if (!args.has("defects")) {
      args.forget("defects");
    }
    Config common = shared.with("norm_eps", epsilon);
    for (int i = 0; i < n; i++) {
      List<EncoderBlock> own = new ArrayList<>();
      for (int k = 0; k < depth[i]; k++) {
        own.add(fromConfig(EncoderBlock.TYPE, block(common, dim[i], heads[i], ratio[i], path[k])));
      }
      blocks.add(trackAll("blocks." + i, own));
    }
    for (int i = 0; i < n; i++) {
      projs.add(trackAll("projs." + i, projection(epsilon, dim[next(i)])));
    }
    for (int i = 0; i < n; i++) {
      int j = next(i);
      double last = path.length == 0 ? 0 : path[path.length - 1];
      List<CrossViTFusion> own = new ArrayList<>();
      for (int k = 0; k < Math.max(1, depth[n]); k++) {
        own.add(fromConfig(CrossViTFusion.TYPE, block(common, dim[j], heads[j], ratio[i], last)));
      }
      if (depth[n] == 0) {
        track("fusion." + i, own.get(0));
      } else {
        trackAll("fusion." + i, own);
      }
      fusion.add(own);
    }
    for (int i = 0; i < n; i++) {
      revertProjs.add(trackAll("revert_projs." + i, projection(epsilon, dim[i])));
    }
  }

  private int next(int branch) {
    return (branch + 1) % dim.length;
  }

  private static Config block(Config common, int width, int heads, double ratio, double path) {
    return common
        .with("dim", width)
        .with("num_heads", heads)
        .with("mlp_ratio", ratio)
        .with("drop_path", path);
  }

  private List<Layer> projection(double epsilon, int units) {
    return List.of(
        Parts.norm(epsilon, true, policy()),
        fromConfig(Activation.TYPE, Config.of("activation", "gelu", "dtype", policy())),
        Parts.dense(units, true, policy()));
  }

  @Override
  protected void build(BuildContext b) {
    check(b.inputs());
    for (int i = 0; i < dim.length; i++) {
      Shape own = b.input(i);
      Shape other = b.input(next(i));
      blocks.get(i).forEach(l -> b.build(l, own));
      build(b, projs.get(i), own.withDim(1, 1));
      fusion.get(i).forEach(l -> b.build(l, other));
      build(b, revertProjs.get(i), other.withDim(1, 1));
    }
  }

  private static void build(BuildContext b, List<Layer> projection, Shape in) {
    projection.forEach(l -> b.build(l, in));
  }

  private void check(List<Shape> inputs) {
    if (inputs.size() != dim.length) {
      throw new ShapeException(
          label()
              + ": expected tokens for each of "
              + dim.length
              + " branches. Received: "
              + inputs.size()
              + " inputs");
    }
    for (int i = 0; i < dim.length; i++) {
      Tokens.require(label() + ", branch " + i, inputs.get(i), dim[i]);
    }
  }

  @Override
  public List<Tensor> call(List<Tensor> inputs, CallContext ctx) {
    check(inputs.stream().map(Tensor::shape).toList());
    List<Tensor> encoded = new ArrayList<>();
    List<Tensor> tokens = new ArrayList<>();
    for (int i = 0; i < dim.length; i++) {
      Tensor x = inputs.get(i);
      for (EncoderBlock block : blocks.get(i)) {
        x = block.apply(x);
      }
      encoded.add(x);
      tokens.add(through(projs.get(i), first(x)));
    }
    List<Tensor> out = new ArrayList<>();
    for (int i = 0; i < dim.length; i++) {
      Tensor cls = tokens.get(i);
      Tensor patches = rest(encoded.get(next(i)));
      List<CrossViTFusion> all = fusion.get(i);
      for (int k = 0; k < all.size(); k++) {
        boolean alone = defects && k > 0;
        cls = all.get(k).apply(alone ? cls : Ops.concatenate(List.of(cls, patches), 1));
      }
      Tensor back = through(revertProjs.get(i), cls);
      out.add(Ops.concatenate(List.of(back, rest(encoded.get(i))), 1));
    }
    return out;
  }

  private static Tensor through(List<Layer> layers, Tensor x) {
    Tensor y = x;
    for (Layer l : layers) {
      y = l.apply(y);
    }
    return y;
  }

  private static Tensor first(Tensor x) {
    return x.get(Index.all(), Index.to(1));
  }

  private static Tensor rest(Tensor x) {
    return x.get(Index.all(), Index.from(1));
  }
}
