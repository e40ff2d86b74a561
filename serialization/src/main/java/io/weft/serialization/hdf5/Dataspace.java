package io.weft.serialization.hdf5;

import io.weft.serialization.hdf5.Metadata.Cursor;
import io.weft.tensor.Shape;

/** Reads shapes. */
final class Dataspace {
  private static final int MAX_RANK = 32;

  private Dataspace() {}

  /** The sizes that a dataset may grow to, −1 for no limit; its shape where it may not grow. */
  static long[] maximum(Cursor c, Shape shape) {
    int version = c.u8();
    int rank = c.u8();
    boolean given = (c.u8() & 1) != 0;
    c.skip(version == 1 ? 5 : 1);
    long[] max = new long[rank];
    for (int i = 0; i < rank; i++) {
      max[i] = c.length();
    }
    for (int i = 0; given && i < rank; i++) {
      max[i] = c.length();
      if (max[i] >= 0 && max[i] < shape.dim(i)) {
        throw c.file.broken("a limit of at least " + shape.dim(i), String.valueOf(max[i]));
      }
    }
    return max;
  }

  /** The shape; a null dataspace is one without elements. */
  static Shape read(Cursor c) {
    int version = c.u8();
    int rank = c.u8();
    c.u8();
    int type = c.u8();
    if (version == 1) {
      c.skip(4);
    } else if (version != 2) {
      throw c.file.broken("a dataspace of version 1 or 2", "version " + version);
    } else if (type == 2) {
      return Shape.of(0);
    }
    if (rank > MAX_RANK) {
      throw c.file.broken("at most " + MAX_RANK + " axes", String.valueOf(rank));
    }
    int[] dims = new int[rank];
    for (int i = 0; i < rank; i++) {
      long d = c.length();
      if (d < 0 || d > Integer.MAX_VALUE) {
        throw c.file.broken("sizes below 2^31", Long.toUnsignedString(d));
      }
      dims[i] = (int) d;
    }
    return Shape.of(dims);
  }
}
