package io.weft.layers.core;

import io.weft.config.Config;
import io.weft.layer.BuildContext;
import io.weft.layer.CallContext;
import io.weft.layer.InputSpec;
import io.weft.layer.LayerType;
import io.weft.layer.UnaryLayer;
import io.weft.layer.WeightOptions;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.tensor.Variable;
import java.util.Map;
import java.util.TreeMap;

/**
 * x where positive, {@code alpha · x} elsewhere with learned slopes (He et al. 2015).
 *
 * <p>Input: {@code (batch, …)}. Output: the same shape. Masks pass. Weights: {@code alpha} of the
 * input's shape without the batch, with size 1 at each of {@code shared_axes} (counted from 1).
 */
public final class PReLU extends UnaryLayer {
  public static final LayerType<PReLU> TYPE = LayerType.keras("PReLU", PReLU::new);

  private final WeightOptions options;
  private final int[] sharedAxes;
  private Variable alpha;

  /** One slope per element that starts at 0; the axes given here share theirs. */
  public PReLU(int... sharedAxes) {
    this(Config.of("shared_axes", sharedAxes.length == 0 ? null : sharedAxes));
  }

  /** Restores a layer from its config. */
  public PReLU(Config config) {
    super(TYPE, config);
    options =
        weightOptions().initializer("alpha", "zeros").regularizers("alpha").constraints("alpha");
    sharedAxes = args.intListOrNull("shared_axes", null);
    args.note("shared_axes", sharedAxes);
    setSupportsMasking(true);
  }

  @Override
  protected void build(BuildContext b) {
    Shape in = b.input();
    Shape shape = in.slice(1, in.rank());
    Map<Integer, Integer> axes = new TreeMap<>();
    if (sharedAxes != null) {
      for (int a : sharedAxes) {
        if (a < 1 || a >= in.rank()) {
          throw args.refuse("shared_axes", "axes between 1 and " + (in.rank() - 1));
        }
        shape = shape.withDim(a - 1, 1);
      }
      for (int i = 1; i < in.rank() && sharedAxes.length > 0; i++) {
        if (shape.dim(i - 1) == in.dim(i) && in.dim(i) >= 0) {
          axes.put(i, in.dim(i));
        }
      }
    }
    alpha = options.add(b, "alpha", shape);
    setInputSpec(new InputSpec(in.rank(), null, null, axes));
  }

  @Override
  public Tensor call(Tensor x, CallContext ctx) {
    return Ops.relu(x).minus(alpha.value().times(Ops.relu(Ops.negative(x))));
  }
}
