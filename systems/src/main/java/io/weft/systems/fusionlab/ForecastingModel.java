package io.weft.systems.fusionlab;

import io.weft.config.Config;
import io.weft.error.ShapeException;
import io.weft.layer.CallContext;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import io.weft.losses.Losses;
import io.weft.models.SubclassedModel;
import io.weft.optimizers.Optimizer;
import io.weft.tensor.Index;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A model that forecasts a series from what is known of it: features that do not change, {@code
 * static (batch, Ns)}, features of the past, {@code dynamic (batch, T, Nd)}, and features that are
 * known ahead, {@code future (batch, Tf, Nf)}; inputs in this order. Each model says how long the
 * future must be.
 *
 * <p>Output: {@code (batch, horizon, outputs)}; with quantiles {@code (batch, horizon, quantiles,
 * outputs)}, without the last axis where there is one output.
 */
public abstract class ForecastingModel extends SubclassedModel {
  private List<Role> roles = List.of();
  private boolean anyOrder;

  protected ForecastingModel(LayerType<?> type, Config config) {
    super(type, config);
  }

  /** What one input is: its name, rank and number of features. */
  enum Kind {
    STATIC(2),
    DYNAMIC(3),
    FUTURE(3);

    private final int rank;

    Kind(int rank) {
      this.rank = rank;
    }
  }

  /** An input that the model takes. */
  record Role(Kind kind, int features) {
    private String text() {
      String steps = kind == Kind.STATIC ? "" : kind == Kind.DYNAMIC ? "T, " : "Tf, ";
      return kind.name().toLowerCase(java.util.Locale.ROOT) + " (batch, " + steps + features + ")";
    }
  }

  /** Says which inputs the model takes; those of 0 features are left out. */
  final void takes(int staticDim, int dynamicDim, int futureDim) {
    List<Role> all = new ArrayList<>();
    int[] dims = {staticDim, dynamicDim, futureDim};
    for (Kind kind : Kind.values()) {
      if (dims[kind.ordinal()] > 0) {
        all.add(new Role(kind, dims[kind.ordinal()]));
      }
    }
    roles = List.copyOf(all);
  }

  /** Lets past features stand before static ones, where these two are all; ranks tell. */
  final void takesAnyOrder() {
    anyOrder = true;
  }

  /** Reads a number of features that may be none: null or 0. */
  final int optionalDim(String key) {
    Integer v = args.integerOrNull(key, null);
    if (v != null && v < 0) {
      throw args.refuse(key, "a number of features, or null for none");
    }
    return v == null ? 0 : v;
  }

  /** Makes a layer part of the model, for the classes that hold a layout of it. */
  final <L extends Layer> L part(String attribute, L layer) {
    return track(attribute, layer);
  }

  /** Makes layers part of the model. */
  final <L extends Layer> List<L> parts(String attribute, List<L> layers) {
    return trackAll(attribute, layers);
  }

  /** The forecast; absent inputs are null. */
  abstract Tensor forecast(Tensor fixed, Tensor past, Tensor future, CallContext ctx);

  @Override
  public final List<Tensor> call(List<Tensor> inputs, CallContext ctx) {
    Tensor[] in = checked(inputs);
    return List.of(forecast(in[0], in[1], in[2], ctx));
  }

  /** The inputs by kind, null where there is none. */
  final Tensor[] checked(List<Tensor> given) {
    List<Tensor> inputs = ordered(given);
    boolean fits = inputs.size() == roles.size();
    for (int i = 0; fits && i < roles.size(); i++) {
      Tensor t = inputs.get(i);
      Role role = roles.get(i);
      fits =
          t != null
              && t.rank() == role.kind().rank
              && t.dim(-1) == role.features()
              && t.dim(0) == inputs.get(0).dim(0)
              && (t.rank() == 2 || t.dim(1) > 0);
    }
    if (!fits) {
      throw new ShapeException(
          label()
              + ": expected inputs "
              + roles.stream().map(Role::text).toList()
              + " of one batch size. Received: shapes "
              + inputs.stream().map(t -> t == null ? "none" : t.shape().toString()).toList());
    }
    Tensor[] byKind = new Tensor[3];
    for (int i = 0; i < roles.size(); i++) {
      byKind[roles.get(i).kind().ordinal()] = Ops.cast(inputs.get(i), policy().compute());
    }
    return byKind;
  }

  private List<Tensor> ordered(List<Tensor> inputs) {
    boolean turned =
        anyOrder
            && roles.size() == 2
            && inputs.size() == 2
            && roles.get(0).kind() == Kind.STATIC
            && inputs.get(0) != null
            && inputs.get(0).rank() == Kind.DYNAMIC.rank;
    return turned ? Arrays.asList(inputs.get(1), inputs.get(0)) : inputs;
  }

  /** An unknown length of the past is tried as that of the future, which may not be shorter. */
  @Override
  protected List<Shape> assumedShapes(List<Shape> inputs) {
    List<Shape> out = new ArrayList<>(inputs);
    int known = -1;
    for (Shape s : inputs) {
      known = s.rank() == 3 ? Math.max(known, s.dim(1)) : known;
    }
    for (int i = 0; i < out.size() && known > 0; i++) {
      Shape s = out.get(i);
      out.set(i, s.rank() == 3 && s.dim(1) < 0 ? s.withDim(1, known) : s);
    }
    return out;
  }

  /** The first steps of the future; {@code why} ends the refusal of one that is too short. */
  final Tensor firstSteps(Tensor future, int steps, String why) {
    if (future.dim(1) < steps) {
      throw new ShapeException(
          label()
              + ": future: expected at least "
              + steps
              + " steps, "
              + why
              + ". Received: "
              + future.dim(1));
    }
    return future.dim(1) == steps ? future : future.get(Index.all(), Index.to(steps));
  }

  /** The levels of the forecast quantiles, null for a single forecast. */
  public abstract double[] quantiles();

  /**
   * The loss that fusionlab takes where none is given: the pinball loss of the quantiles, or the
   * mean squared error.
   */
  public Object defaultLoss() {
    return quantiles() == null
        ? "mse"
        : Losses.of("combined_quantile_loss", "quantiles", quantiles());
  }

  /** Compiles with {@link #defaultLoss}. */
  public final void compile(Optimizer optimizer) {
    compile(optimizer, defaultLoss());
  }
}
