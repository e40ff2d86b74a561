package io.weft.ops;

import static io.weft.ops.PublicOp.of;

import io.weft.error.ShapeException;
import io.weft.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** Fourier transforms of {@code keras.ops.math}; complex numbers are pairs (real, imaginary). */
final class FourierOps {
  private FourierOps() {}

  static List<PublicOp> table() {
    List<PublicOp> t = new ArrayList<>();
    t.add(of("fft", "math", "FFT", "x", a -> Fourier.fft(pair(a, 1), false, 1)));
    t.add(of("fft2", "math", "FFT2", "x", a -> Fourier.fft(pair(a, 2), false, 2)));
    t.add(of("ifft2", "math", "IFFT2", "x", a -> Fourier.fft(pair(a, 2), true, 2)));
    t.add(
        of(
            "rfft",
            "math",
            "RFFT",
            "x | fft_length=None",
            a -> Fourier.rfft(a.tensor("x"), a.integerOrNull("fft_length"))));
    t.add(
        of(
            "irfft",
            "math",
            "IRFFT",
            "x | fft_length=None",
            a -> Fourier.irfft(pair(a, 1), a.integerOrNull("fft_length"))));
    t.add(
        of(
            "stft",
            "math",
            "STFT",
            "x | sequence_length, sequence_stride, fft_length, window=\"hann\", center=True",
            a ->
                Fourier.stft(
                    a.tensor("x"),
                    a.integer("sequence_length"),
                    a.integer("sequence_stride"),
                    a.integer("fft_length"),
                    window(a),
                    a.bool("center"))));
    t.add(
        of(
            "istft",
            "math",
            "ISTFT",
            "x | sequence_length, sequence_stride, fft_length, length=None, window=\"hann\","
                + " center=True",
            a ->
                Fourier.istft(
                    pair(a, 2),
                    a.integer("sequence_length"),
                    a.integer("sequence_stride"),
                    a.integer("fft_length"),
                    a.integerOrNull("length"),
                    window(a),
                    a.bool("center"))));
    return t;
  }

  private static Object window(OpArgs a) {
    Object w = a.raw("window");
    return w == null || w instanceof String ? w : a.tensor("window");
  }

  private static List<Tensor> pair(OpArgs a, int rank) {
    if (a.raw("x") instanceof Complex c) {
      return List.of(c.real(), c.imaginary());
    }
    List<Tensor> x = a.raw("x") instanceof List<?> ? a.tensors("x") : List.of();
    if (x.size() != 2
        || !x.get(0).spec().equals(x.get(1).spec())
        || !x.get(0).dtype().isFloating()
        || x.get(0).rank() < rank) {
      throw new ShapeException(
          a.function()
              + ": expected a pair of float tensors, real and imaginary part, of one shape of rank "
              + rank
              + " at least. Received: "
              + a.raw("x"));
    }
    return x;
  }
}
