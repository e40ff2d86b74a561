package io.weft.systems.fusionlab;

import io.weft.config.Config;
import io.weft.config.Registry;
import io.weft.error.ShapeException;
import io.weft.layer.Activation;
import io.weft.layer.BuildContext;
import io.weft.layer.CallContext;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import io.weft.layers.core.Dense;
import io.weft.layers.normalization.BatchNormalization;
import io.weft.layers.normalization.LayerNormalization;
import io.weft.layers.regularization.Dropout;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.List;

/**
 * A gated residual network, as fusionlab's layer of this name; after Lim et al. 2021 ("Temporal
 * Fusion Transformers"), eq. 2–5.
 *
 * <pre>
 *   a = x·W_i + b_i (+ c·W_c)
 *   z = dropout(batchNorm(act(a)))·W_o + b_o
 *   y = outAct(LN(x' + z ⊙ σ(a·W_g + b_g)))       x' = x, or x·W_r + b_r where x is not units wide
 * </pre>
 *
 * <p>The original takes the gate from {@code a}; with {@code gate_source="hidden"} gate and value
 * are both taken from the hidden layer {@code act(a)}, which is the paper's GLU.
 *
 * <p>Inputs: {@code x (batch, …, features)}; then, if there is one, a context of the same rank, or
 * {@code (batch, features)} for x of rank 3, added at every step. Output: {@code (batch, …,
 * units)}. The mask of x goes on. Weights: {@code input_dense}, {@code context_dense} (kernel only;
 * made with the first context, or at once with {@code context_dim}), {@code batch_norm} if {@code
 * use_batch_norm}, {@code output_dense}, {@code gate_dense}, {@code layer_norm}, and {@code
 * projection} where the width changes.
 */
public final class GatedResidualNetwork extends Layer {
  public static final LayerType<GatedResidualNetwork> TYPE =
      LayerType.custom(FusionlabTypes.COMPONENTS, "GatedResidualNetwork", GatedResidualNetwork::new)
          .inputs("x")
          .optional("context")
          .args("training");

  private final int units;
  private final int contextDim;
  private final boolean gateFromHidden;
  private final Activation activation;
  private final Activation outputActivation;
  private final Dense inputDense;
  private final Dense contextDense;
  private final BatchNormalization batchNorm;
  private final Dropout dropout;
  private final Dense outputDense;
  private final Dense gateDense;
  private final LayerNormalization layerNorm;
  private Dense projection;

  /** A network with ELU and default options. */
  public GatedResidualNetwork(int units) {
    this(builder(units).config());
  }

  /** Restores a layer from its config. */
  public GatedResidualNetwork(Config config) {
    super(TYPE, config);
    units = args.positiveInt("units");
    double rate = args.fraction("dropout_rate", 0.0);
    activation = named(Parts.activation(args, "activation", "elu"));
    outputActivation = named(Parts.activation(args, "output_activation", null));
    boolean useBatchNorm = args.bool("use_batch_norm", false);
    args.any("use_time_distributed", null);
    args.forget("use_time_distributed");
    contextDim = args.integer("context_dim", 0);
    if (contextDim < 0) {
      throw args.refuse("context_dim", "a positive integer, or 0 for none");
    }
    args.forget("context_dim");
    gateFromHidden = Parts.choice(args, "gate_source", "pre_activation", "hidden").equals("hidden");
    inputDense = track("input_dense", Parts.dense(units, null, policy()));
    contextDense = track("context_dense", Parts.linear(units, policy()));
    batchNorm =
        useBatchNorm
            ? track("batch_norm", fromConfig(BatchNormalization.TYPE, Config.of("dtype", policy())))
            : null;
    dropout = track("dropout", Parts.dropout(rate, policy()));
    outputDense = track("output_dense", Parts.dense(units, null, policy()));
    gateDense = track("gate_dense", Parts.dense(units, "sigmoid", policy()));
    layerNorm = track("layer_norm", Parts.norm(policy()));
    setSupportsMasking(true);
  }

  private static Activation named(String name) {
    return Registry.standard().named(Activation.class, name == null ? "linear" : name);
  }

  /** The original's arguments, and the context's width once it is known. */
  @Override
  public Config getConfig() {
    List<Shape> context = contextDense.buildShapes();
    int width = context.isEmpty() ? contextDim : context.get(0).dim(-1);
    return width == 0 ? super.getConfig() : super.getConfig().with("context_dim", width);
  }

  @Override
  protected void build(BuildContext b) {
    Shape x = b.input();
    if (x.rank() < 2) {
      throw new ShapeException(
          label() + ": expected an input (batch, ..., features). Received: shape " + x);
    }
    Shape hidden = x.withDim(-1, units);
    b.build(inputDense, x);
    if (b.inputs().size() > 1) {
      b.build(contextDense, b.input(1));
    } else if (contextDim > 0) {
      b.build(contextDense, Shape.of(x.dim(0), contextDim));
    }
    if (batchNorm != null) {
      b.build(batchNorm, hidden);
    }
    b.build(outputDense, hidden);
    b.build(gateDense, hidden);
    b.build(layerNorm, hidden);
    if (b.known(0, -1) != units) {
      projection = track("projection", Parts.dense(units, null, policy()));
      b.build(projection, x);
    }
  }

  @Override
  public List<Tensor> call(List<Tensor> inputs, CallContext ctx) {
    Tensor x = inputs.get(0);
    Tensor a = inputDense.apply(x);
    if (Parts.given(inputs).size() > 1) {
      a = a.plus(context(inputs.get(1), x));
    }
    Tensor hidden = activation.apply(a);
    if (batchNorm != null) {
      hidden = batchNorm.apply(hidden);
    }
    hidden = dropout.apply(hidden);
    Tensor gate = gateDense.apply(gateFromHidden ? hidden : a);
    Tensor shortcut = projection == null ? x : projection.apply(x);
    Tensor y = layerNorm.apply(shortcut.plus(outputDense.apply(hidden).times(gate)));
    return List.of(outputActivation.apply(y));
  }

  private Tensor context(Tensor context, Tensor x) {
    boolean inserted = x.rank() == 3 && context.rank() == 2;
    boolean fits = inserted || context.rank() == x.rank();
    for (int i = 0; fits && i < context.rank() - 1; i++) {
      fits = context.dim(i) == x.dim(i) || i > 0 && context.dim(i) == 1;
    }
    if (!fits) {
      throw new ShapeException(
          label()
              + ": expected a context (batch, features) or one with the sizes of the input "
              + x.shape()
              + " before the features. Received: shape "
              + context.shape());
    }
    Tensor c = contextDense.apply(context);
    return inserted ? Ops.expandDims(c, 1) : c;
  }

  /** The layer's own gate, {@code σ(x·W_g + b_g)}, of features that are units wide. */
  Tensor gate(Tensor x) {
    return gateDense.apply(x);
  }

  /** The layer's own normalization. */
  Tensor normalize(Tensor x) {
    return layerNorm.apply(x);
  }

  public static Builder builder(int units) {
    return new Builder(units);
  }

  /** Optional settings of {@link GatedResidualNetwork}. */
  public static final class Builder extends Layer.Builder<GatedResidualNetwork, Builder> {
    private Builder(int units) {
      set("units", units);
    }

    /** Share of hidden elements dropped in training, in [0, 1); default 0. */
    public Builder dropoutRate(double rate) {
      return set("dropout_rate", rate);
    }

    /** The hidden function by name, or null; default elu. */
    public Builder activation(String name) {
      return set("activation", name);
    }

    /** A function of the result by name; default none. */
    public Builder outputActivation(String name) {
      return set("output_activation", name);
    }

    /** Whether the hidden layer is normalized over the batch; default false. */
    public Builder useBatchNorm(boolean on) {
      return set("use_batch_norm", on);
    }

    /** The width of the context, so that its weights are made in build. */
    public Builder contextDim(int width) {
      return set("context_dim", width);
    }

    /** Takes the gate from the hidden layer, as the paper does. */
    public Builder gateFromHidden() {
      return set("gate_source", "hidden");
    }

    @Override
    public GatedResidualNetwork build() {
      return fromConfig(TYPE, config());
    }
  }
}
