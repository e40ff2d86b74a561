package io.weft.training;

/** Tells after which batches something that is done every so many batches is due. */
final class BatchCounter {
  private final Integer every;
  private int seen;
  private int last = -1;

  /** Never due for null. */
  BatchCounter(Integer every) {
    this.every = every;
  }

  /** A batch of the present epoch has ended; several may have passed since the last call. */
  boolean isDue(int batch) {
    if (every == null) {
      return false;
    }
    seen += batch <= last ? batch + 1 : batch - last;
    last = batch;
    if (seen < every) {
      return false;
    }
    seen = 0;
    return true;
  }
}
