package io.weft.engine.thread;

/**
 * Float arrays that a thread borrows for the time of a kernel: {@code take}, use, {@code give} in a
 * finally block. Contents are arbitrary. A small number of arrays is kept per thread.
 */
public final class Scratch {
  private static final int SLOTS = 12;
  private static final int LARGEST_KEPT = 1 << 24; // 64 MiB of floats; larger ones are garbage
  private static final ThreadLocal<Scratch> OWN = new ThreadLocal<>();

  private final float[][] free = new float[SLOTS][];

  private Scratch() {}

  /** An array of at least {@code n} floats with arbitrary contents. */
  public static float[] take(int n) {
    return own().best(n);
  }

  /** Returns an array that {@link #take} gave to this thread; null is ignored. */
  public static void give(float[] array) {
    if (array != null && array.length <= LARGEST_KEPT) {
      own().keep(array);
    }
  }

  private static Scratch own() {
    Scratch s = OWN.get();
    if (s == null) {
      s = new Scratch();
      OWN.set(s);
    }
    return s;
  }

  private float[] best(int n) {
    int found = -1;
    for (int i = 0; i < SLOTS; i++) {
      float[] f = free[i];
      if (f != null && f.length >= n && (found < 0 || f.length < free[found].length)) {
        found = i;
      }
    }
    // an array far too large is left for those who need it
    if (found >= 0 && (free[found].length >> 4 <= Math.max(n, 1 << 14))) {
      float[] f = free[found];
      free[found] = null;
      return f;
    }
    return new float[roundUp(n)];
  }

  private void keep(float[] array) {
    int smallest = 0;
    for (int i = 0; i < SLOTS; i++) {
      if (free[i] == null) {
        free[i] = array;
        return;
      }
      if (free[i].length < free[smallest].length) {
        smallest = i;
      }
    }
    if (free[smallest].length < array.length) {
      free[smallest] = array;
    }
  }

  /** Next of 64, 96, 128, 192, 256 …: few distinct sizes, at most half too large. */
  private static int roundUp(int n) {
    if (n <= 64) {
      return 64;
    }
    if (n > 1 << 28) {
      return n;
    }
    int power = Integer.highestOneBit(n - 1) << 1;
    int threeQuarters = power - (power >> 2);
    return n <= threeQuarters ? threeQuarters : power;
  }
}
