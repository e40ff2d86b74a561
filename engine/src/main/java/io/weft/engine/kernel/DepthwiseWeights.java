package io.weft.engine.kernel;

/**
 * The weights of a depthwise convolution: an array for each tap, with the channels repeated for
 * several positions.
 *
 * @param positions how often
 * @param taps not to be changed
 */
public record DepthwiseWeights(int positions, float[][] taps) {
  /** From a filter (taps, channels). */
  public static DepthwiseWeights of(int taps, int channels, int positions, float[] w, int offset) {
    float[][] all = new float[taps][positions * channels];
    for (int t = 0; t < taps; t++) {
      for (int p = 0; p < positions; p++) {
        System.arraycopy(w, offset + t * channels, all[t], p * channels, channels);
      }
    }
    return new DepthwiseWeights(positions, all);
  }
}
