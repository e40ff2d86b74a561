package io.weft.systems.diffusers;

import io.weft.layer.Layer;
import io.weft.tensor.Tensor;
import java.util.Arrays;

/**
 * Image prompts beside the text (Ye et al. 2023, arXiv 2308.06721; diffusers' {@code
 * IPAdapterAttnProcessor}): the last tokens of the context are features of images, which the
 * queries read by keys and values of their own, {@code y + Σ scaleᵢ · attention(q, to_k_ip.i(cᵢ),
 * to_v_ip.i(cᵢ))}, before the output projection. Names: {@code processor.to_k_ip.0.weight}.
 */
final class IpAdapter extends AttentionAdapter {
  private final Parts parts;
  private final int[] counts;
  private final double[] scales;

  /**
   * One or more adapters.
   *
   * @param counts the tokens of each
   */
  IpAdapter(Parts parts, int[] counts, double... scales) {
    this.parts = parts;
    this.counts = counts;
    this.scales = scales;
  }

  @Override
  boolean replacesKeys() {
    return true;
  }

  @Override
  void adapt(String projection, int in, int out, boolean bias) {
    if (projection.equals("to_k") || projection.equals("to_v")) {
      for (int i = 0; i < counts.length; i++) {
        add(projection + "_ip." + i, parts.linear(in, out, false));
      }
    }
  }

  @Override
  int tokens() {
    return Arrays.stream(counts).sum();
  }

  @Override
  Tensor beside(Query query, Tensor tokens) {
    Tensor sum = null;
    int at = 0;
    for (int i = 0; i < counts.length; i++) {
      Tensor image = tokens(tokens, at, counts[i]);
      at += counts[i];
      if (scales[i] != 0) {
        Layer keys = layer("to_k_ip." + i);
        Layer values = layer("to_v_ip." + i);
        Tensor y = query.attend(keys.apply(image), values.apply(image)).times(scales[i]);
        sum = sum == null ? y : sum.plus(y);
      }
    }
    return sum;
  }
}
