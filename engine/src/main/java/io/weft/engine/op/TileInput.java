package io.weft.engine.op;

import io.weft.tensor.DType;
import io.weft.tensor.Shape;
import io.weft.tensor.TensorSpec;

/** How one input of a tile program comes into its register: as it is, repeated, or strided. */
final class TileInput {
  private final DType type;
  private final boolean scalar;
  private final boolean same;

  /** Output sizes and this input's strides, neighbors merged; the last stride is 0 or 1. */
  private final int[] sizes;

  private final int[] strides;

  TileInput(TensorSpec spec, Shape to) {
    this.type = spec.dtype();
    this.scalar = spec.shape().size() == 1;
    this.same = spec.shape().size() == to.size();
    int[][] merged = Strides.merge(to.dims(), Strides.broadcast(spec.shape(), to));
    this.sizes = merged[0];
    this.strides = merged[1];
  }

  /** After how many elements of the output the input begins again, or 1 where that is no help. */
  int period() {
    boolean rows = sizes.length == 2 && strides[0] == 0 && strides[1] == 1;
    return rows && !same && sizes[1] <= TileProgram.TILE ? sizes[1] : 1;
  }

  /** Whether tiles of this size all read the same elements. */
  private boolean isWhole(int tile) {
    int p = period();
    return p > 1 && tile % p == 0;
  }

  /** Whether element i of the output reads element i of the input. */
  boolean isSame() {
    return same;
  }

  /** Whether the input itself can serve as register. */
  boolean isDirect() {
    return same && Registers.isDirect(type);
  }

  /**
   * The array that serves as register: the input itself where nothing needs to be done to it.
   *
   * @param tile elements needed now
   * @param largest the program's tile; all tiles start at a multiple of it
   */
  Object prepare(Object x, int tile, boolean copying, int largest) {
    if (isDirect() && !copying) {
      return x;
    }
    Object r = Registers.take(Registers.kind(type), tile);
    if (scalar) {
      Registers.load(type, x, 0, r, 0, 1);
      Registers.repeat(r, 0, tile);
    } else if (isWhole(largest)) {
      for (int i = 0; i < tile; i += sizes[1]) {
        Registers.load(type, x, 0, r, i, Math.min(sizes[1], tile - i));
      }
    }
    return r;
  }

  /** Makes elements {@code s…s+n} of the output's order available; gives their offset. */
  int load(Object x, Object r, int s, int n, int largest) {
    if (same) {
      if (r == x) {
        return s;
      }
      Registers.load(type, x, s, r, 0, n);
      return 0;
    }
    if (!scalar && !isWhole(largest)) {
      gather(x, r, s, n);
    }
    return 0;
  }

  private void gather(Object x, Object r, int s, int n) {
    int last = sizes.length - 1;
    int inner = sizes[last];
    int stride = strides[last];
    int done = 0;
    int pos = s;
    while (done < n) {
      int rest = pos / inner;
      int start = pos - rest * inner;
      int at = start * stride;
      for (int i = last - 1; i >= 0; i--) {
        int q = rest / sizes[i];
        at += (rest - q * sizes[i]) * strides[i];
        rest = q;
      }
      int m = Math.min(inner - start, n - done);
      if (stride == 1) {
        Registers.load(type, x, at, r, done, m);
      } else {
        Registers.load(type, x, at, r, done, 1);
        Registers.repeat(r, done, done + m);
      }
      done += m;
      pos += m;
    }
  }
}
