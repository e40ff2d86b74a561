package io.weft.systems.hip;

import io.weft.config.Config;
import io.weft.error.ShapeException;
import io.weft.layer.CallContext;
import io.weft.layer.LayerType;
import io.weft.layer.UnaryLayer;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;

/**
 * Puts the elements of groups into another number of groups (Carreira et al. 2022, 3.1): {@code
 * (batch, G, N, C) → (batch, groups, G·N / groups, C)}, in order ({@code mode="reshape"}), or after
 * the axes of groups and elements changed places ({@code "transpose_reshape"}), so that each new
 * group gets elements of all old ones. No weights.
 */
public final class Regroup extends UnaryLayer {
  public static final LayerType<Regroup> TYPE = LayerType.custom("hip", "Regroup", Regroup::new);

  private final int groups;
  private final boolean transpose;

  /** Into {@code groups} groups, in order. */
  public Regroup(int groups) {
    this(Config.of("groups", groups));
  }

  /** Restores a layer from its config. */
  public Regroup(Config config) {
    super(TYPE, config);
    groups = args.positiveInt("groups");
    transpose =
        args.oneOf("mode", "reshape", "reshape", "transpose_reshape").equals("transpose_reshape");
  }

  @Override
  public Tensor call(Tensor x, CallContext ctx) {
    if (x.rank() != 4) {
      throw new ShapeException(
          label() + ": expected (batch, groups, elements, features). Received: " + x.shape() + ".");
    }
    int all = x.dim(1) * x.dim(2);
    if (all % groups != 0) {
      throw new ShapeException(
          label()
              + ": expected a number of elements that "
              + groups
              + " groups can share. Received: "
              + x.dim(1)
              + " groups of "
              + x.dim(2)
              + ". Pad the elements or choose another number of groups.");
    }
    Tensor y = transpose ? Ops.transpose(x, 0, 2, 1, 3) : x;
    return Ops.reshape(y, x.dim(0), groups, all / groups, x.dim(3));
  }
}
