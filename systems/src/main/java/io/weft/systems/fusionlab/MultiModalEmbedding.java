package io.weft.systems.fusionlab;

import io.weft.config.Config;
import io.weft.error.ShapeException;
import io.weft.layer.BuildContext;
import io.weft.layer.CallContext;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import io.weft.layers.core.Dense;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * A projection with ReLU of its own for each input, side by side; as fusionlab's layer of this
 * name.
 *
 * <p>Inputs: a list of tensors {@code (batch, T, features_i)} that agree in all but the features.
 * Output: {@code (batch, T, inputs · embed_dim)}. The mask of the first input goes on. Weights:
 * those of {@code dense_layers}.
 */
public final class MultiModalEmbedding extends Layer {
  public static final LayerType<MultiModalEmbedding> TYPE =
      LayerType.custom(FusionlabTypes.COMPONENTS, "MultiModalEmbedding", MultiModalEmbedding::new)
          .takesList()
          .args("training");

  private final int width;
  private List<Dense> projections = List.of();

  public MultiModalEmbedding(int embedDim) {
    this(Config.of("embed_dim", embedDim));
  }

  /** Restores a layer from its config. */
  public MultiModalEmbedding(Config config) {
    super(TYPE, config);
    width = args.positiveInt("embed_dim");
    setSupportsMasking(true);
  }

  @Override
  protected void build(BuildContext b) {
    List<Dense> all = new ArrayList<>();
    for (int i = 0; i < b.inputs().size(); i++) {
      all.add(Parts.dense(width, "relu", policy()));
      b.build(all.get(i), b.input(i));
    }
    projections = trackAll("dense_layers", all);
  }

  @Override
  public List<Tensor> call(List<Tensor> inputs, CallContext ctx) {
    boolean fits = inputs.size() == projections.size();
    for (Tensor t : inputs) {
      fits &= t.shape().withDim(-1, 1).equals(inputs.get(0).shape().withDim(-1, 1));
    }
    if (!fits || inputs.isEmpty()) {
      throw new ShapeException(
          label()
              + ": expected "
              + projections.size()
              + " tensors that agree in all sizes but the last. Received: shapes "
              + inputs.stream().map(Tensor::shape).toList());
    }
    List<Tensor> out = new ArrayList<>();
    for (int i = 0; i < inputs.size(); i++) {
      out.add(projections.get(i).apply(inputs.get(i)));
    }
    return List.of(Ops.concatenate(out, -1));
  }
}
