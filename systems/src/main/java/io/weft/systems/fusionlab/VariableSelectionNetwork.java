package io.weft.systems.fusionlab;

import io.weft.config.Config;
import io.weft.error.ShapeException;
import io.weft.layer.BuildContext;
import io.weft.layer.CallArgs;
import io.weft.layer.CallContext;
import io.weft.layer.InputSpec;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import io.weft.layers.core.Dense;
import io.weft.tensor.Index;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Encodes each of {@code num_inputs} variables by a network of its own and adds them up by learned
 * importance; as fusionlab's layer of this name, after Lim et al. 2021, eq. 6–8.
 *
 * <pre>
 *   e_i = GRN_i(x_i, c'),   w = softmax_i(e_i·W_v + b_v),   y = Σ_i w_i ⊙ e_i,   c' = act(c·W_c + b_c)
 * </pre>
 *
 * <p>The original scores every variable by one shared projection; with {@code scorer="grn"} the
 * scores are {@code GRN([x_1; …; x_n], c')} and gates are taken from hidden layers, as in the
 * paper.
 *
 * <p>Inputs: {@code x (batch, num_inputs)} or {@code (batch, num_inputs, features)}, with {@code
 * use_time_distributed} the same with a time axis after the batch; then, if there is one, a context
 * {@code (batch, features)}. Output: {@code (batch, units)} or {@code (batch, T, units)}; {@link
 * #importances} gives w. Weights: {@code single_variable_grns}, {@code variable_importance_dense}
 * (or {@code variable_importance_grn}), {@code context_projection} once there is a context.
 */
public final class VariableSelectionNetwork extends Layer {
  public static final LayerType<VariableSelectionNetwork> TYPE =
      LayerType.custom(
              FusionlabTypes.COMPONENTS, "VariableSelectionNetwork", VariableSelectionNetwork::new)
          .inputs("inputs")
          .optional("context")
          .args("training");

  private static final String RETURN_IMPORTANCES = "return_importances";

  private final int variables;
  private final int units;
  private final boolean overTime;
  private final int contextDim;
  private final List<GatedResidualNetwork> networks;
  private final Dense importance;
  private final GatedResidualNetwork importanceNetwork;
  private final Dense contextProjection;

  /** A selection among {@code numInputs} static variables with default options. */
  public VariableSelectionNetwork(int numInputs, int units) {
    this(builder(numInputs, units).config());
  }

  /** Restores a layer from its config. */
  public VariableSelectionNetwork(Config config) {
    super(TYPE, config);
    variables = args.positiveInt("num_inputs");
    units = args.positiveInt("units");
    double rate = args.fraction("dropout_rate", 0.0);
    overTime = args.bool("use_time_distributed", false);
    String activation = Parts.activation(args, "activation", "elu");
    boolean batchNorm = args.bool("use_batch_norm", false);
    contextDim = args.integer("context_dim", 0);
    if (contextDim < 0) {
      throw args.refuse("context_dim", "a positive integer, or 0 for none");
    }
    args.forget("context_dim");
    boolean shared = Parts.choice(args, "scorer", "dense", "grn").equals("dense");
    List<GatedResidualNetwork> all = new ArrayList<>();
    for (int i = 0; i < variables; i++) {
      all.add(network(units, shared, rate, activation, batchNorm));
    }
    networks = trackAll("single_variable_grns", all);
    importance = shared ? track("variable_importance_dense", Parts.dense(1, null, policy())) : null;
    importanceNetwork =
        shared
            ? null
            : track(
                "variable_importance_grn", network(variables, shared, rate, activation, batchNorm));
    contextProjection = track("context_projection", Parts.dense(units, activation, policy()));
    setSupportsMasking(true);
  }

  private GatedResidualNetwork network(
      int width, boolean shared, double rate, String activation, boolean batchNorm) {
    return shared
        ? Parts.grn(width, rate, activation, batchNorm, policy())
        : (GatedResidualNetwork)
            Parts.grn(width, rate, activation, batchNorm, policy())
                .copy(Config.of("gate_source", "hidden"));
  }

  /** The original's arguments, and the context's width once it is known. */
  @Override
  public Config getConfig() {
    List<Shape> context = contextProjection.buildShapes();
    int width = context.isEmpty() ? contextDim : context.get(0).dim(-1);
    return width == 0 ? super.getConfig() : super.getConfig().with("context_dim", width);
  }

  @Override
  protected void build(BuildContext b) {
    Shape x = b.input();
    int before = overTime ? 2 : 1;
    if (x.rank() != before + 1 && x.rank() != before + 2) {
      throw new ShapeException(
          label()
              + ": expected inputs "
              + (overTime ? "(batch, time, " : "(batch, ")
              + variables
              + " variables), perhaps with features. Received: shape "
              + x);
    }
    if (b.known(0, before) != variables) {
      throw new ShapeException(
          label()
              + ": expected "
              + variables
              + " variables on axis "
              + before
              + ". Received: "
              + x.dim(before)
              + " in shape "
              + x);
    }
    int features = x.rank() == before + 1 ? 1 : b.known(0, -1);
    Shape one = x.slice(0, before).plus(features);
    Integer context = b.inputs().size() > 1 ? (Integer) b.known(1, -1) : null;
    if (context == null && contextDim > 0) {
      context = contextDim;
    }
    Shape hidden = Shape.of(x.dim(0), units);
    for (GatedResidualNetwork network : networks) {
      buildNetwork(b, network, one, context == null ? null : hidden);
    }
    if (importance != null) {
      b.build(importance, hidden);
    } else {
      Shape all = x.slice(0, before).plus(features * variables);
      buildNetwork(b, importanceNetwork, all, context == null ? null : hidden);
    }
    if (context != null) {
      b.build(contextProjection, Shape.of(Shape.UNKNOWN, context));
    }
    InputSpec spec = InputSpec.rank(x.rank()).withAxis(before, variables);
    setInputSpec(x.rank() == before + 1 ? spec : spec.withAxis(-1, features));
  }

  private static void buildNetwork(
      BuildContext b, GatedResidualNetwork network, Shape x, Shape context) {
    if (context == null) {
      b.build(network, x);
    } else {
      b.build(network, x, context);
    }
  }

  @Override
  public List<Tensor> call(List<Tensor> inputs, CallContext ctx) {
    Tensor x = inputs.get(0);
    int axis = overTime ? 2 : 1;
    if (x.rank() == axis + 1) {
      x = Ops.expandDims(x, -1);
    }
    Tensor context = null;
    if (Parts.given(inputs).size() > 1) {
      Parts.sameBatch(label(), x, "the inputs", inputs.get(1), "the context");
      context = contextProjection.apply(inputs.get(1));
    }
    List<Tensor> encoded = new ArrayList<>();
    for (int i = 0; i < variables; i++) {
      Index at = Index.at(i);
      Tensor one = overTime ? x.get(Index.all(), Index.all(), at) : x.get(Index.all(), at);
      encoded.add(encode(networks.get(i), one, context));
    }
    Tensor stacked = Ops.stack(encoded, -2);
    Tensor weights = Ops.softmax(scores(x, stacked, context), -2);
    Tensor y = Ops.sum(stacked.times(weights), -2);
    return ctx.args().bool(RETURN_IMPORTANCES, false) ? List.of(y, weights) : List.of(y);
  }

  private Tensor scores(Tensor x, Tensor stacked, Tensor context) {
    if (importance != null) {
      return importance.apply(stacked);
    }
    int[] flat = java.util.Arrays.copyOf(x.shape().dims(), x.rank() - 1);
    flat[flat.length - 1] = variables * x.dim(-1);
    return Ops.expandDims(encode(importanceNetwork, Ops.reshape(x, flat), context), -1);
  }

  private static Tensor encode(GatedResidualNetwork network, Tensor x, Tensor context) {
    return context == null ? network.apply(x) : network.apply(x, context);
  }

  /**
   * The importance of each variable, {@code (batch, num_inputs, 1)} or {@code (batch, T,
   * num_inputs, 1)}; the weights of one place add up to 1. For any number of threads.
   *
   * @param context as in the call, or null
   */
  public Tensor importances(Tensor inputs, Tensor context) {
    List<Tensor> in = context == null ? List.of(inputs) : List.of(inputs, context);
    return applyAll(in, CallArgs.of(RETURN_IMPORTANCES, true)).get(1);
  }

  public static Builder builder(int numInputs, int units) {
    return new Builder(numInputs, units);
  }

  /** Optional settings of {@link VariableSelectionNetwork}. */
  public static final class Builder extends Layer.Builder<VariableSelectionNetwork, Builder> {
    private Builder(int numInputs, int units) {
      set("num_inputs", numInputs).set("units", units);
    }

    /** Share of hidden elements dropped in training, in [0, 1); default 0. */
    public Builder dropoutRate(double rate) {
      return set("dropout_rate", rate);
    }

    /** Whether the inputs have a time axis; default false. */
    public Builder useTimeDistributed(boolean on) {
      return set("use_time_distributed", on);
    }

    /** The hidden function by name, or null; default elu. */
    public Builder activation(String name) {
      return set("activation", name);
    }

    /** Whether hidden layers are normalized over the batch; default false. */
    public Builder useBatchNorm(boolean on) {
      return set("use_batch_norm", on);
    }

    /** The width of the context, so that its weights are made in build. */
    public Builder contextDim(int width) {
      return set("context_dim", width);
    }

    /** Scores the variables by a network over all of them, as the paper does. */
    public Builder scoreTogether() {
      return set("scorer", "grn");
    }

    @Override
    public VariableSelectionNetwork build() {
      return fromConfig(TYPE, config());
    }
  }
}
