package io.weft.systems.hip;

import io.weft.config.Config;
import io.weft.error.ShapeException;
import io.weft.initializers.TruncatedNormal;
import io.weft.layer.BuildContext;
import io.weft.layer.CallContext;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import io.weft.layers.core.Dense;
import io.weft.systems.core.Parts;
import io.weft.systems.perceiver.PerceiverBlock;
import io.weft.systems.weights.StateDict;
import io.weft.systems.weights.TorchEntry;
import io.weft.systems.weights.TorchNamed;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.tensor.Variable;
import java.util.ArrayList;
import java.util.List;

/**
 * A block of the Hierarchical Perceiver (Carreira et al. 2022, arXiv 2202.10890): the input is
 * regrouped, in each group learned latents read its elements, then read each other {@code layers}
 * times. Nothing passes from group to group.
 *
 * <p>Inputs: {@code (batch, G, N, width_in)}; with {@code skip} then the output of the encoder's
 * matching block {@code (batch, groups, latents, skip)}, which a linear map adds to the latents.
 * Output: {@code (batch, groups, latents, width)}. Weights: {@code latents (groups · latents,
 * width)}, the map of the skip, the cross block and the self-attention blocks, both with {@code
 * relu²}.
 */
public final class HiPBlock extends Layer implements TorchNamed {
  public static final LayerType<HiPBlock> TYPE =
      LayerType.custom("hip", "HiPBlock", HiPBlock::new).inputs("x", "encoded").args("training");

  private final int groups;
  private final int latentCount;
  private final int width;
  private final int widthIn;
  private final Integer skipWidth;
  private final Regroup regroup;
  private final Dense skip;
  private final PerceiverBlock cross;
  private final List<PerceiverBlock> layers = new ArrayList<>();
  private Variable latents;

  /** Restores a layer from its config. */
  public HiPBlock(Config config) {
    super(TYPE, config);
    widthIn = args.positiveInt("width_in");
    groups = args.positiveInt("groups");
    latentCount = args.positiveInt("latents");
    width = args.positiveInt("width");
    int heads = args.positiveInt("heads");
    int count = args.integer("layers", 1);
    String mode = args.oneOf("regroup", "reshape", "reshape", "transpose_reshape");
    skipWidth = args.integerOrNull("skip", null);
    boolean residual = args.bool("residual", true);
    int widening = args.positiveInt("widening", 4);
    if (count < 0) {
      throw args.refuse("layers", "0 or more");
    }
    Config groupsAndMode = Config.of("groups", groups, "mode", mode, "dtype", policy());
    regroup = track("regroup", Layer.fromConfig(Regroup.TYPE, groupsAndMode));
    skip = skipWidth == null ? null : track("skip", Parts.dense(width, true, policy()));
    Config common =
        Config.of(
            "q",
            width,
            "heads",
            heads,
            "widening",
            widening,
            "activation",
            "sq_relu",
            "dtype",
            policy());
    cross =
        track(
            "cross",
            Layer.fromConfig(
                PerceiverBlock.TYPE,
                common.plus(Config.of("kv", widthIn, "queryResidual", residual))));
    for (int i = 0; i < count; i++) {
      layers.add(Layer.fromConfig(PerceiverBlock.TYPE, common));
    }
    trackAll("layers", layers);
  }

  /** The parts of the cross block are the block's own in the formulas. */
  @Override
  public List<TorchEntry> torchEntries() {
    return StateDict.of(cross).entries();
  }

  @Override
  protected void build(BuildContext b) {
    latents =
        b.addWeight("latents", Shape.of(groups * latentCount, width), new TruncatedNormal(0, 0.02));
    Shape z = Shape.of(Shape.UNKNOWN, latentCount, width);
    if (skip != null) {
      b.build(skip, z.withDim(-1, skipWidth));
    }
    b.build(cross, z, Shape.of(Shape.UNKNOWN, Shape.UNKNOWN, widthIn));
    layers.forEach(l -> b.build(l, z));
  }

  @Override
  public List<Tensor> call(List<Tensor> in, CallContext ctx) {
    boolean encoded = in.size() > 1 && in.get(1) != null;
    if (encoded != (skip != null)) {
      throw new ShapeException(
          label()
              + ": expected "
              + (skip == null ? "one input, for there is no skip" : "the input and the encoder's")
              + ". Received: "
              + in.size());
    }
    Tensor x = regroup.apply(in.get(0));
    int batch = x.dim(0);
    Tensor q = Ops.expandDims(latents.value(), 0);
    if (encoded) {
      Tensor e = in.get(1);
      if (e.rank() != 4 || e.dim(1) * e.dim(2) != groups * latentCount || e.dim(3) != skipWidth) {
        throw new ShapeException(
            label()
                + ": encoded: expected (batch, "
                + groups
                + ", "
                + latentCount
                + ", "
                + skipWidth
                + "). Received: "
                + e.shape()
                + ".");
      }
      q = q.plus(skip.apply(Ops.reshape(e, batch, groups * latentCount, e.dim(3))));
    }
    q = Ops.broadcastTo(q, Shape.of(batch, groups * latentCount, width));
    Tensor z =
        cross.apply(
            Ops.reshape(q, batch * groups, latentCount, width),
            Ops.reshape(x, batch * groups, x.dim(2), x.dim(3)));
    for (PerceiverBlock l : layers) {
      z = l.apply(z);
    }
    return List.of(Ops.reshape(z, batch, groups, latentCount, width));
  }
}
