package io.weft.layers.wrapper;

import io.weft.config.Config;
import io.weft.error.ShapeException;
import io.weft.layer.BuildContext;
import io.weft.layer.CallArgs;
import io.weft.layer.CallContext;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import io.weft.layer.UnaryLayer;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * A layer called at each step of a sequence, with the same weights.
 *
 * <p>Input: {@code (batch, steps, ...)} of rank 3 or more. Output: {@code (batch, steps, ...)}, the
 * inner layer's outputs stacked along axis 1. Call arguments: {@code mask (batch, steps, ...)},
 * whose slices go to an inner layer that takes one, and {@code training}. The mask goes on. Each
 * step is a call of its own: a batch normalization inside is updated once for each.
 */
public final class TimeDistributed extends UnaryLayer {
  public static final LayerType<TimeDistributed> TYPE =
      LayerType.keras("TimeDistributed", TimeDistributed::new).args("training", "mask");

  private final Layer layer;

  /** The layer at each step. */
  public TimeDistributed(Layer layer) {
    this(Config.of("layer", layer));
  }

  /** Restores a layer from its config. */
  public TimeDistributed(Config config) {
    super(TYPE, config);
    layer = track("layer", args.object("layer", Layer.class, null));
    setSupportsMasking(true);
  }

  /** The layer inside. */
  public Layer layer() {
    return layer;
  }

  private Shape inner(Shape in) {
    if (in.rank() < 3) {
      throw new ShapeException(
          label() + ": expected an input (batch, steps, ...) of rank 3 or more. Received: " + in);
    }
    return in.slice(0, 1).plus(in.slice(2, in.rank()).dims());
  }

  @Override
  protected void build(BuildContext b) {
    b.build(layer, inner(b.input()));
  }

  @Override
  public Tensor call(Tensor x, CallContext ctx) {
    inner(x.shape());
    Tensor mask = layer.type().callArgs().contains("mask") ? ctx.mask(0) : null;
    check(x, ctx.mask(0));
    List<Tensor> outputs = new ArrayList<>();
    for (int t = 0; t < x.dim(1); t++) {
      CallArgs call = ctx.forward("training");
      call = mask == null ? call : call.with("mask", step(mask, t));
      List<Tensor> out = ctx.callInner(layer, List.of(step(x, t)), call);
      if (out.size() != 1) {
        throw new ShapeException(
            label() + ": expected a layer with one result. Received: " + out.size());
      }
      outputs.add(out.get(0));
    }
    if (outputs.isEmpty()) {
      throw new ShapeException(label() + ": expected at least one step. Received: " + x.shape());
    }
    return Ops.stack(outputs, 1);
  }

  private void check(Tensor x, Tensor mask) {
    if (mask != null && (mask.rank() < 2 || mask.dim(0) != x.dim(0) || mask.dim(1) != x.dim(1))) {
      throw new ShapeException(
          label()
              + ": mask must start with "
              + x.shape().slice(0, 2)
              + " as the input does. Received: "
              + mask.shape());
    }
  }

  private static Tensor step(Tensor x, int t) {
    int[] start = new int[x.rank()];
    start[1] = t;
    return Ops.squeeze(Ops.slice(x, start, x.shape().withDim(1, 1).dims()), 1);
  }
}
