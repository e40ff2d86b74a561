package io.weft.layers.core;

import io.weft.config.Config;
import io.weft.initializers.VarianceScaling;
import io.weft.layer.BuildContext;
import io.weft.layer.CallContext;
import io.weft.layer.Initializer;
import io.weft.layer.InputSpec;
import io.weft.layer.LayerType;
import io.weft.layer.WeightedBuilder;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.List;

/**
 * A dense layer whose contraction is written in Einstein's notation: {@code y =
 * activation(einsum(equation, x, kernel) + bias)}, for example {@code abc,cd->abd} with {@code
 * bias_axes="d"}.
 *
 * <p>Input: as the equation says. Output: {@code (batch, output_shape…)}, elided axes kept. Masks
 * are dropped. Weights: {@code kernel} with the axes of the equation's second operand, {@code bias}
 * if {@code bias_axes} is set.
 */
public final class EinsumDense extends KernelLayer {
  public static final LayerType<EinsumDense> TYPE =
      LayerType.keras("EinsumDense", EinsumDense::new).args("training");

  private final String equation;
  private final int[] outputShape;
  private final String biasAxes;

  /** A layer without bias and activation; output sizes without the batch, −1 for the input's. */
  public EinsumDense(String equation, int... outputShape) {
    this(builder(equation, outputShape).config());
  }

  /** Restores a layer from its config. */
  public EinsumDense(Config config) {
    super(TYPE, config);
    outputShape = readOutputShape();
    equation = args.string("equation", null);
    readActivation();
    biasAxes = args.stringOrNull("bias_axes", null);
    readWeights(true);
  }

  private int[] readOutputShape() {
    Object v = args.any("output_shape", null);
    List<?> l = v instanceof List<?> given ? given : java.util.Arrays.asList(v);
    int[] d = new int[l.size()];
    for (int i = 0; i < d.length; i++) {
      Object o = l.get(i);
      boolean unknown = o == null && v != null;
      if (!unknown && !(o instanceof Long n && n >= 0 && n <= Integer.MAX_VALUE)) {
        throw args.refuse("output_shape", "an integer or a list of integers and nulls");
      }
      d[i] = unknown ? Shape.UNKNOWN : ((Long) o).intValue();
    }
    args.note("output_shape", l);
    return d;
  }

  private EinsumEquation analyze(Shape input) {
    return EinsumEquation.of(label(), equation, biasAxes, input, outputShape);
  }

  @Override
  protected void build(BuildContext b) {
    EinsumEquation e = analyze(b.input());
    Initializer start = options().initializer("kernel");
    if (start instanceof VarianceScaling v) {
      start = v.withAxes(toArray(e.inputAxes()), toArray(e.outputAxes()));
    }
    addWeights(
        b,
        b.addWeight(
            "kernel",
            e.kernel(),
            start,
            options().regularizer("kernel"),
            options().constraint("kernel")),
        e.bias());
    setInputSpec(InputSpec.rank(b.input().rank()));
  }

  private static int[] toArray(List<Integer> l) {
    return l.stream().mapToInt(Integer::intValue).toArray();
  }

  @Override
  protected Shape statedShape(List<Shape> inputs, Shape inferred) {
    return analyze(inputs.get(0)).output();
  }

  @Override
  public Tensor call(Tensor x, CallContext ctx) {
    return finish(Ops.einsum(equation, x, changedWeight()));
  }

  public static Builder builder(String equation, int... outputShape) {
    return new Builder(equation, outputShape);
  }

  /** Optional settings of {@link EinsumDense}. */
  public static final class Builder extends WeightedBuilder<EinsumDense, Builder> {
    private Builder(String equation, int[] outputShape) {
      Integer[] sizes = new Integer[outputShape.length];
      for (int i = 0; i < sizes.length; i++) {
        sizes[i] = outputShape[i] < 0 ? null : (Integer) outputShape[i];
      }
      set("equation", equation).set("output_shape", sizes);
    }

    /** The axes of the output that the bias has, such as {@code "d"}; default none: no bias. */
    public Builder biasAxes(String axes) {
      return set("bias_axes", axes);
    }

    @Override
    public EinsumDense build() {
      return new EinsumDense(config());
    }
  }
}
