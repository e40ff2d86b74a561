package io.weft.systems.core;

import io.weft.layer.Layer;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * What the attentions of a decoder keep from one step of generation to the next: projected keys and
 * values {@code (batch, tokens, heads, width)}. Those of self-attention grow by each step's tokens,
 * those of cross-attention are computed in the first step and used again.
 *
 * <p>Handed to a model as the call argument {@code cache}; belongs to one generation on one thread.
 */
public final class KeyValueCache {
  /** Keys and values, and which of the keys may be attended to (null: all). */
  record Entry(Tensor key, Tensor value, Tensor keep) {
    Entry select(Tensor rows) {
      boolean all = keep != null && keep.dim(0) == 1 && key.dim(0) > 1;
      return new Entry(
          Ops.take(key, rows, 0),
          Ops.take(value, rows, 0),
          keep == null || all ? keep : Ops.take(keep, rows, 0));
    }
  }

  private final Map<Layer, Entry> grown = new IdentityHashMap<>();
  private final Map<Layer, Entry> kept = new IdentityHashMap<>();

  /** The number of tokens that went before: the position of the next one. */
  public int length() {
    return grown.values().stream().mapToInt(e -> e.key.dim(1)).max().orElse(0);
  }

  /** The number of tokens that one attention has seen. */
  int length(Layer attention) {
    Entry e = grown.get(attention);
    return e == null ? 0 : e.key.dim(1);
  }

  /** The keys and values of all tokens so far, these at the end. */
  Entry append(Layer attention, Entry added) {
    return grown.merge(
        attention,
        added,
        (old, now) ->
            new Entry(
                Ops.concatenate(List.of(old.key, now.key), 1),
                Ops.concatenate(List.of(old.value, now.value), 1),
                null));
  }

  /** What was made in the first step. */
  Entry keep(Layer attention, Supplier<Entry> first) {
    Entry e = kept.get(attention);
    if (e == null) {
      e = first.get();
      kept.put(attention, e);
    }
    return e;
  }

  /** The rows that go on, in their new order, rows being repeated or left out: for beam search. */
  public void select(int[] rows) {
    Tensor index = Tensor.of(rows, rows.length);
    grown.replaceAll((l, e) -> e.select(index));
    kept.replaceAll((l, e) -> e.select(index));
  }
}
