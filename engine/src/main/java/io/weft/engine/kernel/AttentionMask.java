package io.weft.engine.kernel;

/**
 * What is added to scaled scores, and which sources may be seen. Both parts are optional (null) and
 * have four strides for the axes (batch, head, step, source); a stride of 0 broadcasts.
 *
 * @param bias added values
 * @param biasOffset first element
 * @param biasStrides four strides
 * @param keep 0 = may not attend
 * @param keepOffset first element
 * @param keepStrides four strides
 * @param masked what is added to a score that may not be seen, also by causality; a large negative
 *     number (then a row with nothing to see is spread over all sources, as in Keras) or -infinity
 *     (such a row gives 0)
 */
public record AttentionMask(
    float[] bias,
    int biasOffset,
    int[] biasStrides,
    byte[] keep,
    int keepOffset,
    int[] keepStrides,
    float masked) {
  /** No mask; causality, if asked for, hides completely. */
  public static final AttentionMask NONE =
      new AttentionMask(null, 0, null, null, 0, null, Float.NEGATIVE_INFINITY);

  /** Changes scores of {@code rows} steps from {@code step} on, of one batch and head. */
  void apply(AttentionShape s, int batch, int head, int step, int rows, float[] scores, int width) {
    for (int r = 0; r < rows; r++) {
      int row = r * width;
      int t = step + r;
      if (bias != null) {
        int o = biasOffset + batch * biasStrides[0] + head * biasStrides[1] + t * biasStrides[2];
        for (int j = 0; j < width; j++) {
          scores[row + j] += bias[o + j * biasStrides[3]];
        }
      }
      int visible = s.causal() ? Math.min(width, t + 1) : width;
      if (keep != null) {
        int o = keepOffset + batch * keepStrides[0] + head * keepStrides[1] + t * keepStrides[2];
        for (int j = 0; j < visible; j++) {
          if (keep[o + j * keepStrides[3]] == 0) {
            scores[row + j] += masked;
          }
        }
      }
      for (int j = visible; j < width; j++) {
        scores[row + j] += masked;
      }
    }
  }
}
