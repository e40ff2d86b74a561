package io.weft.machinecode.depthwise;

import io.weft.engine.gemm.Epilogue;
import io.weft.engine.kernel.DepthwiseKernel;

/** The sums of {@link DepthwiseCode} in plain loops, bit for bit. */
final class PlainLines {
  private PlainLines() {}

  /**
   * Outputs {@code first … first + outputs - 1} of each line; see {@link DepthwiseKernel.Lines}.
   */
  static void run(
      DepthwiseKernel.Line line,
      int first,
      int outputs,
      int count,
      int rows,
      float[] x,
      int xo,
      int lineStep,
      int rowStep,
      float[] w,
      int wo,
      float[] y,
      int yo,
      Epilogue.Simple last) {
    int channels = line.channels();
    for (int i = 0; i < count; i++) {
      for (int o = first; o < first + outputs; o++) {
        for (int c = 0; c < channels; c++) {
          float sum = 0;
          for (int t = 0; t < rows * line.taps(); t++) {
            int column = o * line.stride() + t % line.taps() * line.dilation() - line.pad();
            if (column >= 0 && column < line.in()) {
              int at = xo + i * lineStep + t / line.taps() * rowStep + column * channels + c;
              sum = Math.fma(x[at], w[wo + t * channels + c], sum);
            }
          }
          y[yo + (i * line.out() + o) * channels + c] = last == null ? sum : finish(sum, last, c);
        }
      }
    }
  }

  private static float finish(float sum, Epilogue.Simple e, int channel) {
    int at = e.offset() + channel;
    float v = e.bias() == null ? sum : sum + e.bias()[at];
    v = e.factor() == null ? v : v * e.factor()[at] + e.shift()[at];
    v = e.relu() ? Math.max(v, 0f) : v;
    return e.isBounded() ? Math.min(v, e.most()) : v;
  }
}
