package io.weft.engine.kernel;

/**
 * Geometry of attention: query (batch, steps, heads, dim), key (batch, sources, kvHeads, dim),
 * value (batch, sources, kvHeads, valueDim), output (batch, steps, heads, valueDim), log-sum-exp
 * (batch, heads, steps), all contiguous. {@code kvHeads} divides {@code heads}; adjacent query
 * heads share one key head. {@code causal}: query t sees sources 0 … t.
 */
public record AttentionShape(
    int batch,
    int steps,
    int sources,
    int heads,
    int kvHeads,
    int dim,
    int valueDim,
    float scale,
    boolean causal) {
  /** Checks that kvHeads divides heads. */
  public AttentionShape {
    if (kvHeads < 1 || heads % kvHeads != 0) {
      throw new IllegalArgumentException(
          "AttentionShape: kvHeads must divide heads. Received: heads="
              + heads
              + ", kvHeads="
              + kvHeads
              + ".");
    }
  }
}
