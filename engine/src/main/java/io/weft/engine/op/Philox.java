package io.weft.engine.op;

/** The counter generator Philox 4×32-10: four words for each block number. */
final class Philox {
  private static final int M0 = 0xD2511F53;
  private static final int M1 = 0xCD9E8D57;
  private static final int W0 = 0x9E3779B9;
  private static final int W1 = 0xBB67AE85;

  private Philox() {}

  /** Words {@code from … from + n - 1} of the stream of a seed and a counter. */
  static void words(long seed, long counter, long from, int[] y, int n) {
    int[] block = new int[4];
    for (int i = 0; i < n; ) {
      long at = from + i;
      block((int) seed, (int) (seed >>> 32), at >> 2, counter, block);
      for (int lane = (int) (at & 3); lane < 4 && i < n; lane++) {
        y[i++] = block[lane];
      }
    }
  }

  private static void block(int key0, int key1, long low, long high, int[] y) {
    int c0 = (int) low;
    int c1 = (int) (low >>> 32);
    int c2 = (int) high;
    int c3 = (int) (high >>> 32);
    int k0 = key0;
    int k1 = key1;
    for (int r = 0; r < 10; r++) {
      long p0 = (M0 & 0xffffffffL) * (c0 & 0xffffffffL);
      long p1 = (M1 & 0xffffffffL) * (c2 & 0xffffffffL);
      c0 = (int) (p1 >>> 32) ^ c1 ^ k0;
      c1 = (int) p1;
      c2 = (int) (p0 >>> 32) ^ c3 ^ k1;
      c3 = (int) p0;
      k0 += W0;
      k1 += W1;
    }
    y[0] = c0;
    y[1] = c1;
    y[2] = c2;
    y[3] = c3;
  }
}
