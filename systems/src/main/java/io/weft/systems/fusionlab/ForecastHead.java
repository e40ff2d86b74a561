package io.weft.systems.fusionlab;

import io.weft.config.Config;
import io.weft.layer.BuildContext;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import io.weft.layers.core.Dense;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;
import java.util.Arrays;

/** What fusionlab's heads share: one projection, whose result is read in groups. */
abstract class ForecastHead extends Layer {
  private Dense proj;

  ForecastHead(LayerType<?> type, Config config) {
    super(type, config);
  }

  /** Makes the projection; called once, by the constructor. */
  final void project(String attribute, String name, int units) {
    proj = track(attribute, Parts.dense(name, units, null, policy()));
  }

  @Override
  protected final void build(BuildContext b) {
    b.build(proj, b.input());
  }

  final Tensor projected(Tensor features) {
    return proj.apply(features);
  }

  /** The last axis as several. */
  static Tensor grouped(Tensor y, int... axes) {
    int[] shape = Arrays.copyOf(y.shape().dims(), y.rank() - 1 + axes.length);
    System.arraycopy(axes, 0, shape, y.rank() - 1, axes.length);
    return Ops.reshape(y, shape);
  }
}
