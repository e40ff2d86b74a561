package io.weft.systems.fusionlab;

import io.weft.config.Config;
import io.weft.layer.CallContext;
import io.weft.layer.InputSpec;
import io.weft.layer.LayerType;
import io.weft.layer.UnaryLayer;
import io.weft.tensor.Index;
import io.weft.tensor.Tensor;
import java.util.Collections;
import java.util.List;

/**
 * The last {@code max_window_size} steps, all of them where there are fewer; as fusionlab's layer
 * of this name.
 *
 * <p>Input: {@code (batch, T, features)}. Output: {@code (batch, min(T, max_window_size),
 * features)}. The mask goes on, cut alike. No weights.
 */
public final class DynamicTimeWindow extends UnaryLayer {
  public static final LayerType<DynamicTimeWindow> TYPE =
      LayerType.custom(FusionlabTypes.COMPONENTS, "DynamicTimeWindow", DynamicTimeWindow::new)
          .args("training");

  private final int size;

  public DynamicTimeWindow(int maxWindowSize) {
    this(Config.of("max_window_size", maxWindowSize));
  }

  /** Restores a layer from its config. */
  public DynamicTimeWindow(Config config) {
    super(TYPE, config);
    size = args.positiveInt("max_window_size");
    setInputSpec(InputSpec.rank(3));
    setSupportsMasking(true);
  }

  @Override
  public Tensor call(Tensor x, CallContext ctx) {
    return cut(x);
  }

  @Override
  protected List<Tensor> computeMasks(List<Tensor> inputs, List<Tensor> masks) {
    Tensor mask = masks.get(0);
    return Collections.singletonList(mask == null ? null : cut(mask));
  }

  private Tensor cut(Tensor x) {
    return x.dim(1) <= size ? x : x.get(Index.all(), Index.from(x.dim(1) - size));
  }
}
