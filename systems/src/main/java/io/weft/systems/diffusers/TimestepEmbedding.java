package io.weft.systems.diffusers;

import io.weft.config.Config;
import io.weft.error.ShapeException;
import io.weft.layer.CallContext;
import io.weft.layer.LayerType;
import io.weft.layers.core.Dense;
import io.weft.tensor.Tensor;
import java.util.List;

/**
 * Two projections of an encoded step of time, as diffusers' {@code TimestepEmbedding}: {@code
 * linear_2(act(linear_1(x + cond_proj(c))))}.
 *
 * <p>Inputs: {@code sample (batch, in_channels)}; {@code condition (batch, cond_proj_dim)}, may be
 * missing. Output: {@code (batch, out_dim or time_embed_dim)}. Weights: {@code linear_1}, {@code
 * cond_proj} if {@code cond_proj_dim} is set, {@code linear_2}.
 */
public final class TimestepEmbedding extends DiffusersLayer {
  public static final LayerType<TimestepEmbedding> TYPE =
      LayerType.custom("diffusers", "TimestepEmbedding", TimestepEmbedding::new)
          .inputs("sample", "condition");

  private final String activation;
  private final String last;
  private final Dense linear1;
  private final Dense condition;
  private final Dense linear2;

  /** Restores a layer from its config. */
  public TimestepEmbedding(Config config) {
    super(TYPE, config);
    int in = args.positiveInt("in_channels");
    int width = args.positiveInt("time_embed_dim");
    activation = Images.activation(args, "act_fn", "silu");
    Integer out = args.integerOrNull("out_dim", null);
    last =
        args.any("post_act_fn", null) == null
            ? null
            : Images.activation(args, "post_act_fn", "silu");
    Integer cond = args.integerOrNull("cond_proj_dim", null);
    boolean bias = args.bool("sample_proj_bias", true);
    linear1 = track("linear_1", parts.linearOfRows(in, width, bias));
    condition = cond == null ? null : track("cond_proj", parts.linearOfRows(cond, in, false));
    linear2 = track("linear_2", parts.linearOfRows(width, out == null ? width : out, bias));
  }

  @Override
  public List<Tensor> call(List<Tensor> inputs, CallContext ctx) {
    Tensor x = inputs.get(0);
    Tensor c = at(inputs, 1);
    if (c != null) {
      if (condition == null) {
        throw new ShapeException(
            label() + ": expected no condition, for cond_proj_dim is null. Received: " + c.shape());
      }
      x = x.plus(condition.apply(c));
    }
    Tensor y = linear2.apply(Images.activate(activation, linear1.apply(x)));
    return List.of(last == null ? y : Images.activate(last, y));
  }
}
