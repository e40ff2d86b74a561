package io.weft.random;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Where seeds come from that nobody gave: a process-wide sequence, random at start, repeatable
 * after {@link #set}. As {@code keras.utils.set_random_seed}.
 */
public final class Seeds {
  private static final AtomicLong STATE = new AtomicLong(System.nanoTime() ^ 0x9e3779b97f4a7c15L);

  private Seeds() {}

  /** Makes all later draws of seeds repeat; call it before building layers. */
  public static void set(long seed) {
    STATE.set(seed * 0x9e3779b97f4a7c15L + 1);
  }

  /** A fresh seed between 0 and 2^31 − 1. */
  public static long next() {
    long z = STATE.addAndGet(0x9e3779b97f4a7c15L);
    z = (z ^ z >>> 30) * 0xbf58476d1ce4e5b9L;
    z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
    return (z ^ z >>> 31) & 0x7fffffffL;
  }
}
