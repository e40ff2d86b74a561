package io.weft.systems.perceiver;

import io.weft.config.Config;
import io.weft.initializers.Zeros;
import io.weft.layer.BuildContext;
import io.weft.layer.CallArgs;
import io.weft.layer.CallContext;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import io.weft.layers.core.Dense;
import io.weft.models.SubclassedModel;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.List;

/**
 * The first Perceiver (Jaegle et al. 2021, arXiv 2103.03206): latents that read the inputs before
 * each block of self-attention, their mean, and a linear map to classes, which begins at zero.
 *
 * <p>Input: {@code (batch, M, channels)}. Output: logits {@code (batch, classes)}. Arguments: those
 * of {@link PerceiverEncoder}, {@code crossAttends} being {@code blocks} unless given, and {@code
 * classes}. Call argument: {@code mask (batch, M)}. Weights: those of the encoder, kernel and bias
 * of the map.
 */
public final class Perceiver extends SubclassedModel {
  public static final LayerType<Perceiver> TYPE =
      LayerType.custom("perceiver", "Perceiver", Perceiver::new).args("mask", "training");

  private final PerceiverEncoder encoder;
  private final Dense classify;

  /** Restores a model from its config. */
  public Perceiver(Config config) {
    super(TYPE, config);
    int classes = args.positiveInt("classes");
    int blocks = args.positiveInt("blocks", 8);
    int crossAttends = args.positiveInt("crossAttends", blocks);
    Config c =
        config
            .without("name", "trainable", "classes")
            .plus(Config.of("crossAttends", crossAttends, "dtype", policy()));
    encoder = track("encoder", Layer.fromConfig(PerceiverEncoder.TYPE, c));
    encoder.getConfig().without("name", "trainable", "dtype").asMap().forEach(args::any);
    classify =
        track(
            "classify",
            Layer.fromConfig(
                Dense.TYPE,
                Config.of("units", classes, "kernel_initializer", new Zeros(), "dtype", policy())));
  }

  @Override
  protected void build(BuildContext b) {
    b.build(encoder, b.input());
    b.build(classify, Shape.of(b.input().dim(0), encoder.width()));
  }

  @Override
  public List<Tensor> call(List<Tensor> in, CallContext ctx) {
    Tensor mask = ctx.mask(0);
    Tensor z = encoder.apply(in.get(0), mask == null ? CallArgs.NONE : CallArgs.of("mask", mask));
    return List.of(classify.apply(Ops.mean(z, 1)));
  }
}
