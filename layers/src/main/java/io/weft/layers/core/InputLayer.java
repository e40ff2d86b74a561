package io.weft.layers.core;

import io.weft.config.Config;
import io.weft.layer.BuildConfigs;
import io.weft.layer.CallContext;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import io.weft.layer.Node;
import io.weft.tensor.DType;
import io.weft.tensor.KerasTensor;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.List;

/**
 * The place where a tensor enters a model. Its config holds {@code batch_shape, dtype, sparse,
 * ragged, name, optional} and no base keys.
 */
public final class InputLayer extends Layer {
  public static final LayerType<InputLayer> TYPE =
      LayerType.keras("InputLayer", InputLayer::new).builtAtOnce();

  private final KerasTensor output;
  private final boolean optional;
  private final Config config;

  /** A named input (null: automatic) of a dtype and these sizes after the batch; −1 is unknown. */
  public static InputLayer of(String name, String dtype, int... shape) {
    Integer[] sizes = new Integer[shape.length];
    for (int i = 0; i < sizes.length; i++) {
      sizes[i] = shape[i] < 0 ? null : (Integer) shape[i];
    }
    return new InputLayer(Config.of("name", name, "dtype", dtype, "shape", sizes));
  }

  /** A named float32 input. */
  public static InputLayer of(String name, int... shape) {
    return of(name, "float32", shape);
  }

  /** Restores an input from its config; {@code shape} and {@code batch_size} are accepted too. */
  public InputLayer(Config config) {
    super(TYPE, config);
    Object batch = args.any("batch_shape", null);
    if (batch == null) {
      batch = args.any("batch_input_shape", null);
    }
    Object inner = args.any("shape", null);
    Object size = args.any("batch_size", null);
    if (batch == null) {
      if (!(inner instanceof List<?> l)) {
        throw args.refuse("shape", "a list of sizes");
      }
      List<Object> all = new ArrayList<>();
      all.add(size);
      all.addAll(l);
      batch = all;
    }
    if (!(batch instanceof List<?> sizes)) {
      throw args.refuse("batch_shape", "a list of sizes");
    }
    Shape shape = shape(sizes);
    String dtype = config.get("dtype") == null ? "float32" : policy().name();
    boolean sparse = args.bool("sparse", false);
    boolean ragged = args.bool("ragged", false);
    if (sparse || ragged) {
      throw new io.weft.error.UnsupportedFeatureException(
          label() + ": sparse and ragged inputs are not supported. Pass dense tensors.");
    }
    optional = args.bool("optional", false);
    args.any("input_shape", null);
    this.config =
        Config.of(
            "batch_shape",
            BuildConfigs.sizes(shape),
            "dtype",
            dtype,
            "sparse",
            false,
            "ragged",
            false,
            "name",
            null,
            "optional",
            optional);
    this.output = Node.input(this, new TensorSpec(shape, DType.of(dtype))).outputs().get(0);
    markBuilt();
  }

  private Shape shape(List<?> sizes) {
    List<Integer> d = new ArrayList<>();
    for (Object o : sizes) {
      if (o != null && !(o instanceof Long n && n >= 0 && n <= Integer.MAX_VALUE)) {
        throw args.refuse("batch_shape", "sizes that are null or not negative");
      }
      d.add(o == null ? null : ((Long) o).intValue());
    }
    return Shape.of(d);
  }

  /** The tensor that the model's layers are called on. */
  @Override
  public KerasTensor output() {
    return output;
  }

  /** Whether a caller may leave the input out. */
  public boolean isOptional() {
    return optional;
  }

  @Override
  protected DType statedDType(DType inferred) {
    return inferred;
  }

  @Override
  public List<Tensor> call(List<Tensor> inputs, CallContext ctx) {
    return inputs;
  }

  @Override
  public Config getConfig() {
    args.finish();
    return config.with("name", name());
  }
}
