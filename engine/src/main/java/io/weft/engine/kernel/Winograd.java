package io.weft.engine.kernel;

import io.weft.engine.gemm.Epilogue;
import io.weft.engine.gemm.Gemm;
import io.weft.engine.gemm.PackedB;
import io.weft.engine.thread.WorkerTeam;
import io.weft.engine.tier.KernelTier;
import java.util.function.IntConsumer;

/**
 * Convolutions that {@link WinogradKernel} serves: cut into lines of tiles, each task of which goes
 * another way where a sum is not finite.
 */
final class Winograd {
  private static final int LEAST = 8; // channels, and filters: else transforms cost too much
  private static final long WORK = 1 << 17; // least multiplications of a plane
  private static final int FILTER = 1 << 16; // channels · filters that stay in the caches
  private static final int LARGEST = 1 << 18; // where enough tiles meet each of them
  private static final int MANY = 32; // tiles
  private static final long TASK = 1 << 21; // multiplications of the plain convolution

  private Winograd() {}

  private static final class Machine {
    static final WinogradKernel KERNEL = KernelTier.machine(WinogradKernel.class);
  }

  /** Whether there is such a kernel; waits until that is known. */
  static boolean isThere() {
    return Machine.KERNEL != null;
  }

  /** Whether a convolution of these sizes is done so where {@link #isThere}. */
  static boolean fits(ConvShape s) {
    return s.groups == 1
        && s.kH == 3
        && s.kW == 3
        && s.strideH == 1
        && s.strideW == 1
        && s.dilationH == 1
        && s.dilationW == 1
        && isFlat(s)
        && s.channels >= LEAST
        && s.filters >= LEAST
        && (long) s.outH * s.outW * s.filterSize() >= WORK
        && (long) s.channels * s.filters <= (tiles(s) < MANY ? FILTER : LARGEST);
  }

  private static long tiles(ConvShape s) {
    return (s.outH + 1L) / 2 * ((s.outW + 1) / 2);
  }

  /** Whether each plane of the input gives one of the output, by itself. */
  private static boolean isFlat(ConvShape s) {
    return s.kD == 1 && s.strideD == 1 && s.padD == 0 && s.outD == s.inD;
  }

  /**
   * {@code y = conv(x, w)}, then bias and action.
   *
   * @param w the filter, for sums that are not finite
   */
  static void forward(
      ConvShape s,
      float[] x,
      int xo,
      PackedB transformed,
      float[] w,
      int wo,
      float[] y,
      int yo,
      Epilogue epilogue) {
    WinogradKernel.Image image =
        new WinogradKernel.Image(
            s.channels, s.inH, s.inW, s.padH, s.padW, s.filters, s.outH, s.outW);
    Epilogue.Simple last = epilogue == null ? null : epilogue.simple();
    long line = 2L * s.outW * s.taps() * s.channels * s.filters;
    int down = (s.outH + 1) / 2;
    int tasks = (int) Math.max(1, Math.min(down, down * line / TASK));
    int in = s.inH * s.inW * s.channels;
    int out = s.outH * s.outW * s.filters;
    int width = s.outW * s.filters;
    WorkerTeam.shared()
        .parallel(
            s.batch * s.outD * tasks,
            new IntConsumer() {
              @Override
              public void accept(int t) {
                int plane = t / tasks;
                int from = (int) ((long) down * (t % tasks) / tasks);
                int to = (int) ((long) down * (t % tasks + 1) / tasks);
                int lines = Math.min(s.outH, 2 * to) - 2 * from;
                int at = yo + plane * out + 2 * from * width;
                boolean finite =
                    Machine.KERNEL.lines(
                        image,
                        from,
                        to,
                        x,
                        xo + plane * in,
                        transformed,
                        y,
                        yo + plane * out,
                        last);
                if (!finite) {
                  plain(s, x, xo, plane, 2 * from, lines, w, wo, y, at, epilogue);
                } else if (last == null && epilogue != null) {
                  epilogue.apply(y, at, s.filters, lines * s.outW, 0, s.filters);
                } else if (last != null && last.rest() != null) {
                  last.rest().apply(y, at, lines * width);
                }
              }
            });
  }

  private static void plain(
      ConvShape s,
      float[] x,
      int xo,
      int plane,
      int from,
      int lines,
      float[] w,
      int wo,
      float[] y,
      int yo,
      Epilogue epilogue) {
    PackedB packed = Gemm.borrow(s.filterRows(), s.filters, w, wo, s.filters, 1);
    try {
      DirectConv.lines(s, x, xo, plane, from, lines, packed, y, yo, epilogue);
    } finally {
      Gemm.giveBack(packed);
    }
  }
}
