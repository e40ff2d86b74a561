package io.weft.layers.rnn;

import io.weft.config.Config;
import io.weft.layer.Activation;
import io.weft.layer.BuildContext;
import io.weft.layer.CallArgs;
import io.weft.layer.CallContext;
import io.weft.layer.LayerType;
import io.weft.random.SeedGenerator;
import io.weft.tensor.Ops;
import io.weft.tensor.RandomOps;
import io.weft.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * A cell with dropout on its input and its state. The masks are drawn once for all steps of a
 * layer's call, in training only.
 */
abstract class DropoutCell extends RnnCell {
  private static final String MASKS = "dropout_masks";

  private double dropout;
  private double recurrentDropout;
  private SeedGenerator generator;

  DropoutCell(LayerType<?> type, Config config) {
    super(type, config);
  }

  /** Reads both rates; like Keras, rates outside [0, 1] are moved to the nearer end. */
  final void readDropout() {
    dropout = clamped("dropout");
    recurrentDropout = clamped("recurrent_dropout");
  }

  private double clamped(String key) {
    double rate = Math.min(1, Math.max(0, args.number(key, 0.0)));
    args.note(key, rate);
    return rate;
  }

  final void buildDropout(BuildContext b, Integer seed) {
    generator = b.addSeed(seed);
  }

  final double recurrentDropout() {
    return recurrentDropout;
  }

  /** True if no call drops anything. */
  final boolean neverDrops() {
    return dropout == 0 && recurrentDropout == 0;
  }

  /** How many masks each of input and state has: one for all gates, or one for each. */
  abstract int maskCount();

  /**
   * All steps of a sequence by one op: all outputs (batch, steps, units), then the last states;
   * null where no op computes what this cell does.
   */
  List<Tensor> fused(Tensor x, List<Tensor> states, boolean reverse) {
    return null;
  }

  /** Whether a call without dropout may go by way of {@link #fused}. */
  final boolean isPlain(CallContext ctx) {
    return !(ctx.training() && !neverDrops())
        && !policy().compute().isHalf()
        && args.noted().get("activity_regularizer") == null;
  }

  /** The inputs of a fused op: x, the weights, the states. */
  static List<Tensor> inputs(Tensor x, CellWeights weights, List<Tensor> states) {
    List<Tensor> in = new ArrayList<>(List.of(x));
    in.add(weights.kernel().value());
    in.add(weights.recurrent().value());
    if (weights.bias() != null) {
      in.add(weights.bias().value());
    }
    in.addAll(states);
    return in;
  }

  /** The last of all outputs, which is the state h. */
  static Tensor last(Tensor outputs) {
    int[] start = {0, outputs.dim(1) - 1, 0};
    return Ops.squeeze(Ops.slice(outputs, start, outputs.shape().withDim(1, 1).dims()), 1);
  }

  /** Whether an activation is the one of a name. */
  static boolean is(Activation activation, String name) {
    return name.equals(activation.serialized());
  }

  /** One step; the output, then the new states. */
  abstract List<Tensor> step(Tensor x, List<Tensor> states, DropoutMasks masks);

  @Override
  public final List<Tensor> call(List<Tensor> inputs, CallContext ctx) {
    Tensor x = inputs.get(0);
    List<Tensor> states = statesOf(inputs);
    DropoutMasks masks =
        ctx.args().get(MASKS) instanceof DropoutMasks m ? m : draw(x, states.get(0), ctx);
    return step(x, states, masks);
  }

  @Override
  protected final CallArgs beforeSteps(Tensor firstInput, List<Tensor> states, CallContext ctx) {
    return ctx.forward("training").with(MASKS, draw(firstInput, states.get(0), ctx));
  }

  private DropoutMasks draw(Tensor x, Tensor h, CallContext ctx) {
    return ctx.training() && !neverDrops()
        ? new DropoutMasks(draw(x, dropout, ctx), draw(h, recurrentDropout, ctx))
        : DropoutMasks.NONE;
  }

  private List<Tensor> draw(Tensor like, double rate, CallContext ctx) {
    List<Tensor> masks = new ArrayList<>();
    if (rate > 0 && rate < 1) {
      for (int i = 0; i < maskCount(); i++) {
        masks.add(RandomOps.dropout(Ops.onesLike(like), rate, ctx.randomKey(generator)));
      }
    }
    return masks;
  }
}
