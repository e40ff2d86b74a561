package io.weft.systems.core;

import io.weft.error.ConfigException;
import io.weft.layer.Layer;
import io.weft.tensor.Variable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.function.Predicate;

/**
 * Freezes a model but for some of its layers, as for fine-tuning the cross-attention of a
 * pretrained translator alone (Gheini et al. 2021, arXiv 2104.08771):
 *
 * <pre>{@code
 * Freeze.allExcept(model, l -> l instanceof CrossAttention || l instanceof Embedding);
 * model.compile(…); // the optimizer then keeps state for these weights only
 * }</pre>
 *
 * <p>To be called on a built model, before it is compiled.
 */
public final class Freeze {
  private Freeze() {}

  /**
   * Leaves only the layers trainable that a predicate accepts, with all layers inside of them.
   *
   * @return the weights that stay trainable
   * @throws IllegalStateException if the model is not built
   * @throws ConfigException if no layer with weights is accepted; the model stays as it was
   */
  public static List<Variable> allExcept(Layer model, Predicate<? super Layer> keep) {
    return allExceptAt(model, (path, layer) -> keep.test(layer));
  }

  /**
   * {@link #allExcept} for layers at paths, which are made of the attributes that hold the layers,
   * such as {@code decoder.2.encoder_attn}; of a functional model they are the layers' names.
   */
  public static List<Variable> allExceptAt(Layer model, BiPredicate<String, ? super Layer> keep) {
    if (!model.isBuilt()) {
      throw new IllegalStateException(
          "Freeze: expected a built model. Received: "
              + model.label()
              + ", not built. Call it, or build it, first.");
    }
    List<Layer> kept = new ArrayList<>();
    find(model, "", keep, kept);
    if (kept.stream().allMatch(l -> l.weights().isEmpty())) {
      throw new ConfigException(
          "Freeze: expected layers with weights to leave trainable. Received: none of "
              + model.label()
              + " is accepted.");
    }
    Set<Layer> all = Collections.newSetFromMap(new IdentityHashMap<>());
    all.addAll(kept);
    set(model, all);
    return model.trainableWeights();
  }

  /** Makes all weights trainable again that are so by their kind. */
  public static void none(Layer model) {
    model.setTrainable(true);
  }

  private static void find(
      Layer layer, String path, BiPredicate<String, ? super Layer> keep, List<Layer> kept) {
    if (keep.test(path, layer)) {
      kept.add(layer);
      return;
    }
    String prefix = path.isEmpty() ? "" : path + ".";
    for (Map.Entry<String, Object> child : layer.children().entrySet()) {
      if (child.getValue() instanceof Layer inner) {
        find(inner, prefix + child.getKey(), keep, kept);
      } else {
        List<?> all = (List<?>) child.getValue();
        for (int i = 0; i < all.size(); i++) {
          Layer inner = (Layer) all.get(i);
          boolean named = path.isEmpty() && child.getKey().equals("layers");
          String own = named ? inner.name() : child.getKey() + "." + i;
          find(inner, prefix + own, keep, kept);
        }
      }
    }
  }

  /** A layer that holds a trainable one says that it is trainable; its own weights are not. */
  private static void set(Layer layer, Set<Layer> kept) {
    boolean open = !kept.contains(layer) && holds(layer, kept);
    layer.setTrainable(open || kept.contains(layer));
    if (open) {
      layer.ownVariables().forEach(v -> v.setTrainable(false));
      layer.sublayers().forEach(l -> set(l, kept));
    }
  }

  private static boolean holds(Layer layer, Set<Layer> kept) {
    return layer.sublayers().stream().anyMatch(l -> kept.contains(l) || holds(l, kept));
  }
}
