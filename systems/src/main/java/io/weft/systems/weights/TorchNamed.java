package io.weft.systems.weights;

import java.util.List;

/**
 * A layer that says itself how a state dict holds some of its weights: where PyTorch stacks several
 * of them in one tensor ({@code in_proj_weight} holds q, k, v), or names one otherwise than {@link
 * StateDict} would.
 */
public interface TorchNamed {
  /**
   * Entries of this layer's variables or of variables of layers inside, with names relative to this
   * layer. What they hold gets no other name; all else is named as usual. Asked only when the layer
   * is built.
   */
  List<TorchEntry> torchEntries();

  /**
   * Further names under which files may have what other entries name; they are read and never
   * written.
   */
  default List<TorchEntry> torchAliases() {
    return List.of();
  }
}
