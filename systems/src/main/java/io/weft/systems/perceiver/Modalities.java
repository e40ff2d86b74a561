package io.weft.systems.perceiver;

import io.weft.config.Config;
import io.weft.error.ShapeException;
import io.weft.initializers.TruncatedNormal;
import io.weft.layer.BuildContext;
import io.weft.layer.CallContext;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import io.weft.random.SeedGenerator;
import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.RandomOps;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.tensor.Variable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Joins several modalities to one array (Jaegle et al. 2021, arXiv 2107.14795, A; DeepMind's {@code
 * MultimodalPreprocessor}): each goes through its own layer to {@code (batch, Mᵢ, Cᵢ)}, is widened
 * to a common number of channels, the largest plus {@code min_padding}, by a learned vector that
 * tells it from the others, and all are put one behind the other, in the sorted order of {@code
 * names}.
 *
 * <p>Inputs: one per modality in the order of {@code names}; a single input is given to all, as for
 * queries. Output: {@code (batch, Σ Mᵢ, C)}; its mask is made of the modalities' masks. {@code
 * mask_probs}: in training each element is replaced by a learned one with this probability, with
 * probability 1 always. Weights: paddings, masked elements, then those of the layers.
 */
public final class Modalities extends Layer {
  public static final LayerType<Modalities> TYPE =
      LayerType.custom("perceiver", "MultimodalPreprocessor", Modalities::new)
          .takesList()
          .args("training");

  private final List<String> names = new ArrayList<>();
  private final List<Layer> layers;
  private final int minPadding;
  private final List<Double> maskProbs = new ArrayList<>();
  private final List<Variable> paddings = new ArrayList<>();
  private final List<Variable> masked = new ArrayList<>();
  private final List<Integer> order = new ArrayList<>();
  private SeedGenerator seed;

  /** Modalities by name, each with its layer. */
  public Modalities(List<String> names, List<? extends Layer> layers) {
    this(Config.of("names", names, "layers", layers));
  }

  /** Restores a layer from its config. */
  public Modalities(Config config) {
    super(TYPE, config);
    Object given = args.any("names", List.of());
    if (given instanceof List<?> l) {
      l.forEach(n -> names.add(String.valueOf(n)));
    }
    layers = args.objects("layers", Layer.class);
    minPadding = args.integer("min_padding", 2);
    Object probs = args.any("mask_probs", null);
    for (int i = 0; i < names.size(); i++) {
      maskProbs.add(
          probs instanceof List<?> l && i < l.size() && l.get(i) instanceof Number n
              ? n.doubleValue()
              : 0.0);
      order.add(i);
    }
    if (names.isEmpty() || names.size() != layers.size()) {
      throw args.refuse("names", "one name for each of " + layers.size() + " layers");
    }
    order.sort((a, b) -> names.get(a).compareTo(names.get(b)));
    trackAll("modalities", layers);
    setSupportsMasking(true);
  }

  @Override
  protected void build(BuildContext b) {
    List<Shape> shapes = new ArrayList<>();
    int widest = 0;
    for (int i = 0; i < layers.size(); i++) {
      Shape s = layers.get(i).computeOutputShape(input(b.inputs(), i)).get(0);
      if (s.rank() != 3 || s.dim(2) < 0) {
        throw new ShapeException(
            label()
                + ": "
                + names.get(i)
                + ": expected a layer that gives (batch, elements, channels). Received: "
                + s);
      }
      shapes.add(s);
      widest = Math.max(widest, s.dim(2));
    }
    TruncatedNormal start = new TruncatedNormal(0, 0.02);
    for (int i = 0; i < layers.size(); i++) {
      int missing = widest + minPadding - shapes.get(i).dim(2);
      paddings.add(
          missing == 0
              ? null
              : b.addWeight(names.get(i) + "_padding", Shape.of(1, 1, missing), start));
    }
    for (int i = 0; i < layers.size(); i++) {
      masked.add(
          maskProbs.get(i) == 0
              ? null
              : b.addWeight(names.get(i) + "_mask", Shape.of(1, 1, widest + minPadding), start));
    }
    seed = maskProbs.stream().anyMatch(p -> p > 0) ? b.addSeed(null) : null;
  }

  private <T> T input(List<T> in, int i) {
    if (in.size() != 1 && in.size() != layers.size()) {
      throw new ShapeException(
          label() + ": expected an input for each of " + names + ". Received: " + in.size());
    }
    return in.get(in.size() == 1 ? 0 : i);
  }

  @Override
  public List<Tensor> call(List<Tensor> in, CallContext ctx) {
    List<Tensor> parts = new ArrayList<>();
    List<Tensor> keeps = new ArrayList<>();
    boolean any = false;
    for (int i : order) {
      Tensor x = layers.get(i).apply(input(in, i), ctx.forward("training"));
      any |= x.mask() != null;
      Shape elements = Shape.of(x.dim(0), x.dim(1));
      keeps.add(x.mask() == null ? Ops.ones(elements, DType.BOOL) : x.mask());
      Variable padding = paddings.get(i);
      if (padding != null) {
        Tensor wide = Ops.broadcastTo(padding.value(), elements.plus(padding.shape().dim(2)));
        x = Ops.concatenate(List.of(x.withMask(null), wide), -1);
      }
      parts.add(hidden(i, x, ctx));
    }
    Tensor all = Ops.concatenate(parts, 1);
    return List.of(any ? all.withMask(Ops.concatenate(keeps, 1)) : all);
  }

  private Tensor hidden(int i, Tensor x, CallContext ctx) {
    double p = maskProbs.get(i);
    if (p == 0 || p < 1 && !ctx.training()) {
      return x;
    }
    Tensor token = Ops.broadcastTo(masked.get(i).value(), x.shape());
    if (p >= 1) {
      return token;
    }
    Tensor hide = RandomOps.bernoulli(Shape.of(x.dim(0), x.dim(1), 1), p, ctx.randomKey(seed));
    return Ops.where(Ops.cast(hide, DType.BOOL), token, x);
  }

  @Override
  protected List<Tensor> computeMasks(List<Tensor> inputs, List<Tensor> masks) {
    return Collections.singletonList(null);
  }
}
