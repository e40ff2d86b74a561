package io.weft.systems.bert;

import io.weft.config.Config;
import io.weft.error.ShapeException;
import io.weft.initializers.RandomNormal;
import io.weft.layer.BuildContext;
import io.weft.layer.CallContext;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.tensor.Variable;
import java.util.List;

/**
 * Scores by distance (Shaw et al. 2018; Huang et al. 2020), as BERT's {@code relative_key}: {@code
 * q · E[i − j] / √width}, with {@code relative_key_query} also {@code k · E[i − j] / √width}.
 *
 * <p>Inputs: projected queries {@code (batch, T, heads, width)}, keys {@code (batch, S, heads,
 * width)}, the last query being at the last key's position. Output: {@code (batch, heads, T, S)}.
 * Weights: {@code weight (2 · max_positions − 1, width)}.
 */
public final class DistanceScores extends Layer {
  public static final LayerType<DistanceScores> TYPE =
      LayerType.custom("transformers", "DistanceScores", DistanceScores::new)
          .inputs("query", "key");

  private final int positions;
  private final boolean keys;
  private Variable weight;

  /** Restores a layer from its config. */
  public DistanceScores(Config config) {
    super(TYPE, config);
    positions = args.positiveInt("max_positions");
    keys = args.bool("keys", false);
  }

  @Override
  protected void build(BuildContext b) {
    weight =
        b.addWeight(
            "weight", Shape.of(2 * positions - 1, b.known(0, -1)), new RandomNormal(0, 0.02));
  }

  @Override
  public List<Tensor> call(List<Tensor> in, CallContext ctx) {
    Tensor q = in.get(0);
    Tensor k = in.get(1);
    int t = q.dim(1);
    int s = k.dim(1);
    if (Math.max(t, s) > positions) {
      throw new ShapeException(
          label()
              + ": expected at most "
              + positions
              + " tokens. Received: "
              + Math.max(t, s)
              + ". Raise max_position_embeddings or cut the sequence.");
    }
    int[] distance = new int[t * s];
    for (int i = 0; i < t; i++) {
      for (int j = 0; j < s; j++) {
        distance[i * s + j] = s - t + i - j + positions - 1;
      }
    }
    Tensor e = Ops.take(weight.value(), Tensor.of(distance, t, s), 0);
    Tensor scores = Ops.einsum("bihd,ijd->bhij", q, e);
    if (keys) {
      scores = scores.plus(Ops.einsum("bjhd,ijd->bhij", k, e));
    }
    return List.of(scores.times(1 / Math.sqrt(q.dim(-1))));
  }
}
