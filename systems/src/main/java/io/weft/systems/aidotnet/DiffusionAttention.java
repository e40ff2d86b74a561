package io.weft.systems.aidotnet;

import io.weft.config.Config;
import io.weft.error.ShapeException;
import io.weft.layer.CallContext;
import io.weft.layer.LayerType;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.List;
import java.util.Map;

/**
 * The self-attention of a diffusion network, as AiDotNet's layer of this name: from {@code
 * flashAttentionThreshold} tokens on by the fused kernel, which never holds all scores, below by
 * the plain formula; with one set of weights, so that the results agree.
 *
 * <p>Input: an image {@code (batch, channels, height, width)} or tokens {@code (batch, T,
 * channels)}. Output: the same shape. With {@code useCausalMask} a token, in rows of pixels, sees
 * the tokens up to itself, with either kernel. Call arguments and weights as those of {@link
 * CrossAttentionLayer} with {@code queryDim = contextDim = channels}.
 */
public final class DiffusionAttention extends ProjectedLayer {
  public static final LayerType<DiffusionAttention> TYPE =
      LayerType.custom(AidotnetTypes.PACKAGE, "DiffusionAttention", DiffusionAttention::new)
          .inputs("input")
          .args("attention_mask", "training");

  private final int channels;
  private final int spatialSize;
  private final int threshold;
  private final boolean causal;

  /** Attention with 8 heads, fused from 256 tokens on. */
  public DiffusionAttention(int channels) {
    this(builder(channels).config());
  }

  /** Restores a layer from its config. */
  public DiffusionAttention(Config config) {
    super(TYPE, config);
    channels = args.positiveInt("channels");
    int numHeads = args.positiveInt("numHeads", 8);
    spatialSize = args.positiveInt("spatialSize", 64);
    threshold = args.integer("flashAttentionThreshold", 256);
    if (threshold < 0) {
      throw args.refuse("flashAttentionThreshold", "a number that is not negative");
    }
    causal = args.bool("useCausalMask", false);
    widths(channels, channels, numHeads);
  }

  @Override
  public List<Tensor> call(List<Tensor> inputs, CallContext ctx) {
    Shape s = inputs.get(0).shape();
    if (s.rank() != 3 && s.rank() != 4) {
      throw new ShapeException(
          label()
              + ": expected an image (batch, channels, height, width) or (batch, tokens, channels)."
              + " Received: shape "
              + s);
    }
    boolean fused = tokens(s) >= threshold;
    return List.of(
        cross(
            inputs.subList(0, 1),
            ctx,
            (q, k, v, mask) ->
                fused ? flash(q, k, v, mask, causal) : standard(q, k, v, mask, causal),
            true));
  }

  private static int tokens(Shape s) {
    return s.rank() == 4 ? s.dim(2) * s.dim(3) : s.dim(1);
  }

  public int channels() {
    return channels;
  }

  public int numHeads() {
    return heads();
  }

  /** Whether there are lengths for which the fused kernel is taken. */
  public boolean flashAttentionEnabled() {
    return threshold < Integer.MAX_VALUE;
  }

  @Override
  public Map<String, String> diagnostics() {
    Map<String, String> all = super.diagnostics();
    all.put("Channels", String.valueOf(channels));
    all.put("NumHeads", String.valueOf(heads()));
    all.put("HeadDim", String.valueOf(channels / heads()));
    all.put("SpatialSize", String.valueOf(spatialSize));
    all.put("FlashAttentionThreshold", String.valueOf(threshold));
    boolean flash = lastInput().map(s -> tokens(s) >= threshold).orElse(false);
    all.put("LastUsedFlashAttention", yes(flash));
    return all;
  }

  @Override
  List<Shape> declaredShapes() {
    return List.of(Shape.of(1, spatialSize * spatialSize, channels));
  }

  @Override
  Shape shownShape() {
    return declaredShapes().get(0);
  }

  public static Builder builder(int channels) {
    return new Builder(channels);
  }

  /** Optional settings of {@link DiffusionAttention}. */
  public static final class Builder extends Options<DiffusionAttention, Builder> {
    private Builder(int channels) {
      set("channels", channels);
    }

    /** Heads, a divisor of the channels; default 8. */
    public Builder numHeads(int heads) {
      return set("numHeads", heads);
    }

    /** The declared height and width of images; default 64. Any size works. */
    public Builder spatialSize(int size) {
      return set("spatialSize", size);
    }

    /** The number of tokens from which on the fused kernel runs; default 256. */
    public Builder flashAttentionThreshold(int tokens) {
      return set("flashAttentionThreshold", tokens);
    }

    /** Whether a token sees the tokens up to itself only; default false. */
    public Builder causal(boolean on) {
      return set("useCausalMask", on);
    }

    @Override
    public DiffusionAttention build() {
      return fromConfig(TYPE, config());
    }
  }
}
