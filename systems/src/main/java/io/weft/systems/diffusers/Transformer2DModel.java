package io.weft.systems.diffusers;

import io.weft.config.Config;
import io.weft.layer.CallArgs;
import io.weft.layer.CallContext;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import io.weft.layers.normalization.GroupNormalization;
import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Transformer blocks on the pixels of an image, as diffusers' {@code Transformer2DModel} for
 * continuous inputs, CompVis' {@code SpatialTransformer}: group norm (epsilon 1e-6), projection,
 * blocks over the pixels row by row, projection back, residual.
 *
 * <p>Inputs: {@code hidden_states (batch, in_channels, height, width)}; {@code
 * encoder_hidden_states (batch, S, cross_attention_dim)}, {@code attention_mask} and {@code
 * encoder_attention_mask}, which may be missing: {@code (batch, keys)} with 1 = keep, which adds
 * −10000 to the scores of the others, or anything that {@link AttentionMask} takes. Output: as the
 * first. Weights: {@code norm}, {@code proj_in}, {@code transformer_blocks}, {@code proj_out}; the
 * projections are 1×1 convolutions, or linear with {@code use_linear_projection}. {@code
 * data_format} beyond the original: {@code channels_last}.
 */
public final class Transformer2DModel extends DiffusersLayer {
  public static final LayerType<Transformer2DModel> TYPE =
      LayerType.custom("diffusers", "Transformer2DModel", Transformer2DModel::new)
          .inputs(
              "hidden_states", "encoder_hidden_states", "attention_mask", "encoder_attention_mask")
          .args("training", "ip_adapter_masks");

  private final int channels;
  private final boolean channelsFirst;
  private final GroupNormalization norm;
  private final boolean linear;
  private final Layer projIn;
  private final Layer projOut;
  private final List<BasicTransformerBlock> blocks = new ArrayList<>();

  /** Restores a layer from its config. */
  public Transformer2DModel(Config config) {
    super(TYPE, config);
    int heads = args.positiveInt("num_attention_heads", 16);
    int width = args.positiveInt("attention_head_dim", 88);
    channels = args.positiveInt("in_channels");
    Integer out = args.integerOrNull("out_channels", null);
    int layers = args.integer("num_layers", 1);
    double dropout = args.fraction("dropout", 0.0);
    int groups = args.positiveInt("norm_num_groups", 32);
    Integer cross = args.integerOrNull("cross_attention_dim", null);
    boolean bias = args.bool("attention_bias", false);
    args.any("sample_size", null);
    only("num_vector_embeds", null, "Vector quantized inputs are not supported.");
    only("patch_size", null, "Patches are not supported.");
    String activation = args.string("activation_fn", "geglu");
    only("num_embeds_ada_norm", null, "Adaptive norms are not supported.");
    linear = args.bool("use_linear_projection", false);
    boolean onlyCross = args.bool("only_cross_attention", false);
    boolean doubleSelf = args.bool("double_self_attention", false);
    boolean upcast = args.bool("upcast_attention", false);
    only("norm_type", "layer_norm", "Adaptive norms are not supported.");
    boolean affine = args.bool("norm_elementwise_affine", true);
    double eps = args.nonNegative("norm_eps", 1e-5);
    only("attention_type", "default", "Gated attention is not supported.");
    only("caption_channels", null, "Captions are not supported.");
    args.any("interpolation_scale", null);
    args.any("use_additional_conditions", null);
    channelsFirst = Images.channelsFirst(args);
    Config adapter = AttentionAdapter.handedOn(args);
    int inner = heads * width;
    if (layers < 0) {
      throw args.refuse("num_layers", "a number that is not negative");
    }
    if (out != null && out != channels) {
      throw args.refuse("out_channels", "null or in_channels, which the residual needs");
    }
    norm = track("norm", parts.groupNorm(groups, channels, 1e-6, 4));
    projIn = track("proj_in", projection(channels, inner));
    Config block =
        Config.of("dim", inner, "num_attention_heads", heads, "attention_head_dim", width)
            .with("dropout", dropout)
            .with("cross_attention_dim", cross)
            .with("activation_fn", activation)
            .with("attention_bias", bias)
            .with("only_cross_attention", onlyCross)
            .with("double_self_attention", doubleSelf)
            .with("upcast_attention", upcast)
            .with("norm_elementwise_affine", affine)
            .with("norm_eps", eps)
            .with("dtype", policy());
    block = adapter.isEmpty() ? block : block.with("attention_adapter", adapter);
    for (int i = 0; i < layers; i++) {
      blocks.add(
          parts.add(
              Layer.fromConfig(BasicTransformerBlock.TYPE, block),
              Shape.UNKNOWN,
              Shape.UNKNOWN,
              inner));
    }
    trackAll("transformer_blocks", blocks);
    projOut = track("proj_out", projection(inner, channels));
  }

  private Layer projection(int in, int out) {
    return linear ? parts.linear(in, out, true) : parts.conv(in, out, 1);
  }

  @Override
  public List<Tensor> call(List<Tensor> inputs, CallContext ctx) {
    Tensor given = inputs.get(0);
    Images.check(label(), given, channelsFirst, channels);
    Tensor image = Images.toLast(given, channelsFirst);
    Tensor context = at(inputs, 1);
    Tensor mask = keepMask(at(inputs, 2), given.dtype());
    Tensor contextMask = keepMask(at(inputs, 3), given.dtype());
    Tensor x = projIn.apply(norm.apply(image));
    int[] pixels = x.shape().dims();
    x = Ops.reshape(x, x.dim(0), x.dim(1) * x.dim(2), x.dim(3));
    CallArgs call = ctx.forward("ip_adapter_masks");
    for (BasicTransformerBlock b : blocks) {
      x = b.apply(Arrays.asList(x, context, mask, contextMask), call);
    }
    Tensor y = projOut.apply(Ops.reshape(x, pixels)).plus(image);
    return List.of(Images.toFirst(y, channelsFirst));
  }

  /** A mask (batch, keys) with 1 = keep as what is added to scores; others as they are. */
  static Tensor keepMask(Tensor mask, DType dtype) {
    if (mask == null || mask.rank() != 2 || mask.dtype().isBool()) {
      return mask;
    }
    return Ops.expandDims(Ops.oneMinus(Ops.cast(mask, dtype)).times(-10000.0), 1);
  }
}
