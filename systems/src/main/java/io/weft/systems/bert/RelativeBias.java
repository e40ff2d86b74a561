package io.weft.systems.bert;

import io.weft.config.Config;
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
 * T5's bias by distance (Raffel et al. 2019, 2.1): each head learns one number for each bucket of
 * distances; near ones have a bucket each, further ones share buckets of growing size, up to {@code
 * max_distance}, beyond which all share the last.
 *
 * <p>Inputs: projected queries {@code (batch, T, heads, width)} and keys {@code (batch, S, heads,
 * width)}, of which only the lengths count, the last query being at the last key's position.
 * Output: {@code (1, heads, T, S)}. Weights: {@code weight (buckets, heads)}.
 */
public final class RelativeBias extends Layer {
  public static final LayerType<RelativeBias> TYPE =
      LayerType.custom("transformers", "RelativeBias", RelativeBias::new).inputs("query", "key");

  private final int buckets;
  private final int maxDistance;
  private final boolean bidirectional;
  private Variable weight;

  /** Restores a layer from its config. */
  public RelativeBias(Config config) {
    super(TYPE, config);
    buckets = args.positiveInt("buckets", 32);
    maxDistance = args.positiveInt("max_distance", 128);
    bidirectional = args.bool("bidirectional", true);
    int exact = (bidirectional ? buckets / 2 : buckets) / 2;
    if (exact < 1) {
      throw args.refuse("buckets", bidirectional ? "at least 4" : "at least 2");
    }
    if (maxDistance <= exact) {
      throw args.refuse("max_distance", "more than " + exact + ", the distances of their own");
    }
  }

  @Override
  protected void build(BuildContext b) {
    weight = b.addWeight("weight", Shape.of(buckets, b.known(0, 2)), new RandomNormal(0, 1));
  }

  @Override
  public List<Tensor> call(List<Tensor> in, CallContext ctx) {
    int t = in.get(0).dim(1);
    int s = in.get(1).dim(1);
    int[] bucket = new int[t * s];
    for (int i = 0; i < t; i++) {
      for (int j = 0; j < s; j++) {
        bucket[i * s + j] = bucket(j - (s - t + i));
      }
    }
    Tensor bias = Ops.take(weight.value(), Tensor.of(bucket, t, s), 0);
    return List.of(Ops.expandDims(Ops.transpose(bias, 2, 0, 1), 0));
  }

  /** The bucket of a key's position less the query's. */
  private int bucket(int relative) {
    int n = bidirectional ? buckets / 2 : buckets;
    int first = bidirectional && relative > 0 ? n : 0;
    int distance = bidirectional ? Math.abs(relative) : Math.max(-relative, 0);
    int exact = n / 2;
    if (distance < exact) {
      return first + distance;
    }
    // in float as the original, so that borders fall alike
    float share = (float) Math.log((float) distance / exact);
    share = share / (float) Math.log((double) maxDistance / exact) * (n - exact);
    return first + Math.min(exact + (int) share, n - 1);
  }
}
