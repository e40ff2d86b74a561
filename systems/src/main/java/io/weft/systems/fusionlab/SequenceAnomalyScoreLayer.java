package io.weft.systems.fusionlab;

import io.weft.config.Config;
import io.weft.layer.BuildContext;
import io.weft.layer.CallContext;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import io.weft.layer.Regularizer;
import io.weft.layer.UnaryLayer;
import io.weft.layers.core.Dense;
import io.weft.layers.normalization.BatchNormalization;
import io.weft.layers.normalization.LayerNormalization;
import io.weft.layers.regularization.Dropout;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * A score made of features by hidden layers, each a projection, a normalization if wanted, and a
 * dropout, and a projection to one number; as fusionlab's layer of this name.
 *
 * <p>Input: {@code (batch, …, features)}. Output: {@code (batch, …, 1)}. Weights: kernels and
 * biases of {@code hidden_layers}, then those of the normalizations {@code norm_layers}, then
 * kernel and bias of {@code score_dense}.
 */
public final class SequenceAnomalyScoreLayer extends UnaryLayer {
  public static final LayerType<SequenceAnomalyScoreLayer> TYPE =
      LayerType.custom(
              FusionlabTypes.ANOMALY, "SequenceAnomalyScoreLayer", SequenceAnomalyScoreLayer::new)
          .args("training");

  private final List<Dense> hidden = new ArrayList<>();
  private final List<Layer> norms = new ArrayList<>();
  private final List<Dropout> dropouts = new ArrayList<>();
  private final Dense score;

  /** A score over hidden layers of these widths with default options. */
  public SequenceAnomalyScoreLayer(int... hiddenUnits) {
    this(Config.of("hidden_units", hiddenUnits));
  }

  /** Restores a layer from its config. */
  public SequenceAnomalyScoreLayer(Config config) {
    super(TYPE, config);
    int[] units = args.has("hidden_units") ? args.intListOrNull("hidden_units", null) : null;
    if (units == null || units.length == 0 || java.util.Arrays.stream(units).anyMatch(u -> u < 1)) {
      args.any("hidden_units", null);
      throw args.refuse("hidden_units", "a positive integer or a list of them");
    }
    args.note("hidden_units", units);
    Object activation = activation("activation", "relu");
    double rate = args.fraction("dropout_rate", 0.1);
    String norm = readNorm();
    Object last = activation("final_activation", "linear");
    Regularizer kernel = args.objectOrNull("kernel_regularizer", Regularizer.class, null);
    Regularizer bias = args.objectOrNull("bias_regularizer", Regularizer.class, null);
    for (int i = 0; i < units.length; i++) {
      hidden.add(dense("hidden_dense_" + (i + 1), units[i], activation, kernel, bias));
      if (norm != null) {
        norms.add(norm(norm, i + 1));
      }
      dropouts.add(Parts.dropout(rate, policy()));
    }
    trackAll("hidden_layers", hidden);
    trackAll("norm_layers", norms);
    trackAll("dropout_layers", dropouts);
    score = track("score_dense", Parts.dense("score_output", 1, last, policy()));
  }

  private String readNorm() {
    Object v = args.any("use_norm", false);
    if (v instanceof Boolean b) {
      return b ? "layer" : null;
    }
    if ("layer".equals(v) || "batch".equals(v)) {
      return (String) v;
    }
    throw args.refuse("use_norm", "true, false, 'layer' or 'batch'");
  }

  private Dense dense(
      String name, int units, Object activation, Regularizer kernel, Regularizer bias) {
    return fromConfig(
        Dense.TYPE,
        Config.of(
            "name",
            name,
            "units",
            units,
            "activation",
            activation,
            "kernel_regularizer",
            kernel,
            "bias_regularizer",
            bias,
            "dtype",
            policy()));
  }

  private Layer norm(String kind, int i) {
    Config c = Config.of("name", kind + "_norm_" + i, "dtype", policy());
    return kind.equals("layer")
        ? fromConfig(LayerNormalization.TYPE, c)
        : fromConfig(BatchNormalization.TYPE, c);
  }

  @Override
  protected void build(BuildContext b) {
    Shape s = b.input();
    for (int i = 0; i < hidden.size(); i++) {
      b.build(hidden.get(i), s);
      s = hidden.get(i).computeOutputShape(s).get(0);
      if (!norms.isEmpty()) {
        b.build(norms.get(i), s);
      }
      b.build(dropouts.get(i), s);
    }
    b.build(score, s);
  }

  @Override
  public Tensor call(Tensor x, CallContext ctx) {
    Tensor h = x;
    for (int i = 0; i < hidden.size(); i++) {
      h = hidden.get(i).apply(h);
      h = norms.isEmpty() ? h : norms.get(i).apply(h);
      h = dropouts.get(i).apply(h);
    }
    return score.apply(h);
  }

  public static Builder builder(int... hiddenUnits) {
    return new Builder(hiddenUnits);
  }

  /** Optional settings of {@link SequenceAnomalyScoreLayer}. */
  public static final class Builder extends Layer.Builder<SequenceAnomalyScoreLayer, Builder> {
    private Builder(int... hiddenUnits) {
      set("hidden_units", hiddenUnits);
    }

    /** The hidden activation, by name or object; default relu. */
    public Builder activation(Object activation) {
      return set("activation", activation);
    }

    /** Share of hidden values dropped in training, in [0, 1); default 0.1. */
    public Builder dropoutRate(double rate) {
      return set("dropout_rate", rate);
    }

    /** {@code layer} or {@code batch}: how hidden values are normalized; default not at all. */
    public Builder useNorm(String kind) {
      return set("use_norm", kind);
    }

    /** What is applied to the score, by name or object; default linear. */
    public Builder finalActivation(Object activation) {
      return set("final_activation", activation);
    }

    /** The penalty on hidden kernels. */
    public Builder kernelRegularizer(Regularizer regularizer) {
      return set("kernel_regularizer", regularizer);
    }

    /** The penalty on hidden biases. */
    public Builder biasRegularizer(Regularizer regularizer) {
      return set("bias_regularizer", regularizer);
    }

    @Override
    public SequenceAnomalyScoreLayer build() {
      return fromConfig(TYPE, config());
    }
  }
}
