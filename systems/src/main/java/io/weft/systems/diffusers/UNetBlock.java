package io.weft.systems.diffusers;

import io.weft.layer.CallArgs;
import io.weft.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/**
 * One level of a U-Net: residual blocks, each followed by attention to the context where there is
 * any, then a change of size.
 *
 * @param resnets the residual blocks
 * @param attentions as many (in the middle one less), or none
 * @param sampler the change of size after them, or null
 */
record UNetBlock(
    List<ResnetBlock2D> resnets, List<Transformer2DModel> attentions, DiffusersLayer sampler) {

  /**
   * What the blocks of a call share: the time, the context and the masks; null where missing.
   *
   * @param attention further arguments of attentions
   */
  record Conditions(
      Tensor time, Tensor context, Tensor mask, Tensor contextMask, CallArgs attention) {}

  /** The residual block of a number and the attention after it. */
  Tensor pair(int i, Tensor x, Conditions c) {
    Tensor y = resnet(i, x, c);
    return attentions.isEmpty() ? y : attention(i, y, c);
  }

  Tensor resnet(int i, Tensor x, Conditions c) {
    return resnets.get(i).apply(x, c.time());
  }

  Tensor attention(int i, Tensor x, Conditions c) {
    List<Tensor> in = Arrays.asList(x, c.context(), c.mask(), c.contextMask());
    return attentions.get(i).apply(in, c.attention());
  }
}
