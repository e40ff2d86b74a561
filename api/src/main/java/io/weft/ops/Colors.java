package io.weft.ops;

import io.weft.error.ShapeException;
import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;
import java.util.List;

/** Color spaces of images (batch, height, width, channels) with values in [0, 1]. */
public final class Colors {
  private static final double[] LUMA = {0.2989, 0.5870, 0.1140};

  private Colors() {}

  private static List<Tensor> channels(String function, Tensor x) {
    if (x.dim(-1) != 3) {
      throw new ShapeException(function + ": expected 3 channels. Received: " + x.shape());
    }
    return Ops.split(x, 3, -1);
  }

  private static Tensor floats(String function, Tensor x) {
    if (!x.dtype().isFloating()) {
      throw new ShapeException(function + ": expected floats. Received: " + x.spec());
    }
    return x;
  }

  /** One channel of brightness; images of one channel stay as they are. */
  public static Tensor rgbToGrayscale(Tensor x) {
    if (x.dim(-1) == 1) {
      return x;
    }
    List<Tensor> c = channels("rgb_to_grayscale", x);
    DType d = Dtypes.floating(x);
    Tensor y = Ops.cast(c.get(0), d).times(LUMA[0]);
    y = y.plus(Ops.cast(c.get(1), d).times(LUMA[1]));
    return Ops.cast(y.plus(Ops.cast(c.get(2), d).times(LUMA[2])), x.dtype());
  }

  /** Red, green, blue as hue, saturation, value. */
  public static Tensor rgbToHsv(Tensor x) {
    List<Tensor> c = channels("rgb_to_hsv", floats("rgb_to_hsv", x));
    Tensor r = c.get(0);
    Tensor g = c.get(1);
    Tensor b = c.get(2);
    int[] last = {-1};
    Tensor v = Ops.max(x, last, true);
    Tensor range = v.minus(Ops.min(x, last, true));
    Tensor s = Ops.where(Ops.greater(v, 0), range.divide(v), 0);
    Tensor norm = Ops.divide(1.0 / 6, range);
    Tensor blue = norm.times(r.minus(g)).plus(4.0 / 6);
    Tensor green = norm.times(b.minus(r)).plus(2.0 / 6);
    Tensor h = Ops.where(Ops.equal(g, v), green, blue);
    h = Ops.where(Ops.equal(r, v), norm.times(g.minus(b)), h);
    h = Ops.where(Ops.greater(range, 0), h, 0);
    h = Ops.where(Ops.less(h, 0), h.plus(1), h);
    return Ops.concatenate(List.of(h, s, v), -1);
  }

  /** Hue, saturation, value as red, green, blue. */
  public static Tensor hsvToRgb(Tensor x) {
    List<Tensor> c = channels("hsv_to_rgb", floats("hsv_to_rgb", x));
    Tensor h = c.get(0).times(6);
    Tensor s = c.get(1);
    Tensor v = c.get(2);
    Tensor r = Ops.abs(h.minus(3)).minus(1);
    Tensor g = Ops.subtract(2, Ops.abs(h.minus(2)));
    Tensor b = Ops.subtract(2, Ops.abs(h.minus(4)));
    return Ops.concatenate(List.of(shade(r, s, v), shade(g, s, v), shade(b, s, v)), -1);
  }

  private static Tensor shade(Tensor hue, Tensor s, Tensor v) {
    return Ops.oneMinus(s).plus(s.times(Ops.clip(hue, 0, 1))).times(v);
  }
}
