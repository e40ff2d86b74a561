package io.weft.ops;

import io.weft.config.Args;
import io.weft.error.ConfigException;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;

/** Where images and sequences carry their channels. */
public final class DataFormat {
  private DataFormat() {}

  /** Reads {@code data_format}: null means {@code channels_last}. */
  static boolean channelsFirst(OpArgs a) {
    String f = a.stringOrNull("data_format");
    if (f == null || f.equals("channels_last")) {
      return false;
    }
    if (!f.equals("channels_first")) {
      throw new ConfigException(
          a.function()
              + ": data_format must be 'channels_last' or 'channels_first'. Received:"
              + " data_format='"
              + f
              + "'");
    }
    return true;
  }

  /** Reads a layer's {@code data_format}, noting what null stands for. */
  public static boolean channelsFirst(Args args) {
    if (args.any("data_format", null) == null) {
      args.note("data_format", "channels_last");
      return false;
    }
    return args.oneOf("data_format", null, "channels_last", "channels_first")
        .equals("channels_first");
  }

  /** (n, c, spatial…) as (n, spatial…, c); leading axes beyond {@code spatial} + 1 stay. */
  public static Tensor toLast(Tensor x, int spatial) {
    return Ops.transpose(x, moved(x.rank(), x.rank() - 1 - spatial, x.rank() - 1));
  }

  /** (n, spatial…, c) as (n, c, spatial…). */
  public static Tensor toFirst(Tensor x, int spatial) {
    return Ops.transpose(x, moved(x.rank(), x.rank() - 1, x.rank() - 1 - spatial));
  }

  private static int[] moved(int rank, int from, int to) {
    int[] p = new int[rank];
    int k = 0;
    for (int i = 0; i < rank; i++) {
      if (i == to) {
        p[i] = from;
      } else {
        k += k == from ? 1 : 0;
        p[i] = k++;
      }
    }
    return p;
  }
}
