package io.weft.systems.selfdoc;

import io.weft.config.Config;
import io.weft.error.ShapeException;
import io.weft.layer.BuildContext;
import io.weft.layer.CallContext;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import io.weft.layers.core.Dense;
import io.weft.systems.core.Parts;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.List;

/**
 * SelfDoc's modality-adaptive attention (Li et al. 2021, 3.4): for each sample, how much language
 * and how much vision counts, {@code w = softmax(W [mean L ; mean V] + b)}, then {@code w₁ L + w₂
 * V}. The form of the weighting is ours: the paper has no formula for it and no public code.
 *
 * <p>Inputs: language and vision {@code (batch, N, dim)}. Output: the same shape. Weights: kernel
 * {@code (2 · dim, 2)} and bias of {@code weights}.
 */
public final class ModalityFusion extends Layer {
  public static final LayerType<ModalityFusion> TYPE =
      LayerType.custom("selfdoc", "ModalityFusion", ModalityFusion::new)
          .inputs("language", "vision");

  private final Dense weights;

  public ModalityFusion() {
    this(Config.EMPTY);
  }

  /** Restores a layer from its config. */
  public ModalityFusion(Config config) {
    super(TYPE, config);
    weights = track("weights", Parts.dense(2, true, policy()));
  }

  @Override
  protected void build(BuildContext b) {
    b.build(weights, Shape.of(b.input().dim(0), 2 * b.known(0, -1)));
  }

  @Override
  public List<Tensor> call(List<Tensor> in, CallContext ctx) {
    if (in.size() != 2 || !in.get(0).shape().equals(in.get(1).shape()) || in.get(0).rank() != 3) {
      throw new ShapeException(
          label()
              + ": expected language and vision of one shape (batch, blocks, features). Received: "
              + in.stream().map(Tensor::shape).toList());
    }
    Tensor both = Ops.concatenate(List.of(Ops.mean(in.get(0), 1), Ops.mean(in.get(1), 1)), -1);
    Tensor w = Ops.reshape(Ops.softmax(weights.apply(both), -1), both.dim(0), 2, 1, 1);
    Tensor stacked = Ops.stack(List.of(in.get(0), in.get(1)), 1);
    return List.of(Ops.sum(stacked.times(w), 1));
  }
}
