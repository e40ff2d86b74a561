package io.weft.engine.kernel;

import io.weft.engine.gemm.Epilogue;
import io.weft.engine.gemm.Gemm;
import io.weft.engine.gemm.PackedB;
import io.weft.engine.thread.Scratch;
import io.weft.engine.thread.WorkerTeam;
import java.util.Arrays;
import java.util.function.IntConsumer;

/**
 * N-dimensional float convolution, channels last: forward and both gradients; see {@link
 * ConvShape}. Output and input arrays must not overlap. The transposed convolution is {@link
 * #inputGradient} of the geometry of its gradient.
 */
public final class ConvKernels {
  private static final int PATCH_FLOATS = 1 << 16; // a block of patches stays in the second cache

  private ConvKernels() {}

  /**
   * {@code y = conv(x, w)}, then bias and action.
   *
   * @param epilogue bias over the filters and action, or null
   */
  public static void forward(
      ConvShape s, float[] x, int xo, float[] w, int wo, float[] y, int yo, Epilogue epilogue) {
    if (s.outputSize() == 0) {
      return;
    }
    if (s.groups == s.channels && s.groups > 1) {
      DepthwiseKernels.forward(s, x, xo, w, wo, y, yo, epilogue);
      return;
    }
    if (Winograd.fits(s) && Winograd.isThere()) {
      PackedB transformed = WinogradWeights.borrow(s.channels, s.filters, w, wo);
      try {
        Winograd.forward(s, x, xo, transformed, w, wo, y, yo, epilogue);
      } finally {
        Gemm.giveBack(transformed);
      }
      return;
    }
    int positions = s.batch * s.outPositions();
    int inner = s.channels / s.groups;
    int outer = s.filters / s.groups;
    int depth = s.taps() * inner;
    for (int g = 0; g < s.groups; g++) {
      Epilogue part = part(epilogue, g * outer);
      if (s.isPointwise()) {
        Gemm.multiply(
            positions,
            outer,
            inner,
            x,
            xo + g * inner,
            s.channels,
            1,
            w,
            wo + g * outer,
            s.filters,
            1,
            y,
            yo + g * outer,
            s.filters,
            false,
            part);
      } else {
        PackedB packed = Gemm.pack(depth, outer, w, wo + g * outer, s.filters, 1);
        forwardPacked(s, g, x, xo, packed, y, yo, part);
      }
    }
  }

  /** Whether {@link #forwardPacked} serves and gives the bits of {@link #forward}. */
  public static boolean takesPacked(ConvShape s) {
    int positions = s.batch * s.outPositions();
    return s.groups == 1
        && s.filterSize() > 0
        && (!s.isPointwise() || Gemm.isPacked(positions, s.filters, s.channels, 1));
  }

  /** Whether a depthwise convolution reads its filter as it is, so that there is no other form. */
  public static boolean readsFilter(ConvShape s) {
    return DepthwiseLines.serve(s);
  }

  /** Whether the sizes are such that machine code computes tiles of the output at once. */
  public static boolean isTiled(ConvShape s) {
    return Winograd.fits(s);
  }

  /**
   * The filter of a convolution that {@link #takesPacked} in the form it takes.
   *
   * @param tiled what {@link #isTiled} says
   * @param w the filter, which the form may refer to
   */
  public static Object prepare(int taps, int channels, int filters, boolean tiled, float[] w) {
    return tiled && Winograd.isThere()
        ? WinogradWeights.of(channels, filters, w)
        : Gemm.pack(taps * channels, filters, w, 0, filters, 1);
  }

  /**
   * {@link #forward} with prepared weights.
   *
   * @param weights without groups what {@link #prepare} gave, of a depthwise convolution {@link
   *     DepthwiseWeights}
   */
  public static void forwardPacked(
      ConvShape s, float[] x, int xo, Object weights, float[] y, int yo, Epilogue epilogue) {
    if (s.outputSize() == 0) {
      return;
    }
    if (weights instanceof DepthwiseWeights d) {
      DepthwiseKernels.forward(s, x, xo, d, y, yo, epilogue);
      return;
    }
    if (weights instanceof WinogradWeights w) {
      Winograd.forward(s, x, xo, w.transformed(), w.plain(), 0, y, yo, epilogue);
      return;
    }
    PackedB w = (PackedB) weights;
    if (s.isPointwise()) {
      Gemm.multiplyPacked(
          s.batch * s.outPositions(), x, xo, s.channels, 1, w, y, yo, s.filters, false, epilogue);
    } else {
      forwardPacked(s, 0, x, xo, w, y, yo, epilogue);
    }
  }

  private static void forwardPacked(
      ConvShape s, int g, float[] x, int xo, PackedB w, float[] y, int yo, Epilogue epilogue) {
    if (DirectConv.servesForward(s)) {
      DirectConv.forward(s, x, xo, w, y, yo, epilogue);
      return;
    }
    int positions = s.batch * s.outPositions();
    int inner = s.channels / s.groups;
    int outer = s.filters / s.groups;
    int depth = s.taps() * inner;
    int rows = blockRows(depth, positions);
    WorkerTeam.shared()
        .parallel(
            (positions + rows - 1) / rows,
            new IntConsumer() {
              @Override
              public void accept(int t) {
                int from = t * rows;
                int to = Math.min(positions, from + rows);
                float[] patches = Scratch.take((to - from) * depth);
                try {
                  Patches.gather(s, x, xo, g * inner, inner, from, to, 0, s.taps(), patches);
                  Gemm.multiplyPacked(
                      to - from,
                      patches,
                      0,
                      depth,
                      1,
                      w,
                      y,
                      yo + from * s.filters + g * outer,
                      s.filters,
                      false,
                      epilogue);
                } finally {
                  Scratch.give(patches);
                }
              }
            });
  }

  /** {@code dx} = gradient with respect to the input; overwrites dx. */
  public static void inputGradient(
      ConvShape s, float[] dy, int dyo, float[] w, int wo, float[] dx, int dxo) {
    Arrays.fill(dx, dxo, dxo + s.inputSize(), 0f);
    if (s.outputSize() == 0 || s.inputSize() == 0) {
      return;
    }
    if (s.groups == s.channels && s.groups > 1) {
      DepthwiseKernels.inputGradient(s, dy, dyo, w, wo, dx, dxo);
      return;
    }
    boolean unit = s.strideD == 1 && s.strideH == 1 && s.strideW == 1;
    if (unit && s.groups == 1 && !s.isPointwise()) {
      float[] mirrored = Scratch.take(s.filterSize());
      try {
        mirror(s, w, wo, mirrored);
        forward(s.mirrored(), dy, dyo, mirrored, 0, dx, dxo, null);
      } finally {
        Scratch.give(mirrored);
      }
      return;
    }
    int inner = s.channels / s.groups;
    int outer = s.filters / s.groups;
    for (int g = 0; g < s.groups; g++) {
      if (s.isPointwise()) {
        Gemm.multiply(
            s.batch * s.outPositions(),
            inner,
            outer,
            dy,
            dyo + g * outer,
            s.filters,
            1,
            w,
            wo + g * outer,
            1,
            s.filters,
            dx,
            dxo + g * inner,
            s.channels,
            false,
            null);
      } else {
        scatterGroup(s, g, dy, dyo, w, wo, dx, dxo);
      }
    }
  }

  private static void scatterGroup(
      ConvShape s, int g, float[] dy, int dyo, float[] w, int wo, float[] dx, int dxo) {
    int inner = s.channels / s.groups;
    int outer = s.filters / s.groups;
    int depth = s.taps() * inner;
    int positions = s.outPositions();
    int rows = blockRows(depth, positions);
    PackedB packed = Gemm.pack(outer, depth, w, wo + g * outer, 1, s.filters);
    WorkerTeam.shared()
        .parallel(
            s.batch, // patches of one image overlap, so one task adds them all
            image -> {
              float[] patches = Scratch.take(rows * depth);
              try {
                for (int from = 0; from < positions; from += rows) {
                  int to = Math.min(positions, from + rows);
                  Gemm.multiplyPacked(
                      to - from,
                      dy,
                      dyo + (image * positions + from) * s.filters + g * outer,
                      s.filters,
                      1,
                      packed,
                      patches,
                      0,
                      depth,
                      false,
                      null);
                  Patches.scatterAdd(
                      s,
                      patches,
                      from,
                      to,
                      dx,
                      dxo + image * s.inPositions() * s.channels,
                      g * inner,
                      inner);
                }
              } finally {
                Scratch.give(patches);
              }
            });
  }

  /** Filter (taps, channels, filters) to (taps in reverse, filters, channels). */
  private static void mirror(ConvShape s, float[] w, int wo, float[] target) {
    int taps = s.taps();
    int c = s.channels;
    int f = s.filters;
    for (int t = 0; t < taps; t++) {
      int from = wo + t * c * f;
      int to = (taps - 1 - t) * c * f;
      for (int i = 0; i < c; i++) {
        for (int j = 0; j < f; j++) {
          target[to + j * c + i] = w[from + i * f + j];
        }
      }
    }
  }

  /** {@code dw} = gradient with respect to the filter; overwrites dw. */
  public static void filterGradient(
      ConvShape s, float[] x, int xo, float[] dy, int dyo, float[] dw, int dwo) {
    Arrays.fill(dw, dwo, dwo + s.filterSize(), 0f);
    if (s.outputSize() == 0) {
      return;
    }
    if (s.groups == s.channels && s.groups > 1) {
      DepthwiseKernels.filterGradient(s, x, xo, dy, dyo, dw, dwo);
      return;
    }
    if (FilterGradient.serves(s)) {
      FilterGradient.run(s, x, xo, dy, dyo, dw, dwo);
      return;
    }
    int inner = s.channels / s.groups;
    int outer = s.filters / s.groups;
    int positions = s.batch * s.outPositions();
    for (int g = 0; g < s.groups; g++) {
      if (s.isPointwise()) {
        Gemm.multiply(
            inner,
            outer,
            positions,
            x,
            xo + g * inner,
            1,
            s.channels,
            dy,
            dyo + g * outer,
            s.filters,
            1,
            dw,
            dwo + g * outer,
            s.filters,
            false,
            null);
      } else {
        filterGroup(s, g, x, xo, dy, dyo, dw, dwo);
      }
    }
  }

  /** Each task owns some taps of dw and walks over all positions: no partial sums to combine. */
  private static void filterGroup(
      ConvShape s, int g, float[] x, int xo, float[] dy, int dyo, float[] dw, int dwo) {
    int inner = s.channels / s.groups;
    int outer = s.filters / s.groups;
    int positions = s.batch * s.outPositions();
    int perTask = Math.min(s.taps(), Math.max(1, (128 + inner - 1) / inner));
    WorkerTeam.shared()
        .parallel(
            (s.taps() + perTask - 1) / perTask,
            t -> {
              int tap0 = t * perTask;
              int tap1 = Math.min(s.taps(), tap0 + perTask);
              int width = (tap1 - tap0) * inner;
              int rows = blockRows(width, positions);
              float[] patches = Scratch.take(rows * width);
              try {
                for (int from = 0; from < positions; from += rows) {
                  int to = Math.min(positions, from + rows);
                  Patches.gather(s, x, xo, g * inner, inner, from, to, tap0, tap1, patches);
                  Gemm.multiply(
                      width,
                      outer,
                      to - from,
                      patches,
                      0,
                      1,
                      width,
                      dy,
                      dyo + from * s.filters + g * outer,
                      s.filters,
                      1,
                      dw,
                      dwo + tap0 * inner * s.filters + g * outer,
                      s.filters,
                      true,
                      null);
                }
              } finally {
                Scratch.give(patches);
              }
            });
  }

  private static int blockRows(int depth, int positions) {
    int rows = Math.max(16, PATCH_FLOATS / Math.max(1, depth) / 16 * 16);
    return Math.max(1, Math.min(Math.min(rows, 1024), positions));
  }

  private static Epilogue part(Epilogue e, int offset) {
    return e == null || e.bias() == null || offset == 0
        ? e
        : new Epilogue(e.bias(), e.biasOffset() + offset, e.action());
  }
}
