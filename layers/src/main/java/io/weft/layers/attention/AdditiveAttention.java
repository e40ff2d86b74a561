package io.weft.layers.attention;

import io.weft.config.Config;
import io.weft.config.Registry;
import io.weft.layer.BuildContext;
import io.weft.layer.Initializer;
import io.weft.layer.LayerType;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.tensor.Variable;

/**
 * Additive attention (Bahdanau et al., 2015): the scores are {@code Σ scale · tanh(query + key)}.
 *
 * <p>Inputs, output, masks and call arguments: {@code [query, value(, key)]} as in {@link
 * Attention}. Weights: {@code scale (dim)} unless {@code use_scale} is off.
 */
public final class AdditiveAttention extends ScoreAttention {
  public static final LayerType<AdditiveAttention> TYPE =
      signature(LayerType.keras("AdditiveAttention", AdditiveAttention::new));

  private Variable scale;

  /** With a learned scale and no dropout. */
  public AdditiveAttention() {
    this(Config.EMPTY);
  }

  /** Restores a layer from its config. */
  public AdditiveAttention(Config config) {
    super(TYPE, config, true);
  }

  @Override
  void buildScores(BuildContext b) {
    if (useScale()) {
      Initializer start = Registry.standard().named(Initializer.class, "glorot_uniform");
      scale = b.addWeight("scale", Shape.of(b.known(0, -1)), start);
    }
  }

  @Override
  Tensor scores(Tensor query, Tensor key) {
    Tensor t = Ops.tanh(pairs(query, key));
    return Ops.sum(scale == null ? t : t.times(scale.value()), -1);
  }

  public static Builder builder() {
    return new Builder();
  }

  /** Optional settings of {@link AdditiveAttention}. */
  public static final class Builder extends ScoreAttention.Builder<AdditiveAttention, Builder> {
    @Override
    public AdditiveAttention build() {
      return fromConfig(TYPE, config());
    }
  }
}
