package io.weft.systems.diffusers;

import io.weft.config.Config;
import io.weft.layer.CallContext;
import io.weft.layer.LayerType;
import io.weft.layers.core.Dense;
import io.weft.layers.regularization.Dropout;
import io.weft.ops.NnFunctions;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;
import java.util.List;

/**
 * Two projections with an activation between them, as diffusers' {@code FeedForward}.
 *
 * <p>{@code activation_fn}: {@code geglu} ({@code a ⊙ gelu(g)} with {@code [a; g] = x W + b}, the
 * value half first), {@code swiglu} ({@code a ⊙ silu(g)}), {@code gelu}, {@code gelu-approximate}
 * (by tanh), {@code geglu-approximate} ({@code y · σ(1.702 y)}, which has no gate in spite of its
 * name), {@code linear-silu}.
 *
 * <p>Input: {@code (batch, …, dim)}. Output: {@code (batch, …, dim_out)}. Weights: {@code
 * net.0.proj} {@code (dim, inner_dim or twice that)}, {@code net.2} {@code (inner_dim, dim_out)}.
 */
public final class FeedForward extends DiffusersLayer {
  public static final LayerType<FeedForward> TYPE =
      LayerType.custom("diffusers", "FeedForward", FeedForward::new)
          .inputs("hidden_states")
          .args("training");

  private final String kind;
  private final int inner;
  private final Dense in;
  private final Dense out;
  private final Dropout dropout;
  private final boolean finalDropout;

  /** Restores a layer from its config. */
  public FeedForward(Config config) {
    super(TYPE, config);
    int dim = args.positiveInt("dim");
    Integer dimOut = args.integerOrNull("dim_out", null);
    double mult = args.number("mult", 4);
    double rate = args.fraction("dropout", 0.0);
    kind =
        args.oneOf(
            "activation_fn",
            "geglu",
            "geglu",
            "gelu",
            "gelu-approximate",
            "geglu-approximate",
            "swiglu",
            "linear-silu");
    finalDropout = args.bool("final_dropout", false);
    Integer given = args.integerOrNull("inner_dim", null);
    boolean bias = args.bool("bias", true);
    inner = given == null ? (int) (dim * mult) : given;
    if (inner <= 0) {
      throw args.refuse(given == null ? "mult" : "inner_dim", "a positive number");
    }
    if (dimOut != null && dimOut <= 0) {
      throw args.refuse("dim_out", "null or a positive integer");
    }
    in = track("net.0.proj", parts.linear(dim, isGated() ? 2 * inner : inner, bias));
    dropout = rate == 0 ? null : track("net.1", parts.dropout(rate));
    out = track("net.2", parts.linear(inner, dimOut == null ? dim : dimOut, bias));
    setSupportsMasking(true);
  }

  private boolean isGated() {
    return kind.equals("geglu") || kind.equals("swiglu");
  }

  @Override
  public List<Tensor> call(List<Tensor> inputs, CallContext ctx) {
    Tensor y = out.apply(drop(activated(in.apply(inputs.get(0)))));
    return List.of(finalDropout ? drop(y) : y);
  }

  private Tensor drop(Tensor x) {
    return dropout == null ? x : dropout.apply(x);
  }

  private Tensor activated(Tensor y) {
    switch (kind) {
      case "geglu":
        return half(y, 0).times(NnFunctions.gelu(half(y, inner), false));
      case "swiglu":
        return half(y, 0).times(NnFunctions.silu(half(y, inner)));
      case "gelu":
        return NnFunctions.gelu(y, false);
      case "gelu-approximate":
        return NnFunctions.gelu(y, true);
      case "geglu-approximate":
        return y.times(Ops.sigmoid(y.times(1.702)));
      default:
        return NnFunctions.silu(y);
    }
  }

  private Tensor half(Tensor y, int from) {
    int[] starts = new int[y.rank()];
    starts[y.rank() - 1] = from;
    return Ops.slice(y, starts, y.shape().withDim(-1, inner).dims());
  }
}
