package io.weft.engine.kernel;

import io.weft.engine.gemm.Epilogue;

/**
 * Depthwise convolution along lines of an input, in machine code.
 *
 * <p>Each sum begins with 0 and grows by fused multiply-adds in the order of the taps, of which
 * those beside the input are left out. That is what the loops over vectors do too ({@link
 * ArrayKernel#sumOfProducts}), so both tiers give the same bits, whatever the cut into calls.
 */
public interface DepthwiseKernel {
  /**
   * The geometry of a line: output o and tap t read column {@code o·stride + t·dilation - pad}.
   *
   * @param taps taps in a row of the filter
   * @param pad columns before the first of the input; negative ones cut
   * @param in columns of the input
   * @param out columns of the output
   */
  record Line(int channels, int taps, int stride, int dilation, int pad, int in, int out) {}

  /** What computes lines of one geometry. Any thread may use it. */
  interface Lines {
    /**
     * Makes {@code count} adjacent lines of outputs that meet the same {@code rows} rows of the
     * filter.
     *
     * @param xo the first column of the first row of the input that the first line meets
     * @param lineStep elements from there to the same place for the next line
     * @param rowStep elements from one row of the input to the one that the filter's next row meets
     * @param wo the first of these rows of the filter (rows, taps, channels)
     * @param last what follows the sums, without {@link Epilogue.Simple#rest}; null for nothing
     */
    void run(
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
        Epilogue.Simple last);
  }

  /** Gets ready for lines of a geometry; quick from the second time on. */
  Lines lines(Line line);

  /**
   * What computes gradients of lines of one geometry, in the order of the outputs, by fused
   * multiply-adds to what is there. Any thread may use it. Parameters as in {@link Lines#run}.
   */
  interface Gradients {
    /** {@code dw += } gradient with respect to the filter. */
    void filter(
        int count,
        int rows,
        float[] x,
        int xo,
        int lineStep,
        int rowStep,
        float[] dy,
        int dyo,
        float[] dw,
        int dwo);

    /** {@code dx += } gradient with respect to the input. */
    void input(
        int count,
        int rows,
        float[] dx,
        int dxo,
        int lineStep,
        int rowStep,
        float[] dy,
        int dyo,
        float[] w,
        int wo);
  }

  /** Gradients of lines of a geometry, or null where there is no kernel for it. */
  Gradients gradients(Line line);
}
