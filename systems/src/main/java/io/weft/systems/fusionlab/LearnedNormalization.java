package io.weft.systems.fusionlab;

import io.weft.config.Config;
import io.weft.initializers.Constant;
import io.weft.initializers.Ones;
import io.weft.initializers.Zeros;
import io.weft.layer.BuildContext;
import io.weft.layer.CallContext;
import io.weft.layer.Initializer;
import io.weft.layer.InputSpec;
import io.weft.layer.LayerType;
import io.weft.layer.UnaryLayer;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.tensor.Variable;

/**
 * {@code y = (x − mean) / (stddev + 1e-6)} with both learned; as fusionlab's layer of this name. It
 * keeps no statistics of the data.
 *
 * <p>Nothing holds a learned deviation above zero; with {@code positive=true} the weight is a
 * number whose softplus divides.
 *
 * <p>Input: {@code (batch, …, features)}. Output: the same shape. The mask goes on. Weights: {@code
 * mean (features)}, {@code stddev (features)}.
 */
public final class LearnedNormalization extends UnaryLayer {
  public static final LayerType<LearnedNormalization> TYPE =
      LayerType.custom(FusionlabTypes.COMPONENTS, "LearnedNormalization", LearnedNormalization::new)
          .args("training");

  private static final double EPSILON = 1e-6;

  private final boolean positive;
  private Variable mean;
  private Variable deviation;

  public LearnedNormalization() {
    this(Config.EMPTY);
  }

  /** Restores a layer from its config. */
  public LearnedNormalization(Config config) {
    super(TYPE, config);
    positive = Parts.option(args, "positive", false);
    setInputSpec(InputSpec.minRank(2));
    setSupportsMasking(true);
  }

  @Override
  protected void build(BuildContext b) {
    Shape features = Shape.of(b.known(0, -1));
    // softplus of this is 1
    Initializer one = positive ? new Constant(Math.log(Math.E - 1)) : new Ones();
    mean = b.addWeight("mean", features, new Zeros());
    deviation = b.addWeight("stddev", features, one);
  }

  @Override
  public Tensor call(Tensor x, CallContext ctx) {
    Tensor d = positive ? Ops.softplus(deviation.value()) : deviation.value();
    return x.minus(mean.value()).divide(d.plus(EPSILON));
  }
}
