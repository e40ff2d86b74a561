package io.weft.systems.fusionlab;

import io.weft.config.Config;
import io.weft.layer.BuildContext;
import io.weft.layer.CallContext;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import io.weft.layer.UnaryLayer;
import io.weft.layers.core.Dense;
import io.weft.layers.regularization.Dropout;
import io.weft.tensor.Tensor;

/**
 * Two projections at each position, {@code y = drop(act(x · W₁ + b₁)) · W₂ + b₂}; as fusionlab's
 * layer of this name.
 *
 * <p>Input: {@code (batch, …, features)}. Output: {@code (batch, …, embed_dim)}. Masks pass.
 * Weights: kernel and bias of {@code dense_1 (features, ffn_dim)} and {@code dense_2 (ffn_dim,
 * embed_dim)}.
 */
public final class PositionwiseFeedForward extends UnaryLayer {
  public static final LayerType<PositionwiseFeedForward> TYPE =
      LayerType.custom(
              FusionlabTypes.COMPONENTS, "PositionwiseFeedForward", PositionwiseFeedForward::new)
          .inputs("x")
          .args("training");

  private final int ffnDim;
  private final Dense dense1;
  private final Dense dense2;
  private final Dropout dropout;

  /** A layer with relu and a dropout of 0.1. */
  public PositionwiseFeedForward(int embedDim, int ffnDim) {
    this(builder(embedDim, ffnDim).config());
  }

  /** Restores a layer from its config. */
  public PositionwiseFeedForward(Config config) {
    super(TYPE, config);
    int embedDim = args.positiveInt("embed_dim");
    ffnDim = args.positiveInt("ffn_dim");
    Object activation = activation("activation", "relu");
    double rate = args.fraction("dropout_rate", 0.1);
    dense1 = track("dense_1", Parts.dense("ffn_dense_1", ffnDim, activation, policy()));
    dense2 = track("dense_2", Parts.dense("ffn_dense_2", embedDim, null, policy()));
    dropout = track("dropout", Parts.dropout(rate, policy()));
    setSupportsMasking(true);
  }

  @Override
  protected void build(BuildContext b) {
    b.build(dense1, b.input());
    b.build(dense2, b.input().withDim(-1, ffnDim));
    b.build(dropout, b.input().withDim(-1, ffnDim));
  }

  @Override
  public Tensor call(Tensor x, CallContext ctx) {
    return dense2.apply(dropout.apply(dense1.apply(x)));
  }

  public static Builder builder(int embedDim, int ffnDim) {
    return new Builder(embedDim, ffnDim);
  }

  /** Optional settings of {@link PositionwiseFeedForward}. */
  public static final class Builder extends Layer.Builder<PositionwiseFeedForward, Builder> {
    private Builder(int embedDim, int ffnDim) {
      set("embed_dim", embedDim).set("ffn_dim", ffnDim);
    }

    /** The hidden activation, by name or object; default relu. */
    public Builder activation(Object activation) {
      return set("activation", activation);
    }

    /** Share of hidden values dropped in training, in [0, 1); default 0.1. */
    public Builder dropoutRate(double rate) {
      return set("dropout_rate", rate);
    }

    @Override
    public PositionwiseFeedForward build() {
      return fromConfig(TYPE, config());
    }
  }
}
