package io.weft.layers.rnn;

import io.weft.config.Config;
import io.weft.error.ConfigException;
import io.weft.error.ShapeException;
import io.weft.layer.BuildContext;
import io.weft.layer.CallArgs;
import io.weft.layer.CallContext;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import io.weft.layer.Regularizer;
import io.weft.layer.Structure;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.tensor.Variable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * What all recurrent layers are: a cell looped over the time axis.
 *
 * <p>Inputs: {@code (batch, steps, ...)}. Output: {@code (batch, units)}, or {@code (batch, steps,
 * units)} with {@code return_sequences}; with {@code return_state} the last states follow. Call
 * arguments: {@code initial_state} (a tensor or list; default zeros), {@code mask (batch, steps)},
 * {@code training}. At a masked step the states keep their values and the output is the previous
 * one, or zero with {@code zero_output_for_mask}. The mask goes on with the sequence of outputs.
 * With {@code go_backwards} the steps run from the last to the first, and the sequence of outputs
 * stays in that order. With {@code stateful} each call goes on from where the last one ended; the
 * carried states are no weights and no part of files, and such a layer serves one caller at a time.
 */
public abstract class RecurrentLayer extends Layer {
  private final boolean returnSequences;
  private final boolean returnState;
  private final boolean goBackwards;
  private final boolean stateful;
  private final boolean unroll;
  private boolean zeroOutputForMask;
  private RnnCell cell;
  private List<Variable> states = List.of();

  /** Reads the six flags. */
  protected RecurrentLayer(LayerType<?> type, Config config) {
    super(type, config);
    returnSequences = args.bool("return_sequences", false);
    returnState = args.bool("return_state", false);
    goBackwards = args.bool("go_backwards", false);
    stateful = args.bool("stateful", false);
    unroll = args.bool("unroll", false);
    zeroOutputForMask = args.bool("zero_output_for_mask", false);
    setSupportsMasking(true);
  }

  /** The signature that all recurrent layers share. */
  static <L extends RecurrentLayer> LayerType<L> signature(LayerType<L> type) {
    return type.inputs("sequences").args("initial_state", "mask", "training");
  }

  final <C extends RnnCell> C setCell(C newCell) {
    cell = track("cell", newCell);
    return newCell;
  }

  /**
   * Makes the layer's own cell out of the layer's arguments, in the order of the layer's config.
   * What they may be is said by the cell; {@code activity_regularizer} is the layer's.
   */
  final <C extends RnnCell> C makeCell(LayerType<C> type, String name, String... keys) {
    Config given = Config.of("name", name, "trainable", trainable(), "dtype", policy());
    for (String key : keys) {
      if (key.equals("activity_regularizer")) {
        args.objectOrNull(key, Regularizer.class, null);
      } else {
        Object v = args.any(key, null);
        given = args.has(key) ? given.with(key, v) : given;
      }
    }
    if (args.has("implementation")) {
      given = given.with("implementation", args.any("implementation", null));
      args.forget("implementation");
    }
    args.any("use_cudnn", null);
    args.forget("use_cudnn");
    C made;
    try {
      made = fromConfig(type, given);
    } catch (ConfigException e) {
      throw new ConfigException(label() + ": " + e.getMessage(), e);
    }
    Config full = made.getConfig();
    for (String key : keys) {
      if (full.has(key)) {
        args.note(key, full.get(key));
        args.declareAs(key, made.reader());
      }
    }
    return setCell(made);
  }

  /** The cell. */
  public final RnnCell cell() {
    return cell;
  }

  /** Whether the outputs of all steps come out. */
  public final boolean returnSequences() {
    return returnSequences;
  }

  /** Whether the last states come out too. */
  public final boolean returnState() {
    return returnState;
  }

  /** Whether the last step comes first. */
  public final boolean goBackwards() {
    return goBackwards;
  }

  /** Whether states are carried from call to call. */
  public final boolean stateful() {
    return stateful;
  }

  @Override
  public final boolean isStateful() {
    return stateful || super.isStateful();
  }

  /** Sets the carried states of a stateful layer to zero. */
  public final void resetState() {
    states.forEach(v -> v.assign(Ops.zeros(v.shape(), v.dtype())));
  }

  @Override
  protected final void build(BuildContext b) {
    Shape in = b.input();
    if (in.rank() < 3) {
      throw new ShapeException(
          label() + ": expected an input (batch, steps, features). Received: shape " + in);
    }
    b.build(cell, in.slice(0, 1).plus(in.slice(2, in.rank()).dims()));
    if (stateful) {
      int batch = b.known(0, 0);
      states = new ArrayList<>();
      for (Shape s : cell.stateShapes()) {
        Shape whole = Shape.of(batch).plus(s.dims());
        states.add(b.addState("rnn_state", whole, policy().variable()));
      }
    }
  }

  @Override
  public final List<Tensor> call(List<Tensor> inputs, CallContext ctx) {
    Tensor x = inputs.get(0);
    if (x.dim(1) == 0) {
      throw new ShapeException(label() + ": expected at least one step. Received: " + x.shape());
    }
    List<Tensor> initial = initialState(x, ctx);
    RnnLoop.Result r = loop(x, initial, mask(ctx), ctx);
    List<Tensor> out = new ArrayList<>();
    out.add(Ops.cast(r.output(), policy().compute()));
    for (int i = 0; i < r.states().size(); i++) {
      Tensor s = r.states().get(i);
      if (stateful) {
        states.get(i).assign(Ops.cast(s, states.get(i).dtype()));
      }
      if (returnState) {
        out.add(Ops.cast(s, policy().compute()));
      }
    }
    return out;
  }

  /** Runs all steps, by one op where there is one. */
  private RnnLoop.Result loop(Tensor x, List<Tensor> initial, Tensor mask, CallContext ctx) {
    if (mask == null
        && cell instanceof DropoutCell d
        && cell.policy().equals(policy())
        && d.isPlain(ctx)) {
      List<Tensor> y = d.fused(x, initial, goBackwards);
      if (y != null) {
        return new RnnLoop.Result(y.get(returnSequences ? 0 : 1), y.subList(1, y.size()));
      }
    }
    int[] first = x.shape().withDim(1, 1).dims();
    CallArgs call =
        cell.beforeSteps(Ops.squeeze(Ops.slice(x, new int[x.rank()], first), 1), initial, ctx);
    RnnLoop.Step step =
        (xt, s) -> {
          List<Tensor> in = new ArrayList<>(List.of(xt));
          in.addAll(s);
          return cell.applyAll(in, call);
        };
    Shape out = Shape.of(x.dim(0)).plus(cell.outputSize().dims());
    // losses of steps cannot leave a scan
    boolean steps = unroll || cell.regularizesActivity();
    return new RnnLoop(goBackwards, zeroOutputForMask, returnSequences, steps)
        .run(step, x, mask, initial, Ops.zeros(out, cell.policy().compute()));
  }

  /** Whether masked steps give zeros; a bidirectional layer settles it for both directions. */
  public final void setZeroOutputForMask(boolean on) {
    zeroOutputForMask = on;
    args.note("zero_output_for_mask", on);
  }

  /** Keras hands an attached mask on only where no initial state was given. */
  private static Tensor mask(CallContext ctx) {
    return ctx.args().has("initial_state") && !ctx.args().has("mask") ? null : ctx.mask(0);
  }

  private List<Tensor> initialState(Tensor x, CallContext ctx) {
    int batch = x.dim(0);
    if (stateful && states.get(0).shape().dim(0) != batch) {
      throw new ShapeException(
          label()
              + ": a stateful layer keeps its batch size. Expected "
              + states.get(0).shape().dim(0)
              + ". Received: "
              + batch);
    }
    List<Tensor> initial;
    if (ctx.args().has("initial_state")) {
      initial = Structure.tensors(ctx.args().get("initial_state"));
      checkStates(initial, batch);
    } else {
      initial = stateful ? states.stream().map(Variable::value).toList() : cell.initialState(batch);
    }
    return initial.stream().map(s -> Ops.cast(s, cell.policy().compute())).toList();
  }

  private void checkStates(List<Tensor> given, int batch) {
    List<Shape> expected =
        cell.stateShapes().stream().map(s -> Shape.of(batch).plus(s.dims())).toList();
    List<Shape> received = given.stream().map(Tensor::shape).toList();
    if (!expected.equals(received)) {
      throw new ShapeException(
          label() + ": initial_state: expected shapes " + expected + ". Received: " + received);
    }
  }

  @Override
  protected final List<Tensor> computeMasks(List<Tensor> inputs, List<Tensor> masks) {
    return Collections.singletonList(returnSequences ? masks.get(0) : null);
  }

  @Override
  public Object outputStructure(List<Tensor> flat) {
    if (flat.size() == 1) {
      return flat.get(0);
    }
    List<Object> nest = new ArrayList<>();
    nest.add(flat.get(0));
    nest.addAll(cell.stateStructure(flat.subList(1, flat.size())));
    return nest;
  }
}
