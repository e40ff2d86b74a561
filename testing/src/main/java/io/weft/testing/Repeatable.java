package io.weft.testing;

import io.weft.random.Seeds;

/** Runs checks with the same random draws each time; later draws are as random as before. */
final class Repeatable {
  /** The seed of all checks. */
  static final long SEED = 20240607;

  private Repeatable() {}

  static void run(Runnable checks) {
    Seeds.set(SEED);
    try {
      checks.run();
    } finally {
      Seeds.set(System.nanoTime());
    }
  }
}
