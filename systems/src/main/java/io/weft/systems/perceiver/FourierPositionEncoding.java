package io.weft.systems.perceiver;

import io.weft.config.Config;
import io.weft.error.ShapeException;
import io.weft.layer.CallContext;
import io.weft.layer.LayerType;
import io.weft.layer.UnaryLayer;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;

/**
 * Fourier features of positions (Jaegle et al. 2021, 3.2): positions p lie evenly in [−1, 1] on
 * each axis, ends included; {@code [p ; sin(π f p) ; cos(π f p)]} with {@code num_bands}
 * frequencies f from 1 to half of {@code max_resolution}, axis by axis.
 *
 * <p>Input: any tensor, of which only the batch size counts. Output: {@code (batch, Π index_dims,
 * features)}; features are axes · (2 · num_bands + 1), less the axes without {@code concat_pos},
 * without the cosines with {@code sine_only}. No weights.
 */
public final class FourierPositionEncoding extends UnaryLayer {
  public static final LayerType<FourierPositionEncoding> TYPE =
      LayerType.custom(
          "perceiver", "PerceiverFourierPositionEncoding", FourierPositionEncoding::new);

  private final int bands;
  private final int[] resolution;
  private final boolean withPositions;
  private final boolean sineOnly;
  private final int[] size;

  /** Features of a grid, with {@code bands} frequencies up to its own resolution. */
  public FourierPositionEncoding(int bands, int... indexDims) {
    this(Config.of("num_bands", bands, "index_dims", indexDims));
  }

  /** Restores a layer from its config. */
  public FourierPositionEncoding(Config config) {
    super(TYPE, config);
    bands = args.positiveInt("num_bands");
    int[] dims = args.intListOrNull("index_dims", null);
    size = dims == null ? args.intListOrNull("max_resolution", null) : dims;
    if (size == null || size.length == 0) {
      throw args.refuse("index_dims", "the sizes of the grid");
    }
    resolution = args.positiveInts("max_resolution", size.length, size);
    withPositions = args.bool("concat_pos", true);
    sineOnly = args.bool("sine_only", false);
    for (int s : size) {
      if (s < 1) {
        throw args.refuse("index_dims", "positive sizes");
      }
    }
    args.note("index_dims", size);
  }

  /** The number of features. */
  public int features() {
    return size.length * (bands * (sineOnly ? 1 : 2) + (withPositions ? 1 : 0));
  }

  /**
   * The positions of points of a grid, {@code (points, axes)}: {@code −1 + 2 · index / size}, as
   * decoders ask for some of the points only.
   *
   * @param points their numbers, last axis fastest
   */
  public static Tensor positions(int[] points, int... dims) {
    float[] p = new float[points.length * dims.length];
    for (int i = 0; i < points.length; i++) {
      int rest = points[i];
      for (int axis = dims.length - 1; axis >= 0; axis--) {
        p[i * dims.length + axis] = -1 + 2f * (rest % dims[axis]) / dims[axis];
        rest /= dims[axis];
      }
      if (rest != 0 || points[i] < 0) {
        throw new ShapeException(
            "FourierPositionEncoding: expected numbers of points of the grid "
                + Shape.of(dims)
                + ". Received: "
                + points[i]
                + ".");
      }
    }
    return Tensor.of(p, points.length, dims.length);
  }

  /** The features of positions {@code (points, axes)} in [−1, 1]: {@code (points, features)}. */
  public Tensor at(Tensor positions) {
    if (positions.rank() != 2 || positions.dim(1) != size.length) {
      throw new ShapeException(
          label()
              + ": expected positions (points, "
              + size.length
              + "). Received: "
              + positions.shape()
              + ".");
    }
    double[] p = positions.toDoubleArray();
    int points = positions.dim(0);
    int width = features();
    double[] out = new double[points * width];
    int axes = size.length;
    for (int i = 0; i < points; i++) {
      int at = i * width;
      for (int axis = 0; withPositions && axis < axes; axis++) {
        out[at++] = p[i * axes + axis];
      }
      for (int axis = 0; axis < axes; axis++) {
        double last = resolution[axis] / 2.0;
        for (int k = 0; k < bands; k++) {
          double f = bands == 1 ? 1 : 1 + (last - 1) * k / (bands - 1);
          double angle = Math.PI * f * p[i * axes + axis];
          out[at] = Math.sin(angle);
          if (!sineOnly) {
            out[at + axes * bands] = Math.cos(angle);
          }
          at++;
        }
      }
    }
    return Ops.cast(Tensor.of(out, points, width), policy().compute());
  }

  /** The positions of the whole grid, row by row. */
  private Tensor grid() {
    int points = 1;
    for (int s : size) {
      points *= s;
    }
    double[] p = new double[points * size.length];
    for (int i = 0; i < points; i++) {
      int rest = i;
      for (int axis = size.length - 1; axis >= 0; axis--) {
        int n = size[axis];
        p[i * size.length + axis] = n == 1 ? -1 : -1 + 2.0 * (rest % n) / (n - 1);
        rest /= n;
      }
    }
    return Tensor.of(p, points, size.length);
  }

  /** The features of the whole grid, row by row: {@code (Π index_dims, features)}. */
  public Tensor table() {
    return at(grid());
  }

  @Override
  public Tensor call(Tensor x, CallContext ctx) {
    Tensor f = table();
    return Ops.broadcastTo(Ops.expandDims(f, 0), Shape.of(x.dim(0), f.dim(0), f.dim(1)));
  }
}
