package io.weft.layers.core;

import io.weft.config.Args;
import io.weft.config.Registry;
import io.weft.error.ConfigException;
import io.weft.layer.BuildContext;
import io.weft.layer.Initializer;
import io.weft.layer.WeightOptions;
import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.tensor.Variable;
import java.util.List;

/**
 * A low-rank change of a frozen weight (LoRA, Hu et al. 2021): {@code W + alpha / rank · A·B} with
 * A of W's shape but {@code rank} as its last size, and B (rank, last size of W). Files hold the
 * sum; after loading, A and B are zero.
 */
final class LowRank {
  private final int rank;
  private final double alpha;
  private final String what;
  private Variable base;
  private Variable a;
  private Variable b;

  private LowRank(String what, int rank, double alpha) {
    this.what = what;
    this.rank = rank;
    this.alpha = alpha;
  }

  /**
   * Reads {@code lora_rank} and {@code lora_alpha}, which are written only when set; null without
   * them. {@code what} is the argument prefix of the weight: kernel or embeddings.
   */
  static LowRank read(Args args, String what, WeightOptions options) {
    Integer rank = args.integerOrNull("lora_rank", null);
    Double alpha = args.numberOrNull("lora_alpha", null);
    if (rank == null || rank == 0) {
      args.forget("lora_rank");
      args.forget("lora_alpha");
      return null;
    }
    if (rank < 0) {
      throw args.refuse("lora_rank", "a positive integer or null");
    }
    if (options.constraint(what) != null) {
      throw new ConfigException(
          "lora_rank: expected no " + what + "_constraint beside it. Leave one of them out.");
    }
    if (alpha == null) {
      args.note("lora_alpha", rank);
    }
    return new LowRank(what, rank, alpha == null ? rank : alpha);
  }

  /** Freezes the weight and makes A and B behind all other weights. */
  void build(BuildContext context, Variable weight, WeightOptions options) {
    Shape s = weight.shape();
    base = weight;
    a = add(context, "_a", s.withDim(-1, rank), "he_uniform", options);
    b = add(context, "_b", Shape.of(rank, s.dim(-1)), "zeros", options);
    weight.setTrainable(false);
  }

  private Variable add(
      BuildContext context, String suffix, Shape shape, String start, WeightOptions options) {
    Initializer initializer = Registry.standard().named(Initializer.class, start);
    Variable v =
        context.addVariable("lora_" + what + suffix, shape, DType.FLOAT32, true, true, initializer);
    v.setRegularizer(options.regularizer(what));
    return v;
  }

  /** The weight with its change, as a layer's call uses it. */
  Tensor value() {
    Tensor change = Ops.matmul(a.value(), b.value()).times(alpha / rank);
    return base.value().plus(Ops.cast(change, base.value().dtype()));
  }

  /** The sum in the weight's own dtype, for files. */
  Tensor merged() {
    Tensor change = Ops.matmul(a.concrete(), b.concrete()).times(alpha / rank);
    return Ops.cast(base.concrete().plus(change), base.dtype());
  }

  /** Own variables without A and B. */
  List<Variable> saved(List<Variable> own) {
    return own.stream().filter(v -> v != a && v != b).toList();
  }

  /** Sets A and B to zero. */
  void clear() {
    a.assign(Ops.zeros(a.shape(), a.dtype()));
    b.assign(Ops.zeros(b.shape(), b.dtype()));
  }
}
