package io.weft.layers.rnn;

import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * The dropout masks of one call of a recurrent layer, the same at each step: none, one for all
 * gates, or one for each gate; for the step's input and for the recurrent state.
 */
record DropoutMasks(List<Tensor> input, List<Tensor> recurrent) {
  static final DropoutMasks NONE = new DropoutMasks(List.of(), List.of());

  /** {@code x · kernel} with the input masks on x; the gates are blocks of the last axis. */
  Tensor projectInput(Tensor x, Tensor kernel) {
    return project(x, input, kernel);
  }

  /** {@code h · kernel} with the recurrent masks on h. */
  Tensor projectState(Tensor h, Tensor kernel) {
    return project(h, recurrent, kernel);
  }

  /** The state with the mask of one gate. */
  Tensor state(Tensor h, int gate) {
    return masked(h, recurrent, gate);
  }

  /** The input with the mask of one gate. */
  Tensor input(Tensor x, int gate) {
    return masked(x, input, gate);
  }

  private static Tensor masked(Tensor x, List<Tensor> masks, int gate) {
    return masks.isEmpty() ? x : x.times(masks.get(masks.size() == 1 ? 0 : gate));
  }

  private static Tensor project(Tensor x, List<Tensor> masks, Tensor kernel) {
    if (masks.size() <= 1) {
      return masked(x, masks, 0).matmul(kernel);
    }
    int gates = masks.size();
    List<Tensor> blocks = Ops.split(kernel, gates, -1);
    List<Tensor> parts = new ArrayList<>();
    for (int g = 0; g < gates; g++) {
      parts.add(x.times(masks.get(g)).matmul(blocks.get(g)));
    }
    return Ops.concatenate(parts, -1);
  }
}
