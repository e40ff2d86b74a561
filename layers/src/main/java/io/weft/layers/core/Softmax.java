package io.weft.layers.core;

import io.weft.config.Config;
import io.weft.error.ShapeException;
import io.weft.layer.CallContext;
import io.weft.layer.LayerType;
import io.weft.layer.UnaryLayer;
import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;

/**
 * {@code eˣ / Σ eˣ} over one or more axes.
 *
 * <p>Input: any shape. Output: the same shape. Call argument {@code mask}: broadcasts to the input
 * from the right, true (or above 0.5) = keep; masked elements take no part and become 0. A mask of
 * the input is used the same way, and passes.
 */
public final class Softmax extends UnaryLayer {
  public static final LayerType<Softmax> TYPE =
      LayerType.keras("Softmax", Softmax::new).args("mask").builtAtOnce();

  private final int[] axes;

  /** Over the last axis. */
  public Softmax() {
    this(Config.EMPTY);
  }

  /** Over these axes together. */
  public Softmax(int... axes) {
    this(Config.of("axis", axes.length == 1 ? (Object) axes[0] : axes));
  }

  /** Restores a layer from its config. */
  public Softmax(Config config) {
    super(TYPE, config);
    axes = args.intListOrNull("axis", -1);
    if (axes == null || axes.length == 0) {
      throw args.refuse("axis", "an integer or a list of integers");
    }
    setSupportsMasking(true);
  }

  @Override
  public Tensor call(Tensor x, CallContext ctx) {
    Tensor mask = ctx.mask(0);
    if (mask == null) {
      return softmax(x);
    }
    checkMask(mask, x);
    Tensor keep = mask.dtype().isBool() ? mask : Ops.greater(mask, 0.5);
    double low = x.dtype() == DType.FLOAT16 ? -3e4 : -1e9;
    return Ops.where(keep, softmax(Ops.where(keep, x, low)), 0);
  }

  private Tensor softmax(Tensor x) {
    return axes.length == 1
        ? Ops.softmax(x, axes[0])
        : Ops.exp(x.minus(Ops.logsumexp(x, axes, true)));
  }

  private void checkMask(Tensor mask, Tensor x) {
    boolean fits = mask.rank() <= x.rank();
    for (int i = 1; i <= mask.rank() && fits; i++) {
      fits = mask.dim(-i) == 1 || mask.dim(-i) == x.dim(-i);
    }
    if (!fits) {
      throw new ShapeException(
          label()
              + ": mask must broadcast to the input of shape "
              + x.shape()
              + ". Received: mask of shape "
              + mask.shape());
    }
  }
}
