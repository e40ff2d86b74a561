package io.weft.layers.normalization;

import io.weft.config.Config;
import io.weft.error.ConfigException;
import io.weft.initializers.TruncatedNormal;
import io.weft.layer.BuildContext;
import io.weft.layer.CallContext;
import io.weft.layer.InputSpec;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import io.weft.layer.UnaryLayer;
import io.weft.ops.Normalizations;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.tensor.Variable;
import java.util.List;

/**
 * Divides the kernel (or embeddings) of another layer by its largest singular value before each
 * call in training, found by power iteration (Miyato et al. 2018). The kernel itself is
 * overwritten.
 *
 * <p>Input, output: those of the layer. Weights: the layer's kernel, {@code vector_u (1, last size
 * of the kernel)} not trainable, then the layer's others.
 */
public final class SpectralNormalization extends UnaryLayer {
  public static final LayerType<SpectralNormalization> TYPE =
      LayerType.keras("SpectralNormalization", SpectralNormalization::new).args("training");

  private final Layer layer;
  private final int powerIterations;
  private Variable kernel;
  private Variable u;

  /** Normalizes a layer with one iteration per step. */
  public SpectralNormalization(Layer layer) {
    this(Config.of("layer", layer));
  }

  /** Restores a layer from its config. */
  public SpectralNormalization(Config config) {
    super(TYPE, config);
    layer = track("layer", args.object("layer", Layer.class, null));
    powerIterations = args.positiveInt("power_iterations", 1);
  }

  @Override
  protected void build(BuildContext b) {
    b.build(layer, b.input());
    kernel =
        layer.ownVariables().stream()
            .filter(v -> v.name().equals("kernel") || v.name().equals("embeddings"))
            .findFirst()
            .orElseThrow(
                () ->
                    new ConfigException(
                        label()
                            + ": layer must have a kernel or embeddings. Received: "
                            + layer.label()));
    b.share(kernel);
    u =
        b.addVariable(
            "vector_u",
            Shape.of(1, kernel.shape().dim(-1)),
            kernel.dtype(),
            false,
            true,
            new TruncatedNormal(0, 0.02));
    if (b.input().rank() > 0 && b.input().dim(-1) >= 0) {
      setInputSpec(InputSpec.minRank(1).withAxis(-1, b.input().dim(-1)));
    }
  }

  @Override
  protected Shape statedShape(List<Shape> inputs, int output, Shape inferred) {
    return layer.computeOutputShape(inputs.toArray(Shape[]::new)).get(output);
  }

  @Override
  public Tensor call(Tensor x, CallContext ctx) {
    if (ctx.training()) {
      normalize();
    }
    return Ops.cast(layer.apply(x), x.dtype());
  }

  private void normalize() {
    Tensor k = kernel.raw();
    Tensor w = Ops.reshape(k, -1, k.dim(-1));
    Tensor left = u.raw();
    Tensor right = null;
    for (int i = 0; i < powerIterations; i++) {
      right = unit(Ops.matmul(left, Ops.transpose(w)));
      left = unit(Ops.matmul(right, w));
    }
    Tensor sigma = Ops.matmul(Ops.matmul(right, w), Ops.transpose(left));
    Tensor zero = Ops.all(Ops.equal(k, 0), null, false);
    u.assign(Ops.stopGradient(Ops.where(zero, u.raw(), left)));
    Tensor scaled = k.divide(Ops.reshape(sigma));
    kernel.assign(Ops.stopGradient(Ops.where(zero, k, scaled)));
  }

  private static Tensor unit(Tensor x) {
    return Normalizations.normalize(x, null, 2, 1e-7);
  }
}
