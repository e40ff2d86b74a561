package io.weft.layers.core;

import io.weft.config.Config;
import io.weft.config.Registry;
import io.weft.error.UnsupportedFeatureException;
import io.weft.layer.Activation;
import io.weft.layer.CallContext;
import io.weft.layer.LayerType;
import io.weft.layer.UnaryLayer;
import io.weft.tensor.DType;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.List;

/**
 * Applies a function that a registry knows by name. Python code in files is never run: such files
 * are refused.
 *
 * <p>Input: any shape. Output: what the function gives; {@code output_shape} without the batch only
 * states it. Masks are dropped.
 */
public final class Lambda extends UnaryLayer {
  public static final LayerType<Lambda> TYPE =
      LayerType.keras("Lambda", Lambda::new).args("mask", "training");

  private final Activation function;
  private final Shape outputShape;

  /** A function; it is saved under the name that its config gives it. */
  public Lambda(Activation function) {
    this(Config.of("function", function));
  }

  /** Restores a layer from its config. */
  public Lambda(Config config) {
    super(TYPE, config);
    Object f = args.any("function", null);
    if (f instanceof Config c && "__lambda__".equals(c.get("class_name"))) {
      throw new UnsupportedFeatureException(
          label()
              + ": function: Python code in files is not run. Register a function of the same"
              + " meaning, or make the model anew with a layer in its place.");
    }
    if (Registry.isEnvelope(f)) {
      f = Registry.standard().restore(f, "function");
    }
    function = args.asObject("function", f, Activation.class);
    args.note("function", function);
    int[] shape = args.intListOrNull("output_shape", null);
    outputShape = shape == null ? null : Shape.of(shape);
    if (shape == null) {
      args.forget("output_shape");
    }
    refuse("mask", args.any("mask", null) == null);
    args.forget("mask");
    Object arguments = args.any("arguments", Config.EMPTY);
    refuse("arguments", arguments == null || Config.EMPTY.equals(arguments));
    args.note("arguments", Config.EMPTY);
  }

  private void refuse(String key, boolean ok) {
    if (!ok) {
      throw new UnsupportedFeatureException(
          label() + ": " + key + " is not supported. Put it into the registered function.");
    }
  }

  @Override
  protected Shape statedShape(List<Shape> inputs, int output, Shape inferred) {
    return outputShape == null ? inferred : Shape.of(inputs.get(0).dim(0)).plus(outputShape.dims());
  }

  @Override
  protected DType statedDType(DType inferred) {
    return inferred;
  }

  @Override
  public Tensor call(Tensor x, CallContext ctx) {
    return function.apply(x);
  }
}
