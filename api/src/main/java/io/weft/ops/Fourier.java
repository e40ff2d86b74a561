package io.weft.ops;

import io.weft.error.ConfigException;
import io.weft.error.ShapeException;
import io.weft.tensor.DType;
import io.weft.tensor.HostArray;
import io.weft.tensor.Index;
import io.weft.tensor.Indexing;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Spectrum;
import io.weft.tensor.Tensor;
import java.util.List;

/**
 * Discrete Fourier transforms over the last axes. Complex numbers are pairs of real and imaginary
 * part; signals are float32 or float64.
 */
public final class Fourier {
  private Fourier() {}

  /** The transform over the last {@code axes} axes (1 or 2); the inverse divides by their size. */
  public static List<Tensor> fft(List<Tensor> x, boolean inverse, int axes) {
    List<Tensor> y = Ops.apply(new Spectrum.Fft(inverse), x);
    double n = x.get(0).dim(-1);
    if (axes == 2) {
      y = Ops.apply(new Spectrum.Fft(inverse), swapped(y));
      y = swapped(y);
      n *= x.get(0).dim(-2);
    }
    return inverse ? List.of(y.get(0).divide(n), y.get(1).divide(n)) : y;
  }

  private static List<Tensor> swapped(List<Tensor> x) {
    return List.of(Ops.swapaxes(x.get(0), -1, -2), Ops.swapaxes(x.get(1), -1, -2));
  }

  /** The lower half of the spectrum of a real signal, cut or padded to n: (..., n / 2 + 1). */
  public static List<Tensor> rfft(Tensor x, Integer length) {
    if (x.rank() < 1 || !x.dtype().isFloating()) {
      throw new ShapeException("rfft: expected floats with an axis. Received: " + x.spec());
    }
    int n = length == null ? x.dim(-1) : length;
    Tensor cut = resized(x, n);
    List<Tensor> y = Ops.apply(new Spectrum.Fft(false), List.of(cut, Ops.zerosLike(cut)));
    return List.of(resized(y.get(0), n / 2 + 1), resized(y.get(1), n / 2 + 1));
  }

  /** The real signal of length n (null: 2·(bins − 1)) whose lower half spectrum is x. */
  public static Tensor irfft(List<Tensor> x, Integer length) {
    int n = length == null ? 2 * (x.get(0).dim(-1) - 1) : length;
    int m = n / 2 + 1;
    Tensor re = resized(x.get(0), m);
    Tensor im = resized(x.get(1), m);
    if (n == 0) {
      return resized(re, 0);
    }
    Index rest = Index.ellipsis();
    Index mirrored = Index.range(1, n - m + 1);
    Tensor upperRe = Ops.flip(re.get(rest, mirrored), -1);
    Tensor upperIm = Ops.negative(Ops.flip(im.get(rest, mirrored), -1));
    List<Tensor> full =
        List.of(
            Ops.concatenate(List.of(re, upperRe), -1), Ops.concatenate(List.of(im, upperIm), -1));
    return Ops.apply(new Spectrum.Fft(true), full).get(0).divide(n);
  }

  /** The last axis cut, or filled up with zeros, to n. */
  private static Tensor resized(Tensor x, int n) {
    int have = x.dim(-1);
    if (have >= n) {
      return Ops.slice(x, new int[x.rank()], x.shape().withDim(-1, n).dims());
    }
    int[][] p = new int[x.rank()][2];
    p[x.rank() - 1][1] = n - have;
    return Ops.pad(x, p, 0);
  }

  /**
   * Spectra of overlapping windows: (..., n) → (..., windows, fftLength / 2 + 1). The window is
   * "hann", "hamming", a tensor (sequenceLength,) or null; it stands in the middle of each frame.
   */
  public static List<Tensor> stft(
      Tensor x, int sequenceLength, int stride, int fftLength, Object window, boolean center) {
    check("stft", sequenceLength, stride, fftLength);
    if (x.dtype() != DType.FLOAT32 && x.dtype() != DType.FLOAT64) {
      throw new ShapeException("stft: expected float32 or float64. Received: " + x.spec());
    }
    Tensor frames = center ? reflected(x, fftLength / 2) : x;
    frames = MathOps.sequences(frames, fftLength, stride);
    Tensor w = window(window, sequenceLength, fftLength, x.dtype());
    return rfft(w == null ? frames : frames.times(w), null);
  }

  private static void check(String function, int sequenceLength, int stride, int fftLength) {
    if (sequenceLength < 1 || stride < 1 || fftLength < sequenceLength) {
      throw new ConfigException(
          function
              + ": sequence_stride must be a positive integer and fft_length at least"
              + " sequence_length. Received: sequence_length="
              + sequenceLength
              + ", sequence_stride="
              + stride
              + ", fft_length="
              + fftLength);
    }
  }

  private static Tensor reflected(Tensor x, int n) {
    int size = x.dim(-1);
    if (n >= size) {
      throw new ShapeException(
          "stft: expected a signal longer than fft_length / 2 = " + n + ". Received: " + x.shape());
    }
    int[] at = new int[size + 2 * n];
    for (int i = 0; i < at.length; i++) {
      int p = Math.abs(i - n);
      at[i] = p < size ? p : 2 * (size - 1) - p;
    }
    return Ops.take(x, Tensor.of(at), -1);
  }

  private static Tensor window(Object window, int length, int fftLength, DType dtype) {
    if (window == null) {
      return null;
    }
    Tensor w;
    if (window instanceof Tensor t) {
      if (t.rank() != 1 || t.dim(0) != length) {
        throw new ShapeException(
            "stft: window must have the shape (" + length + ",). Received: " + t.shape());
      }
      w = Ops.cast(t, dtype);
    } else {
      w = periodic(window, length, dtype);
    }
    int left = (fftLength - length) / 2;
    return Ops.pad(w, new int[][] {{left, fftLength - length - left}}, 0);
  }

  private static Tensor periodic(Object name, int length, DType dtype) {
    double a = "hann".equals(name) ? 0.5 : 0.54;
    if (a != 0.5 && !"hamming".equals(name)) {
      throw new ConfigException(
          "stft: window must be 'hann', 'hamming' or a tensor. Received: window='" + name + "'");
    }
    HostArray h = HostArray.zeros(dtype, Shape.of(length));
    double period = length % 2 == 0 ? length : length - 1; // TensorFlow: symmetric where odd
    for (int i = 0; i < length; i++) {
      h.set(i, length == 1 ? 1 : a - (1 - a) * Math.cos(2 * Math.PI * i / period));
    }
    return Tensor.ofTrusted(h);
  }

  /** The signal whose {@link #stft} is x, by overlapping sums with the dual window. */
  public static Tensor istft(
      List<Tensor> x,
      int sequenceLength,
      int stride,
      int fftLength,
      Integer length,
      Object window,
      boolean center) {
    check("istft", sequenceLength, stride, fftLength);
    Tensor frames = resized(irfft(x, fftLength), fftLength);
    Tensor w = window(window, sequenceLength, fftLength, frames.dtype());
    if (w != null) {
      frames = frames.times(w.divide(overlap(Ops.square(w), stride)));
    }
    Tensor y = overlapAdd(frames, stride);
    int start = center ? fftLength / 2 : 0;
    int end = length != null ? start + length : y.dim(-1) - (center ? fftLength / 2 : 0);
    end = Math.max(start, Math.min(end, y.dim(-1)));
    return y.get(Index.ellipsis(), Index.range(Math.min(start, y.dim(-1)), end));
  }

  /** Sums of the elements of w that windows a stride apart put on one sample; 1 where none. */
  private static Tensor overlap(Tensor w, int stride) {
    int n = w.dim(0);
    int overlaps = -Math.floorDiv(-n, stride);
    Tensor padded = Ops.pad(w, new int[][] {{0, overlaps * stride - n}}, 0);
    Tensor sums = Ops.sum(Ops.reshape(padded, overlaps, stride), new int[] {0}, true);
    Tensor all = Ops.reshape(Ops.tile(sums, overlaps, 1), overlaps * stride);
    return Ops.slice(all, new int[1], new int[] {n});
  }

  /** (..., windows, n) → (..., (windows − 1)·stride + n). */
  static Tensor overlapAdd(Tensor frames, int stride) {
    int windows = frames.dim(-2);
    int n = frames.dim(-1);
    int total = Math.max(0, (windows - 1) * stride + n);
    Shape batch = frames.shape().slice(0, frames.rank() - 2);
    Tensor rows = Ops.reshape(frames, batch.product(0, batch.rank()), windows * n);
    Tensor at = Ops.expandDims(Ops.multiply(Ops.arange(windows), stride), 1);
    at = Ops.reshape(Ops.add(at, Ops.arange(n)), -1, 1);
    Tensor start = Ops.zeros(Shape.of(total, rows.dim(0)), frames.dtype());
    Tensor y =
        Ops.apply1(new Indexing.Scatter(Indexing.Combine.ADD), start, at, Ops.transpose(rows));
    return Ops.reshape(Ops.transpose(y), batch.plus(total).dims());
  }
}
