package io.weft.layers.reshaping;

import io.weft.config.Config;
import io.weft.error.ShapeException;
import io.weft.layer.CallContext;
import io.weft.layer.LayerType;
import io.weft.layer.UnaryLayer;
import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.List;

/**
 * Gives the axes behind the batch other sizes; one of them may be −1.
 *
 * <p>Input: {@code (batch, …)}. Output: {@code (batch, target_shape…)}.
 */
public final class Reshape extends UnaryLayer {
  public static final LayerType<Reshape> TYPE =
      LayerType.keras("Reshape", Reshape::new).builtAtOnce();

  private final int[] target;

  /** Sizes without the batch. */
  public Reshape(int... targetShape) {
    this(Config.of("target_shape", targetShape));
  }

  /** Restores a layer from its config. */
  public Reshape(Config config) {
    super(TYPE, config);
    if (!(args.any("target_shape", null) instanceof List<?>)) {
      throw args.refuse("target_shape", "a list of integers");
    }
    target = args.intListOrNull("target_shape", null);
    int free = 0;
    for (int d : target) {
      free += d == -1 ? 1 : 0;
      if (d < -1 || free > 1) {
        throw args.refuse("target_shape", "sizes that are not negative, at most one of them -1");
      }
    }
  }

  /** A size that fits the target in the place of the first unknown one, 1 for others. */
  @Override
  protected List<Shape> assumedShapes(List<Shape> inputs) {
    Shape in = inputs.get(0);
    int known = 1;
    int first = -1;
    for (int i = 1; i < in.rank(); i++) {
      known *= in.dim(i) < 0 ? 1 : in.dim(i);
      first = first < 0 && in.dim(i) < 0 ? i : first;
    }
    if (first < 0) {
      return inputs;
    }
    int wanted = 1;
    for (int d : target) {
      wanted *= d < 0 ? known : d;
    }
    for (int i = 1; i < in.rank(); i++) {
      if (in.dim(i) < 0) {
        in = in.withDim(i, i == first ? Math.max(1, wanted / Math.max(1, known)) : 1);
      }
    }
    return List.of(in);
  }

  @Override
  protected Shape statedShape(List<Shape> inputs, int output, Shape inferred) {
    Shape in = inputs.get(0);
    boolean unknown = !in.slice(1, in.rank()).isKnown();
    Shape out = inferred;
    for (int i = 0; i < target.length && unknown; i++) {
      out = target[i] < 0 ? out.withDim(i + 1, Shape.UNKNOWN) : out;
    }
    return out;
  }

  @Override
  protected DType statedDType(DType inferred) {
    return inferred;
  }

  @Override
  public Tensor call(Tensor x, CallContext ctx) {
    int size = x.shape().product(1, x.rank());
    int known = 1;
    int free = -1;
    for (int i = 0; i < target.length; i++) {
      known *= target[i] < 0 ? 1 : target[i];
      free = target[i] < 0 ? i : free;
    }
    int[] d = target.clone();
    if (free >= 0 && known > 0 && size % known == 0) {
      d[free] = size / known;
      known = size;
    }
    if (known != size) {
      throw new ShapeException(
          label()
              + ": target_shape must have as many elements as the input. Received: target_shape="
              + Shape.of(target)
              + " for an input of shape "
              + x.shape());
    }
    return Ops.reshape(x, Shape.of(x.dim(0)).plus(d).dims());
  }
}
