package io.weft.systems.perceiver;

import io.weft.config.Config;
import io.weft.error.ShapeException;
import io.weft.layer.CallContext;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Cuts an array of several modalities, in the sorted order of {@code names} as {@link Modalities}
 * joined them, and gives each piece to its layer (DeepMind's {@code MultimodalPostprocessor}).
 *
 * <p>Input: {@code (batch, Σ sizes, channels)}. Outputs: those of the layers, in sorted order of
 * names. Weights: those of the layers.
 */
public final class SplitModalities extends Layer {
  public static final LayerType<SplitModalities> TYPE =
      LayerType.custom("perceiver", "MultimodalPostprocessor", SplitModalities::new)
          .args("training");

  private final List<String> names = new ArrayList<>();
  private final int[] sizes;
  private final List<Layer> layers;
  private final List<Integer> order = new ArrayList<>();

  /** Names, numbers of elements, and layers. */
  public SplitModalities(List<String> names, int[] sizes, List<? extends Layer> layers) {
    this(Config.of("names", names, "sizes", sizes, "layers", layers));
  }

  /** Restores a layer from its config. */
  public SplitModalities(Config config) {
    super(TYPE, config);
    Object given = args.any("names", List.of());
    if (given instanceof List<?> l) {
      l.forEach(n -> names.add(String.valueOf(n)));
    }
    int[] s = args.intListOrNull("sizes", null);
    layers = args.objects("layers", Layer.class);
    if (s == null || s.length != names.size() || layers.size() != names.size()) {
      throw args.refuse("sizes", "a size and a layer for each of names=" + names);
    }
    sizes = s;
    for (int i = 0; i < names.size(); i++) {
      order.add(i);
    }
    order.sort((a, b) -> names.get(a).compareTo(names.get(b)));
    trackAll("modalities", layers);
  }

  /** The names in the order of the outputs. */
  public List<String> names() {
    return order.stream().map(names::get).toList();
  }

  @Override
  public List<Tensor> call(List<Tensor> in, CallContext ctx) {
    Tensor x = in.get(0);
    int all = java.util.Arrays.stream(sizes).sum();
    if (x.rank() != 3 || x.dim(1) != all) {
      throw new ShapeException(
          label()
              + ": expected (batch, "
              + all
              + ", channels), for "
              + names
              + ". Received: "
              + x.shape()
              + ".");
    }
    List<Tensor> out = new ArrayList<>();
    int at = 0;
    for (int i : order) {
      Tensor piece = Ops.slice(x, new int[] {0, at, 0}, new int[] {x.dim(0), sizes[i], x.dim(2)});
      at += sizes[i];
      out.addAll(layers.get(i).applyAll(List.of(piece), ctx.forward("training")));
    }
    return out;
  }
}
