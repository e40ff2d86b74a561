package io.weft.systems.diffusers;

import io.weft.config.Args;
import io.weft.error.ConfigException;
import io.weft.error.ShapeException;
import io.weft.ops.NnFunctions;
import io.weft.tensor.DType;
import io.weft.tensor.HostArray;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.Locale;

/**
 * What image blocks share. Like the original they take and give {@code (batch, channels, height,
 * width)}; inside, and between the blocks of a U-Net, channels stand last, for which the
 * convolutions are made.
 */
final class Images {
  private Images() {}

  /** Reads {@code data_format}; true for {@code channels_first}, the default. */
  static boolean channelsFirst(Args args) {
    boolean first =
        args.oneOf("data_format", "channels_first", "channels_first", "channels_last")
            .equals("channels_first");
    if (!args.has("data_format")) {
      args.forget("data_format"); // the original has no such argument
    }
    return first;
  }

  static Tensor toLast(Tensor x, boolean first) {
    return first ? Ops.transpose(x, 0, 2, 3, 1) : x;
  }

  static Tensor toFirst(Tensor x, boolean first) {
    return first ? Ops.transpose(x, 0, 3, 1, 2) : x;
  }

  /** Refuses what is not an image with so many channels. */
  static void check(String who, Tensor x, boolean first, int channels) {
    if (x.rank() != 4 || x.dim(first ? 1 : 3) != channels) {
      throw new ShapeException(
          who
              + ": expected an image "
              + (first ? "(batch, channels, height, width)" : "(batch, height, width, channels)")
              + " with "
              + channels
              + " channels. Received: shape "
              + x.shape());
    }
  }

  /** Reads the name of an activation as the original knows it. */
  static String activation(Args args, String key, String fallback) {
    String name = args.string(key, fallback);
    if (!isActivation(name)) {
      throw args.refuse(key, "one of silu, swish, mish, gelu, relu");
    }
    return name;
  }

  static boolean isActivation(String name) {
    switch (name.toLowerCase(Locale.ROOT)) {
      case "silu":
      case "swish":
      case "mish":
      case "gelu":
      case "relu":
        return true;
      default:
        return false;
    }
  }

  static Tensor activate(String name, Tensor x) {
    switch (name.toLowerCase(Locale.ROOT)) {
      case "silu":
      case "swish":
        return NnFunctions.silu(x);
      case "mish":
        return NnFunctions.mish(x);
      case "gelu":
        return NnFunctions.gelu(x, false);
      case "relu":
        return NnFunctions.relu(x);
      default:
        throw new ConfigException("expected an activation. Received: '" + name + "'");
    }
  }

  /** A channels-last image with each pixel repeated, or dropped, to fill a new size. */
  static Tensor nearest(Tensor x, int height, int width) {
    return along(along(x, 1, height), 2, width);
  }

  private static Tensor along(Tensor x, int axis, int size) {
    int from = x.dim(axis);
    if (size == from) {
      return x;
    }
    if (from > 0 && size % from == 0) {
      return Ops.repeat(x, size / from, axis);
    }
    HostArray rows = HostArray.zeros(DType.INT32, Shape.of(size));
    for (int i = 0; i < size; i++) {
      rows.set(i, Math.min((long) i * from / size, from - 1L));
    }
    return Ops.take(x, Tensor.ofTrusted(rows), axis);
  }

  /** A channels-last image with zeros around it. */
  static Tensor pad(Tensor x, int before, int after) {
    return before == 0 && after == 0
        ? x
        : Ops.pad(x, new int[][] {{0, 0}, {before, after}, {before, after}, {0, 0}}, 0);
  }

  /** A channels-last image without its rim. */
  static Tensor crop(Tensor x, int rim) {
    if (rim == 0) {
      return x;
    }
    Shape inner = x.shape().withDim(1, x.dim(1) - 2 * rim).withDim(2, x.dim(2) - 2 * rim);
    return Ops.slice(x, new int[] {0, rim, rim, 0}, inner.dims());
  }
}
