package io.weft.layers.wrapper;

import io.weft.config.Config;
import io.weft.error.ShapeException;
import io.weft.layer.BuildContext;
import io.weft.layer.CallArgs;
import io.weft.layer.CallContext;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import io.weft.layer.Structure;
import io.weft.layers.rnn.RecurrentLayer;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * A recurrent layer run over the sequence in both directions.
 *
 * <p>The forward layer is a copy of the given one, named {@code forward_…}; the backward layer is
 * the given one, or a copy of the first that goes backwards, named {@code backward_…}. The backward
 * sequence is turned round before both are merged: {@code concat} on the last axis, {@code sum},
 * {@code mul}, {@code ave}, or null for two results. Where sequences come out, masked steps give
 * zeros.
 *
 * <p>Inputs: {@code (batch, steps, ...)}. Output: {@code (batch[, steps], 2·units)}, or {@code
 * units} for the merges other than concat; with {@code return_state} the forward states and then
 * the backward states follow. Call arguments: {@code initial_state} (the first half is for the
 * forward layer), {@code mask}, {@code training}. Weights: the forward layer's, then the backward
 * layer's.
 */
public final class Bidirectional extends Layer {
  public static final LayerType<Bidirectional> TYPE =
      LayerType.keras("Bidirectional", Bidirectional::new)
          .inputs("sequences")
          .args("initial_state", "mask", "training");

  private final String mergeMode;
  private final RecurrentLayer forward;
  private final RecurrentLayer backward;

  /** Both directions of a layer, concatenated. */
  public Bidirectional(RecurrentLayer layer) {
    this(builder(layer).config());
  }

  /** Restores a layer from its config. */
  public Bidirectional(Config config) {
    super(TYPE, config);
    Object mode = args.any("merge_mode", "concat");
    mergeMode = mode == null ? null : args.oneOf("merge_mode", "concat", MODES);
    RecurrentLayer layer = args.object("layer", RecurrentLayer.class, null);
    RecurrentLayer other = args.objectOrNull("backward_layer", RecurrentLayer.class, null);
    forward = track("forward_layer", renamed(layer, "forward_", Config.EMPTY));
    if (other == null) {
      other = renamed(layer, "backward_", Config.of("go_backwards", true));
    }
    backward = track("backward_layer", other);
    forward.setZeroOutputForMask(forward.returnSequences());
    backward.setZeroOutputForMask(backward.returnSequences());
    args.note("layer", forward);
    args.note("backward_layer", backward);
    check();
    setSupportsMasking(true);
  }

  private static final String[] MODES = {"concat", "sum", "mul", "ave"};

  private static RecurrentLayer renamed(RecurrentLayer layer, String prefix, Config changes) {
    String name = layer.name();
    String bare = name.startsWith(prefix) ? name.substring(prefix.length()) : name;
    return (RecurrentLayer) layer.copy(changes.with("name", prefix + bare));
  }

  private void check() {
    if (forward.goBackwards() == backward.goBackwards()) {
      throw args.refuse(
          "backward_layer", "a layer whose go_backwards differs from that of the forward layer");
    }
    if (forward.stateful() != backward.stateful()
        || forward.returnSequences() != backward.returnSequences()
        || forward.returnState() != backward.returnState()) {
      throw args.refuse(
          "backward_layer",
          "a layer with the forward layer's stateful, return_sequences and return_state");
    }
  }

  /** The layer that runs over the sequence as it is. */
  public RecurrentLayer forwardLayer() {
    return forward;
  }

  /** The layer that runs from the end to the start. */
  public RecurrentLayer backwardLayer() {
    return backward;
  }

  /** Sets the carried states of both layers to zero. */
  public void resetState() {
    forward.resetState();
    backward.resetState();
  }

  @Override
  protected void build(BuildContext b) {
    b.build(forward, b.input());
    b.build(backward, b.input());
  }

  @Override
  public List<Tensor> call(List<Tensor> inputs, CallContext ctx) {
    CallArgs there = ctx.forward("training", "mask");
    if (!there.has("mask") && !ctx.args().has("initial_state") && ctx.mask(0) != null) {
      there = there.with("mask", ctx.mask(0));
    }
    CallArgs back = there;
    if (ctx.args().has("initial_state")) {
      List<Tensor> states = Structure.tensors(ctx.args().get("initial_state"));
      int half = states.size() / 2;
      if (states.size() % 2 != 0) {
        throw new ShapeException(
            label() + ": initial_state: expected states for both directions. Received: " + states);
      }
      there = there.with("initial_state", states.subList(0, half));
      back = back.with("initial_state", states.subList(half, states.size()));
    }
    Tensor x = inputs.get(0);
    List<Tensor> y = forward.applyAll(List.of(x), there);
    List<Tensor> z = backward.applyAll(List.of(x), back);
    List<Tensor> out = merged(y.get(0), z.get(0));
    out.addAll(y.subList(1, y.size()));
    out.addAll(z.subList(1, z.size()));
    return out;
  }

  private List<Tensor> merged(Tensor first, Tensor second) {
    Tensor y = Ops.cast(first, policy().compute());
    Tensor z = Ops.cast(second, policy().compute());
    if (forward.returnSequences()) {
      z = Ops.flip(z, 1);
    }
    List<Tensor> out = new ArrayList<>();
    if (mergeMode == null) {
      out.add(y.withMask(null));
      out.add(z);
      return out;
    }
    out.add(
        switch (mergeMode) {
          case "sum" -> y.plus(z);
          case "mul" -> y.times(z);
          case "ave" -> y.plus(z).divide(2);
          default -> Ops.concatenate(List.of(y, z), -1);
        });
    return out;
  }

  /** As the layers inside: the mask goes on with sequences only. */
  @Override
  protected List<Tensor> computeMasks(List<Tensor> inputs, List<Tensor> masks) {
    Tensor mask = forward.returnSequences() ? masks.get(0) : null;
    return Collections.nCopies(mergeMode == null ? 2 : 1, mask);
  }

  public static Builder builder(RecurrentLayer layer) {
    return new Builder(layer);
  }

  /** Optional settings of {@link Bidirectional}. */
  public static final class Builder extends Layer.Builder<Bidirectional, Builder> {
    private Builder(RecurrentLayer layer) {
      set("layer", layer);
    }

    /** {@code concat}, {@code sum}, {@code mul}, {@code ave}, or null for two results. */
    public Builder mergeMode(String mode) {
      return set("merge_mode", mode);
    }

    /** The layer for the backward direction; default a copy of the first. */
    public Builder backwardLayer(RecurrentLayer layer) {
      return set("backward_layer", layer);
    }

    @Override
    public Bidirectional build() {
      return fromConfig(TYPE, config());
    }
  }
}
