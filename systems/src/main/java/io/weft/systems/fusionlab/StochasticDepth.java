package io.weft.systems.fusionlab;

import io.weft.config.Config;
import io.weft.error.ConfigException;
import io.weft.error.ShapeException;
import io.weft.layer.BuildContext;
import io.weft.layer.CallContext;
import io.weft.layer.LayerType;
import io.weft.layer.UnaryLayer;
import io.weft.random.SeedGenerator;
import io.weft.tensor.RandomOps;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.Arrays;

/**
 * In training sets whole samples to 0 with probability {@code drop_prob} and divides the others by
 * {@code 1 − drop_prob} (Huang et al. 2016); as fusionlab's layer of this name, whose original
 * fails for every sample of rank 1 or more.
 *
 * <p>Input: {@code (batch, …)}. Output: the same shape. Masks pass.
 */
public final class StochasticDepth extends UnaryLayer {
  public static final LayerType<StochasticDepth> TYPE =
      LayerType.custom(FusionlabTypes.COMPONENTS, "StochasticDepth", StochasticDepth::new)
          .args("training");

  private final double dropProb;
  private SeedGenerator generator;

  /** Drops a share of the samples, in [0, 1). */
  public StochasticDepth(double dropProb) {
    this(Config.of("drop_prob", dropProb));
  }

  /** Restores a layer from its config. */
  public StochasticDepth(Config config) {
    super(TYPE, config);
    dropProb = args.fraction("drop_prob", 0.1);
    setSupportsMasking(true);
  }

  @Override
  protected void build(BuildContext b) {
    generator = dropProb > 0 ? b.addSeed(null) : null;
  }

  @Override
  public Tensor call(Tensor x, CallContext ctx) {
    return dropProb > 0 && ctx.training() ? dropPath(x, dropProb, ctx.randomKey(generator)) : x;
  }

  /**
   * fusionlab's {@code drop_path} in training: each sample is x / keep with probability {@code keep
   * = 1 − dropProb}, else 0.
   *
   * @param x (batch, …)
   * @param dropProb in [0, 1)
   * @param key for one draw, from a {@link SeedGenerator}
   */
  public static Tensor dropPath(Tensor x, double dropProb, Tensor key) {
    if (!(dropProb >= 0 && dropProb < 1)) {
      throw new ConfigException(
          "drop_path: drop_prob must be a number in [0, 1). Received: drop_prob=" + dropProb);
    }
    if (x.rank() == 0) {
      throw new ShapeException("drop_path: expected samples along axis 0. Received: a scalar");
    }
    int[] mask = new int[x.rank()];
    Arrays.fill(mask, 1);
    mask[0] = x.dim(0);
    return RandomOps.dropout(x, dropProb, Shape.of(mask), key);
  }
}
