package io.weft.tensor;

import io.weft.backend.Storage;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.StampedLock;

/**
 * How compiled runs read variables and replace their numbers. A run sees the variables of one
 * state: what another publishes at its end is seen whole or not at all, and nobody waits.
 *
 * <p>The storage that a publication replaces may be written again by the next run, so that training
 * needs no new memory, once it is certain that nobody reads it any more: no run that began before
 * the publication is still under way (runs count themselves in and out), and the numbers were never
 * given to anyone but runs ({@link Storage#isShared}).
 */
public final class Publication {
  private static final StampedLock LOCK = new StampedLock();
  private static final int CELLS = 32;
  private static final int LINE = 16; // ints in a cache line: cells do not disturb each other
  private static final AtomicIntegerArray UNDER_WAY = new AtomicIntegerArray(CELLS * LINE);

  private Publication() {}

  /** Counts a run of this thread in; the result is for {@link #leave}. */
  public static int enter() {
    int cell = ((int) Thread.currentThread().getId() & CELLS - 1) * LINE;
    UNDER_WAY.getAndIncrement(cell);
    return cell;
  }

  /** Counts a run out, which then reads no variable's numbers any more. */
  public static void leave(int cell) {
    UNDER_WAY.getAndDecrement(cell);
  }

  /** Puts the storages of variables, all of one state, into {@code to} from an index on. */
  public static void read(Variable[] variables, Storage[] to, int from) {
    if (variables.length == 0) {
      return;
    }
    long stamp;
    do {
      stamp = LOCK.tryOptimisticRead();
      for (int i = 0; i < variables.length; i++) {
        to[from + i] = ((ArrayTensor) variables[i].current()).storage();
      }
    } while (!LOCK.validate(stamp));
  }

  /** Replaces the numbers of variables together. */
  public static void publish(Variable[] variables, ArrayTensor[] values) {
    long stamp = LOCK.writeLock();
    try {
      for (int i = 0; i < variables.length; i++) {
        variables[i].replace(values[i]);
      }
    } finally {
      LOCK.unlockWrite(stamp);
    }
  }

  /**
   * The storages that the last publications of these variables replaced and that nobody reads any
   * more, for the caller to write; null in place of others. To be called outside of the runs of
   * this thread.
   */
  public static Storage[] retired(Variable[] variables) {
    Storage[] r = new Storage[variables.length];
    for (int i = 0; i < r.length; i++) {
      r[i] = variables[i].takeRetired();
    }
    boolean idle = true; // asked after the storages were retired: later runs cannot find them
    for (int i = 0; i < CELLS && idle; i++) {
      idle = UNDER_WAY.get(i * LINE) == 0;
    }
    for (int i = 0; i < r.length; i++) {
      if (!idle || r[i] != null && r[i].isShared()) {
        r[i] = null;
      }
    }
    return r;
  }
}
