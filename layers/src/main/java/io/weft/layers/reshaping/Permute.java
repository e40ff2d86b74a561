package io.weft.layers.reshaping;

import io.weft.config.Config;
import io.weft.layer.CallContext;
import io.weft.layer.InputSpec;
import io.weft.layer.LayerType;
import io.weft.layer.UnaryLayer;
import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;
import java.util.Arrays;

/**
 * Reorders the axes behind the batch, which count from 1: {@code dims (2, 1)} swaps two.
 *
 * <p>Input: {@code (batch, …)} with as many axes as {@code dims}. Output: the same, reordered.
 */
public final class Permute extends UnaryLayer {
  public static final LayerType<Permute> TYPE = LayerType.keras("Permute", Permute::new);

  private final int[] order;

  /** Which axis of the input stands at each place of the output. */
  public Permute(int... dims) {
    this(Config.of("dims", dims));
  }

  /** Restores a layer from its config. */
  public Permute(Config config) {
    super(TYPE, config);
    int[] dims = args.intListOrNull("dims", null);
    if (dims == null) {
      throw args.refuse("dims", "a list of axes");
    }
    int[] sorted = dims.clone();
    Arrays.sort(sorted);
    order = new int[dims.length + 1];
    for (int i = 0; i < dims.length; i++) {
      if (sorted[i] != i + 1) {
        throw args.refuse("dims", "the axes from 1 to " + dims.length + " in some order");
      }
      order[i + 1] = dims[i];
    }
    args.note("dims", dims);
    setInputSpec(InputSpec.rank(order.length));
  }

  @Override
  protected DType statedDType(DType inferred) {
    return inferred;
  }

  @Override
  public Tensor call(Tensor x, CallContext ctx) {
    return Ops.transpose(x, order);
  }
}
