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
 * Dot-product attention (Luong et al., 2015): {@code softmax(scale · query · keyᵀ) · value},
 * without a factor {@code 1/√dim}; or with {@code score_mode="concat"} the scores {@code w · Σ
 * tanh(scale · (query + key))}.
 *
 * <p>Inputs, output, masks and call arguments: {@code [query, value(, key)]} as in Keras; masked
 * scores are lowered by 1e9. Weights: {@code scale ()} with {@code use_scale}, {@code
 * concat_score_weight ()} with concat.
 *
 * @see AdditiveAttention
 */
public final class Attention extends ScoreAttention {
  public static final LayerType<Attention> TYPE =
      signature(LayerType.keras("Attention", Attention::new));

  private Variable scale;
  private Variable concatWeight;

  /** Dot products without weights. */
  public Attention() {
    this(Config.EMPTY);
  }

  /** Restores a layer from its config. */
  public Attention(Config config) {
    super(TYPE, config, false);
  }

  @Override
  void buildScores(BuildContext b) {
    Initializer ones = Registry.standard().named(Initializer.class, "ones");
    scale = useScale() ? b.addWeight("scale", Shape.SCALAR, ones) : null;
    concatWeight = concat() ? b.addWeight("concat_score_weight", Shape.SCALAR, ones) : null;
  }

  @Override
  Tensor scores(Tensor query, Tensor key) {
    if (concat()) {
      Tensor sums = pairs(query, key);
      sums = scale == null ? sums : sums.times(scale.value());
      return Ops.sum(Ops.tanh(sums), -1).times(concatWeight.value());
    }
    Tensor scores = query.matmul(Ops.swapaxes(key, -2, -1));
    return scale == null ? scores : scores.times(scale.value());
  }

  public static Builder builder() {
    return new Builder();
  }

  /** Optional settings of {@link Attention}. */
  public static final class Builder extends ScoreAttention.Builder<Attention, Builder> {
    /** {@code dot} (default) or {@code concat}. */
    public Builder scoreMode(String mode) {
      return set("score_mode", mode);
    }

    @Override
    public Attention build() {
      return fromConfig(TYPE, config());
    }
  }
}
