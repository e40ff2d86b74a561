package io.weft.losses;

import io.weft.config.Config;
import io.weft.config.Configured;
import io.weft.config.Entry;
import io.weft.config.Names;
import io.weft.layer.DTypePolicy;
import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;

/**
 * A loss: values for each sample, weighted, masked and reduced to a scalar. Computes in float32
 * unless a {@code dtype} is given.
 */
public abstract class Loss extends Configured {
  private final String name;
  private final String reduction;
  private final DType dtype;

  /** Reads {@code name} and {@code reduction}. */
  protected Loss(Entry<?> type, Config config, String defaultName) {
    super(type, config);
    String given = args.stringOrNull("name", null);
    this.name =
        given != null ? given : defaultName != null ? defaultName : Names.snake(type.className());
    args.note("name", name);
    Object r = args.any("reduction", "sum_over_batch_size");
    this.reduction =
        "auto".equals(r) ? "sum_over_batch_size" : r == null ? "none" : String.valueOf(r);
    if (!reduction.matches("sum_over_batch_size|mean|sum|mean_with_sample_weight|none")) {
      throw args.refuse(
          "reduction", "sum_over_batch_size, mean, sum, mean_with_sample_weight, none or null");
    }
    dtype = computeType();
  }

  /** Keras takes a dtype to compute in but does not write it; one that was given is kept here. */
  private DType computeType() {
    Object given = args.any("dtype", null);
    if (given == null) {
      args.forget("dtype");
    }
    return DTypePolicy.of(given).compute();
  }

  /** The loss of each sample (or finer), before weights. */
  protected abstract Tensor values(Tensor yTrue, Tensor yPred);

  public final String name() {
    return name;
  }

  /**
   * The reduced loss; {@code sampleWeight} may be null. The mask attached to the predictions
   * counts.
   */
  public final Tensor apply(Tensor yTrue, Tensor yPred, Tensor sampleWeight) {
    Tensor p = Ops.cast(yPred, dtype);
    Tensor t = Ops.cast(yTrue, dtype);
    Tensor v = values(t, p);
    Tensor mask = yPred.mask();
    if (v.mask() != null) {
      mask = mask == null ? v.mask() : Ops.logicalAnd(mask, v.mask());
    }
    return Reduction.reduce(v.withMask(null), sampleWeight, mask, reduction);
  }
}
