package io.weft.models;

import io.weft.config.Config;
import io.weft.error.ConfigException;
import io.weft.error.ShapeException;
import io.weft.error.UnsupportedFeatureException;
import io.weft.layer.BuildConfigs;
import io.weft.layer.BuildContext;
import io.weft.layer.CallContext;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import io.weft.layer.Operation;
import io.weft.layers.core.InputLayer;
import io.weft.tensor.KerasTensor;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Layers one after the other. With an {@link InputLayer} in front, or after {@code build}, its
 * weights exist; otherwise the first call builds it.
 */
public final class Sequential extends Model {
  public static final LayerType<Sequential> TYPE =
      LayerType.internal("keras", "Sequential", null, Sequential::new).args("training", "mask");

  private final List<Layer> layers;
  private final InputLayer input;
  private volatile List<KerasTensor> ends = List.of(); // the input, then the outputs

  /** A model of these layers; the first may be an {@link InputLayer}. */
  public Sequential(Layer... layers) {
    this(Config.of("layers", Arrays.asList(layers)));
  }

  /** A named model. */
  public Sequential(String name, List<? extends Layer> layers) {
    this(Config.of("name", name, "layers", layers));
  }

  /** Restores a model: {@code name}, {@code layers}, {@code build_input_shape}. */
  public Sequential(Config config) {
    super(TYPE, config);
    List<Layer> all = args.objects("layers", Layer.class);
    input = !all.isEmpty() && all.get(0) instanceof InputLayer in ? in : null;
    layers = input == null ? all : all.subList(1, all.size());
    Object shape = args.any("build_input_shape", null);
    args.forget("build_input_shape");
    args.forget("layers");
    for (int i = 1; i < all.size(); i++) {
      if (all.get(i) instanceof InputLayer) {
        throw args.refuse("layers", "layers with an InputLayer in the first place only");
      }
    }
    nameLayers(all);
    setSupportsMasking(true);
    trackAll("layers", layers);
    if (input != null) {
      build(input.output().shape());
    } else if (shape instanceof List<?> l) {
      buildFromConfig(Config.of("input_shape", l));
    }
  }

  private void nameLayers(List<Layer> all) {
    Set<String> taken = new HashSet<>();
    for (Layer l : all) {
      if (l.hasGivenName() && !taken.add(l.name())) {
        throw args.refuse("layers", "layers of different names ('" + l.name() + "' stands twice)");
      }
    }
    AutoNames.assign(all);
  }

  @Override
  public List<Layer> layers() {
    return layers;
  }

  /** The declared input, or null. */
  public InputLayer inputLayer() {
    return input;
  }

  /**
   * Calls the layers one after the other on Keras tensors, as Keras does, so that each knows its
   * call. What refuses that (an input of another dtype than the policy's, say) goes without a graph
   * and is built by the call itself.
   */
  @Override
  protected void build(BuildContext b) {
    if (b.inputs().size() != 1 || layers.isEmpty()) {
      return;
    }
    KerasTensor first = input == null ? declared(b.input()) : input.output();
    try {
      List<Tensor> flow = List.of(first);
      for (Layer l : layers) {
        flow = l.invoke(flow.size() == 1 ? flow : List.of(flow), Map.of());
      }
      List<KerasTensor> all = new ArrayList<>(List.of(first));
      flow.forEach(t -> all.add((KerasTensor) t));
      ends = List.copyOf(all);
    } catch (ShapeException | ConfigException | UnsupportedFeatureException e) {
      ends = List.of();
    }
  }

  private KerasTensor declared(Shape shape) {
    return new InputLayer(inputConfig(BuildConfigs.sizes(shape))).output();
  }

  private Config inputConfig(List<?> sizes) {
    String dtype = policy().compute().kerasName();
    return Config.of("batch_shape", sizes, "dtype", dtype, "name", "input_layer");
  }

  @Override
  public List<KerasTensor> flatInputs() {
    return ends.isEmpty() ? ends : ends.subList(0, 1);
  }

  @Override
  public List<KerasTensor> flatOutputs() {
    return ends.isEmpty() ? ends : ends.subList(1, ends.size());
  }

  @Override
  public List<Tensor> call(List<Tensor> inputs, CallContext ctx) {
    Tensor x = inputs.get(0);
    if (inputs.size() != 1) {
      throw new ShapeException(label() + ": expected one input. Received: " + inputs.size());
    }
    if (layers.isEmpty()) {
      throw new IllegalStateException(label() + ": has no layers yet. Add one before the call.");
    }
    Tensor mask = ctx.mask(0);
    if (input != null) {
      x = conformed(x);
    }
    List<Tensor> flow = List.of(mask == null || x.mask() == mask ? x : x.withMask(mask));
    for (Operation l : layers) {
      flow = l.invoke(flow.size() == 1 ? flow : List.of(flow), Map.of());
    }
    return flow;
  }

  private Tensor conformed(Tensor x) {
    Shape want = input.output().shape();
    Tensor y = Ops.cast(x, input.output().dtype());
    if (y.rank() == want.rank() + 1 && y.dim(-1) == 1) {
      y = Ops.squeeze(y, -1);
    } else if (y.rank() == want.rank() - 1 && want.rank() > 0 && want.dim(-1) == 1) {
      y = Ops.expandDims(y, -1);
    }
    if (!y.shape().isCompatibleWith(want)) {
      throw new ShapeException(label() + ": expected shape " + want + ". Received: " + x.shape());
    }
    return y.mask() == x.mask() ? y : y.withMask(x.mask());
  }

  @Override
  protected List<Tensor> computeMasks(List<Tensor> in, List<Tensor> masks) {
    return java.util.Collections.singletonList(null);
  }

  @Override
  public Config getConfig() {
    List<Object> all = new ArrayList<>();
    Config build = super.getBuildConfig();
    List<?> shape = build == null ? null : build.list("input_shape");
    if (input != null) {
      all.add(input.serialized());
    } else if (shape != null) {
      all.add(new InputLayer(inputConfig(shape)).serialized());
    }
    layers.forEach(l -> all.add(l.serialized()));
    Config c = super.getConfig().with("layers", all);
    return shape == null ? c : c.with("build_input_shape", shape);
  }
}
