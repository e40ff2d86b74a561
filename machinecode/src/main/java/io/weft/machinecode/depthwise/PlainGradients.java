package io.weft.machinecode.depthwise;

import io.weft.engine.kernel.DepthwiseKernel;

/** The gradients of {@link GradientCode} in plain loops, bit for bit. */
final class PlainGradients {
  private PlainGradients() {}

  /** One of them; see {@link DepthwiseKernel.Gradients}. */
  static void run(
      DepthwiseKernel.Line line,
      boolean toFilter,
      int count,
      int rows,
      float[] x,
      int xo,
      int lineStep,
      int rowStep,
      float[] y,
      int yo,
      float[] w,
      int wo) {
    int channels = line.channels();
    for (int i = 0; i < count * rows * line.out() * line.taps(); i++) {
      int t = i % line.taps();
      int o = i / line.taps() % line.out();
      int row = i / line.taps() / line.out() % rows;
      int of = i / line.taps() / line.out() / rows;
      int column = o * line.stride() + t * line.dilation() - line.pad();
      if (column < 0 || column >= line.in()) {
        continue;
      }
      int atX = xo + of * lineStep + row * rowStep + column * channels;
      int atY = yo + (of * line.out() + o) * channels;
      int atW = wo + (row * line.taps() + t) * channels;
      for (int c = 0; c < channels; c++) {
        if (toFilter) {
          w[atW + c] = Math.fma(x[atX + c], y[atY + c], w[atW + c]);
        } else {
          x[atX + c] = Math.fma(w[atW + c], y[atY + c], x[atX + c]);
        }
      }
    }
  }
}
