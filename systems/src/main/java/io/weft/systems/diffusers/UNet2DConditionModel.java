package io.weft.systems.diffusers;

import io.weft.config.Config;
import io.weft.error.ShapeException;
import io.weft.error.UnsupportedFeatureException;
import io.weft.layer.BuildConfigs;
import io.weft.layer.BuildContext;
import io.weft.layer.CallContext;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import io.weft.layers.convolutional.Conv2D;
import io.weft.layers.core.Dense;
import io.weft.layers.normalization.GroupNormalization;
import io.weft.models.SubclassedModel;
import io.weft.systems.weights.Renaming;
import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * The conditional U-Net of Stable Diffusion, as diffusers' {@code UNet2DConditionModel}: predicts
 * from a noisy image, its step of time and a context what the image's noise is.
 *
 * <p>Inputs: {@code sample (batch, in_channels, height, width)}, {@code timestep (batch)}, (1) or a
 * scalar, {@code encoder_hidden_states (batch, S, cross_attention_dim)}; {@code class_labels},
 * {@code timestep_cond}, {@code attention_mask} and {@code encoder_attention_mask} ({@code (batch,
 * keys)}, 1 = keep) may be missing. Sizes need not be divisible by the number of halvings. Call
 * arguments of a ControlNet: {@code down_block_additional_residuals}, {@code
 * mid_block_additional_residual}; of image prompts: {@code ip_adapter_masks}. Output: {@code
 * (batch, out_channels, height, width)}.
 *
 * <p>Arguments and names of weights are the original's, so {@link
 * io.weft.systems.weights.StateDict#loadSafetensors} reads its files; {@code attention_head_dim}
 * is, as there, the number of heads. The defaults with {@code cross_attention_dim} 768 are Stable
 * Diffusion 1.x. Blocks other than {@code (CrossAttn)DownBlock2D}, {@code (CrossAttn)UpBlock2D} and
 * the middle ones of these families are refused. Beyond the original's arguments {@code
 * attention_adapter}, a map, hands LoRA and other adapters on to the attentions: see {@link
 * DiffusersAttention}.
 */
public final class UNet2DConditionModel extends SubclassedModel {
  public static final LayerType<UNet2DConditionModel> TYPE =
      LayerType.custom("diffusers", "UNet2DConditionModel", UNet2DConditionModel::new)
          .inputs(
              "sample",
              "timestep",
              "encoder_hidden_states",
              "class_labels",
              "timestep_cond",
              "attention_mask",
              "encoder_attention_mask")
          .args(
              "down_block_additional_residuals",
              "mid_block_additional_residual",
              "training",
              "ip_adapter_masks");

  private final Parts parts = new Parts(policy());
  private final int inChannels;
  private final boolean center;
  private final String activation;
  private final String timeActivation;
  private final Conv2D convIn;
  private final Timesteps timeProj;
  private final TimestepEmbedding timeEmbedding;
  private final Dense contextProj;
  private final ClassEmbedding classEmbedding;
  private final List<UNetBlock> downBlocks;
  private final List<UNetBlock> upBlocks;
  private final UNetBlock midBlock;
  private final GroupNormalization normOut;
  private final Conv2D convOut;

  /** Restores a model from its config. */
  public UNet2DConditionModel(Config config) {
    super(TYPE, config);
    args.any("sample_size", null);
    inChannels = args.positiveInt("in_channels", 4);
    int outChannels = args.positiveInt("out_channels", 4);
    center = args.bool("center_input_sample", false);
    boolean flip = args.bool("flip_sin_to_cos", true);
    double shift = args.number("freq_shift", 0);
    UNetPlan plan = new UNetPlan(args, policy(), parts).tracking(this::track);
    int groups = args.positiveInt("norm_num_groups", 32);
    double eps = args.nonNegative("norm_eps", 1e-5);
    activation = args.string("act_fn", "silu");
    Integer hidden = args.integerOrNull("encoder_hid_dim", null);
    String hiddenType = args.stringOrNull("encoder_hid_dim_type", null);
    only("num_attention_heads", null, "attention_head_dim is the number of heads.");
    only("dual_cross_attention", false, "Dual attention is not supported.");
    only("addition_embed_type", null, "Further embeddings are not supported.");
    args.any("addition_time_embed_dim", null);
    args.any("addition_embed_type_num_heads", 64);
    args.bool("resnet_skip_time_act", false); // read by block types that are refused
    args.number("resnet_out_scale_factor", 1.0);
    only("time_embedding_type", "positional", "Fourier features are not supported.");
    Integer timeDim = args.integerOrNull("time_embedding_dim", null);
    timeActivation = activationOrNull("time_embedding_act_fn");
    String post = activationOrNull("timestep_post_act");
    Integer condition = args.integerOrNull("time_cond_proj_dim", null);
    int kernelIn = oddInt("conv_in_kernel");
    int kernelOut = oddInt("conv_out_kernel");
    only("attention_type", "default", "Gated attention is not supported.");
    args.any("mid_block_only_cross_attention", null);
    only("cross_attention_norm", null, "No supported block has such a norm.");
    int first = plan.channels.get(0);
    int timeWidth = timeDim == null ? 4 * first : timeDim;
    convIn = track("conv_in", parts.conv(inChannels, first, kernelIn));
    Config steps =
        Config.of("num_channels", first, "flip_sin_to_cos", flip, "downscale_freq_shift", shift);
    timeProj = track("time_proj", parts.add(Layer.fromConfig(Timesteps.TYPE, steps), -1));
    Config time =
        Config.of("in_channels", first, "time_embed_dim", timeWidth, "act_fn", activation)
            .with("post_act_fn", post)
            .with("cond_proj_dim", condition)
            .with("dtype", policy());
    timeEmbedding =
        track(
            "time_embedding", parts.add(Layer.fromConfig(TimestepEmbedding.TYPE, time), -1, first));
    contextProj = contextProjection(hidden, hiddenType);
    classEmbedding = new ClassEmbedding(args, policy(), parts, timeProj, first, timeWidth);
    classEmbedding.layers().forEach(this::track);
    int blocksWidth = classEmbedding.isConcatenated() ? 2 * timeWidth : timeWidth;
    downBlocks = plan.down(blocksWidth);
    upBlocks = plan.up(blocksWidth);
    midBlock = plan.mid(blocksWidth);
    normOut = track("conv_norm_out", parts.groupNorm(groups, first, eps, 4));
    convOut = track("conv_out", parts.conv(first, outChannels, kernelOut));
  }

  private String activationOrNull(String key) {
    return args.any(key, null) == null ? null : Images.activation(args, key, "silu");
  }

  private int oddInt(String key) {
    int k = args.positiveInt(key, 3);
    if (k % 2 == 0) {
      throw args.refuse(key, "an odd number");
    }
    return k;
  }

  private void only(String key, Object value, String wayOut) {
    DiffusersLayer.only(args, label(), key, value, wayOut);
  }

  private Dense contextProjection(Integer width, String type) {
    if (width == null && type == null) {
      return null;
    }
    if (width == null || type != null && !type.equals("text_proj")) {
      throw new UnsupportedFeatureException(
          label()
              + ": expected encoder_hid_dim with encoder_hid_dim_type='text_proj'. Received: "
              + width
              + ", "
              + type
              + ". Project the context before the model.");
    }
    if (!(args.any("cross_attention_dim", 1280) instanceof Long out)) {
      throw args.refuse("cross_attention_dim", "one integer where encoder_hid_dim is set");
    }
    return track("encoder_hid_proj", parts.linear(width, Math.toIntExact(out), true));
  }

  /**
   * The names of this model's weights in checkpoints of CompVis and Stability AI, for {@link
   * io.weft.systems.weights.StateDictOptions#withRenaming}.
   *
   * @param prefix what stands before them, such as {@code model.diffusion_model.}, or nothing
   */
  public Renaming compVisNames(String prefix) {
    return CompVisNames.of(prefix, downBlocks, midBlock, upBlocks);
  }

  @Override
  protected void build(BuildContext b) {
    parts.build(b);
  }

  @Override
  public Config getBuildConfig() {
    return buildShapes().isEmpty()
        ? null
        : Config.of(
            "shapes_dict", Config.of("sample_shape", BuildConfigs.sizes(buildShapes().get(0))));
  }

  // ---------------------------------------------------------------- the computation

  @Override
  public List<Tensor> call(List<Tensor> inputs, CallContext ctx) {
    Tensor sample = inputs.get(0);
    Images.check(label(), sample, true, inChannels);
    Tensor timestep = DiffusersLayer.at(inputs, 1);
    if (timestep == null || timestep.rank() > 1) {
      throw new ShapeException(
          label()
              + ": expected timestep (batch) or a scalar. Received: "
              + (timestep == null ? "nothing" : "shape " + timestep.shape()));
    }
    Tensor context = DiffusersLayer.at(inputs, 2);
    int batch = sample.dim(0);
    Tensor steps = Ops.broadcastTo(timestep, Shape.of(batch));
    Tensor time = timeEmbedding.apply(pair(timeProj.apply(steps), DiffusersLayer.at(inputs, 4)));
    time = classEmbedding.with(label(), time, DiffusersLayer.at(inputs, 3));
    if (timeActivation != null) {
      time = Images.activate(timeActivation, time);
    }
    if (context != null && contextProj != null) {
      context = contextProj.apply(context);
    }
    DType dtype = sample.dtype();
    UNetBlock.Conditions conditions =
        new UNetBlock.Conditions(
            time,
            context,
            Transformer2DModel.keepMask(DiffusersLayer.at(inputs, 5), dtype),
            Transformer2DModel.keepMask(DiffusersLayer.at(inputs, 6), dtype),
            ctx.forward("ip_adapter_masks"));
    Tensor x = Images.toLast(center ? sample.times(2).minus(1) : sample, true);
    Tensor y = through(convIn.apply(x), conditions, ctx);
    y = convOut.apply(Images.activate(activation, normOut.apply(y)));
    return List.of(Images.toFirst(y, true));
  }

  private static Tensor[] pair(Tensor x, Tensor optional) {
    return optional == null ? new Tensor[] {x} : new Tensor[] {x, optional};
  }

  private Tensor through(Tensor start, UNetBlock.Conditions c, CallContext ctx) {
    List<Tensor> skips = new ArrayList<>();
    skips.add(start);
    Tensor x = start;
    for (UNetBlock b : downBlocks) {
      for (int i = 0; i < b.resnets().size(); i++) {
        x = b.pair(i, x, c);
        skips.add(x);
      }
      if (b.sampler() != null) {
        x = b.sampler().apply(x);
        skips.add(x);
      }
    }
    addResiduals(skips, ctx.args().get("down_block_additional_residuals"));
    if (midBlock != null) {
      x = midBlock.resnet(0, x, c);
      for (int i = 0; i < midBlock.attentions().size(); i++) {
        x = midBlock.resnet(i + 1, midBlock.attention(i, x, c), c);
      }
    }
    Tensor more = ctx.args().tensor("mid_block_additional_residual");
    if (more != null) {
      x = x.plus(Images.toLast(more, true));
    }
    for (UNetBlock b : upBlocks) {
      for (int i = 0; i < b.resnets().size(); i++) {
        Tensor skip = skips.remove(skips.size() - 1);
        x = b.pair(i, Ops.concatenate(List.of(x, skip), 3), c);
      }
      if (b.sampler() != null) {
        // to the size of the next skip: the double, less what was rounded up on the way down
        Tensor next = skips.get(skips.size() - 1);
        x = ((Upsample2D) b.sampler()).resized(x, next.dim(1), next.dim(2));
      }
    }
    return x;
  }

  private void addResiduals(List<Tensor> skips, Object residuals) {
    if (residuals == null) {
      return;
    }
    if (!(residuals instanceof List<?> l) || l.size() != skips.size()) {
      throw new ShapeException(
          label()
              + ": expected "
              + skips.size()
              + " down_block_additional_residuals. Received: "
              + (residuals instanceof List<?> l2 ? l2.size() : residuals));
    }
    for (int i = 0; i < skips.size(); i++) {
      skips.set(i, skips.get(i).plus(Images.toLast((Tensor) l.get(i), true)));
    }
  }
}
