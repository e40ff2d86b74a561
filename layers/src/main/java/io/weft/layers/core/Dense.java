package io.weft.layers.core;

import io.weft.config.Config;
import io.weft.layer.BuildContext;
import io.weft.layer.CallContext;
import io.weft.layer.InputSpec;
import io.weft.layer.LayerType;
import io.weft.layer.WeightedBuilder;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.List;

/**
 * A fully connected layer: {@code y = activation(x · kernel + bias)} over the last axis.
 *
 * <p>Input: {@code (batch, …, features)}. Output: {@code (batch, …, units)}. Masks pass. Weights:
 * {@code kernel (features, units)}, {@code bias (units)} unless {@code use_bias} is false.
 */
public final class Dense extends KernelLayer {
  public static final LayerType<Dense> TYPE = LayerType.keras("Dense", Dense::new).args("training");

  private final int units;
  private final boolean useBias;

  /** A layer without activation. */
  public Dense(int units) {
    this(builder(units).config());
  }

  /** A layer with an activation by name, such as {@code relu}. */
  public Dense(int units, String activation) {
    this(builder(units).activation(activation).config());
  }

  /** Restores a layer from its config. */
  public Dense(Config config) {
    super(TYPE, config);
    units = args.positiveInt("units");
    readActivation();
    useBias = args.bool("use_bias", true);
    readWeights(false);
    setInputSpec(InputSpec.minRank(2));
    setSupportsMasking(true);
  }

  @Override
  protected void build(BuildContext b) {
    int features = b.known(0, -1);
    addWeights(
        b, options().add(b, "kernel", Shape.of(features, units)), useBias ? Shape.of(units) : null);
    setInputSpec(InputSpec.minRank(2).withAxis(-1, features));
  }

  /** Keras states the units also for an activation such as glu, which changes the size. */
  @Override
  protected Shape statedShape(List<Shape> inputs, int output, Shape inferred) {
    return inferred.withDim(-1, units);
  }

  @Override
  public Tensor call(Tensor x, CallContext ctx) {
    return finish(Ops.matmul(x, changedWeight()));
  }

  public static Builder builder(int units) {
    return new Builder(units);
  }

  /** Optional settings of {@link Dense}. */
  public static final class Builder extends WeightedBuilder<Dense, Builder> {
    private Builder(int units) {
      set("units", units);
    }

    @Override
    public Dense build() {
      return new Dense(config());
    }
  }
}
