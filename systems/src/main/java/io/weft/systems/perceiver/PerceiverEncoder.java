package io.weft.systems.perceiver;

import io.weft.config.Config;
import io.weft.initializers.TruncatedNormal;
import io.weft.layer.BuildContext;
import io.weft.layer.CallArgs;
import io.weft.layer.CallContext;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import io.weft.layer.UnaryLayer;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.tensor.Variable;
import java.util.ArrayList;
import java.util.List;

/**
 * The encoder of Perceiver IO (Jaegle et al. 2021, arXiv 2107.14795): learned latents attend to the
 * inputs, then {@code blocks} times to themselves through the same {@code layers}. Cost grows with
 * inputs × latents only.
 *
 * <p>Input: {@code (batch, M, channels)}. Output: {@code (batch, latents, width)}, whatever M is.
 * Call argument: {@code mask (batch, M)} or {@code (batch, latents, M)}, true = may be read;
 * without it the mask attached to the input. Weights: {@code latents (latents, width)}, the cross
 * block, further cross block if any, the self-attention blocks.
 *
 * <p>{@code crossAttends} above 1 reads the inputs again before further blocks, as the first
 * Perceiver (arXiv 2103.03206), with weights shared from the second time on, or with {@code
 * shareFirstCross} from the first.
 */
public final class PerceiverEncoder extends UnaryLayer {
  public static final LayerType<PerceiverEncoder> TYPE =
      LayerType.custom("perceiver", "PerceiverEncoder", PerceiverEncoder::new)
          .args("mask", "training");

  private final int latentCount;
  private final int width;
  private final int channels;
  private final int blocks;
  private final int crossAttends;
  private final PerceiverBlock cross;
  private final PerceiverBlock crossAgain;
  private final List<PerceiverBlock> layers = new ArrayList<>();
  private Variable latents;

  /** Restores a layer from its config. */
  public PerceiverEncoder(Config config) {
    super(TYPE, config);
    channels = args.positiveInt("channels");
    latentCount = args.positiveInt("latents", 512);
    width = args.positiveInt("width", 1024);
    int crossHeads = args.positiveInt("crossHeads", 1);
    int selfHeads = args.positiveInt("selfHeads", 8);
    int layerCount = args.positiveInt("layers", 6);
    blocks = args.positiveInt("blocks", 8);
    crossAttends = args.positiveInt("crossAttends", 1);
    if (crossAttends > blocks) {
      throw args.refuse("crossAttends", "at most blocks=" + blocks);
    }
    boolean shared = args.bool("shareFirstCross", false);
    int crossWidening = args.positiveInt("crossWidening", 1);
    int selfWidening = args.positiveInt("selfWidening", 1);
    String shape = args.oneOf("shape", "kv", "kv", "q");
    Config common =
        Config.of(
            "q",
            width,
            "qkChannels",
            args.integerOrNull("qkChannels", null),
            "vChannels",
            args.integerOrNull("vChannels", null),
            "activation",
            args.string("activation", "gelu_tanh"),
            "dropout",
            args.fraction("dropout", 0.0),
            "attentionDropout",
            args.fraction("attentionDropout", 0.0),
            "zeroMaskedRows",
            args.bool("zeroMaskedRows", true),
            "names",
            args.oneOf("names", "formulas", "formulas", "huggingface"),
            "dtype",
            policy());
    boolean hugging = "huggingface".equals(common.get("names"));
    Config forCross =
        common.plus(
            Config.of(
                "kv",
                channels,
                "heads",
                crossHeads,
                "shape",
                shape,
                "widening",
                crossWidening,
                "queryResidual",
                args.bool("queryResidual", true)));
    String name = hugging ? "cross_attention" : "cross";
    cross = track(name, Layer.fromConfig(PerceiverBlock.TYPE, forCross));
    crossAgain =
        crossAttends == 1 || shared
            ? cross
            : track(name + "_again", Layer.fromConfig(PerceiverBlock.TYPE, forCross));
    Config forSelf = common.plus(Config.of("heads", selfHeads, "widening", selfWidening));
    for (int i = 0; i < layerCount; i++) {
      layers.add(Layer.fromConfig(PerceiverBlock.TYPE, forSelf));
    }
    trackAll(hugging ? "self_attends" : "layers", layers);
  }

  /** The features of each latent. */
  public int width() {
    return width;
  }

  @Override
  protected void build(BuildContext b) {
    latents = b.addWeight("latents", Shape.of(latentCount, width), new TruncatedNormal(0, 0.02));
    Shape z = Shape.of(b.input().dim(0), latentCount, width);
    Shape x = b.input().withDim(-1, channels);
    b.build(cross, z, x);
    b.build(crossAgain, z, x);
    layers.forEach(l -> b.build(l, z));
  }

  /** The learned latents, for a state dict that has them elsewhere. */
  Variable latents() {
    return latents;
  }

  @Override
  public Tensor call(Tensor x, CallContext ctx) {
    Tensor z =
        Ops.broadcastTo(Ops.expandDims(latents.value(), 0), Shape.of(x.dim(0), latentCount, width));
    Tensor mask = ctx.mask(0);
    CallArgs a = mask == null ? CallArgs.NONE : CallArgs.of("mask", mask);
    for (int i = 0; i < blocks; i++) {
      if (i < crossAttends) {
        z = (i == 0 ? cross : crossAgain).apply(List.of(z, x), a);
      }
      for (PerceiverBlock l : layers) {
        z = l.apply(z);
      }
    }
    return z;
  }
}
