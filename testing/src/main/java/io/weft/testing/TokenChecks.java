package io.weft.testing;

import io.weft.layer.Layer;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** What the order of tokens and masks of keys may change, for {@link AttentionBattery}. */
final class TokenChecks {
  private final AttentionCase c;

  TokenChecks(AttentionCase c) {
    this.c = c;
  }

  void permutations(Layer exact, List<Tensor> inputs) {
    if (c.ordered) {
      return;
    }
    Tensor y = c.call(exact, inputs).get(0);
    if (c.query >= 0) {
      int[] order = order(inputs.get(c.query).dim(c.axis(c.query)));
      List<Tensor> moved = new ArrayList<>(inputs);
      moved.set(c.query, permuted(inputs.get(c.query), c.axis(c.query), order));
      if (c.attendsToItself()) {
        for (int s : c.sources) {
          moved.set(s, permuted(inputs.get(s), c.axis(s), order));
        }
      }
      Tensor expected = permuted(y, c.axis(c.query), order);
      c.close("queries in another order", expected, c.call(exact, moved).get(0));
    }
    if (c.sources.length > 0 && !c.attendsToItself()) {
      c.close("keys in another order", y, c.call(exact, reordered(inputs)).get(0));
    }
  }

  private List<Tensor> reordered(List<Tensor> inputs) {
    List<Tensor> moved = new ArrayList<>(inputs);
    for (int s : c.sources) {
      moved.set(s, permuted(inputs.get(s), c.axis(s), order(inputs.get(s).dim(c.axis(s)))));
    }
    return moved;
  }

  /** Backwards, but for the tokens that keep their place. */
  private int[] order(int n) {
    return IntStream.range(0, n).map(i -> i < c.fixed ? i : n - 1 - (i - c.fixed)).toArray();
  }

  private static Tensor permuted(Tensor x, int axis, int[] order) {
    return Ops.take(x, Tensor.of(order, order.length), axis);
  }

  /** All keys may be seen but the last two of the first sample and one of the others. */
  private Tensor keep(List<Tensor> inputs, boolean none) {
    int batch = inputs.get(c.sources[0]).dim(0);
    int n = inputs.get(c.sources[0]).dim(c.axis(c.sources[0]));
    boolean[] keep = new boolean[batch * n];
    for (int i = 0; i < keep.length; i++) {
      int token = i % n;
      keep[i] = token < c.fixed || !none && token < n - (i < n ? 2 : 1);
    }
    return Tensor.of(keep, batch, n);
  }

  /** The sources with other content where {@code keep} is false. */
  private List<Tensor> spoiled(List<Tensor> inputs, Tensor keep) {
    List<Tensor> other = new ArrayList<>(inputs);
    for (int s : c.sources) {
      Tensor x = inputs.get(s);
      int[] wide = new int[x.rank()];
      Arrays.fill(wide, 1);
      wide[0] = keep.dim(0);
      wide[c.axis(s)] = keep.dim(1);
      Tensor noise = Numbers.random(x.shape(), 900 + s).times(50);
      other.set(s, Ops.where(Ops.reshape(keep, wide), x, noise));
    }
    return other;
  }

  void isolation(Layer exact, List<Tensor> inputs, Hiding way) {
    Tensor keep = keep(inputs, false);
    Tensor y = visible(c.call(exact, way.of(inputs, keep)).get(0), keep);
    Tensor free = visible(c.call(exact, inputs).get(0), keep);
    if (Arrays.equals(y.toDoubleArray(), free.toDoubleArray())) {
      throw new AssertionError(c.what("a mask of keys changes nothing"));
    }
    Tensor spoiled = visible(c.call(exact, way.of(spoiled(inputs, keep), keep)).get(0), keep);
    c.exactly("content of hidden keys", y, spoiled);
  }

  /** Where a layer attends to itself, rows of hidden tokens are left out: they are queries too. */
  private Tensor visible(Tensor y, Tensor keep) {
    if (!c.attendsToItself() || c.query < 0) {
      return y;
    }
    int[] wide = new int[y.rank()];
    Arrays.fill(wide, 1);
    wide[0] = keep.dim(0);
    wide[c.axis(c.query)] = keep.dim(1);
    return Ops.where(Ops.reshape(keep, wide), y, Ops.zerosLike(y));
  }

  void fullyMasked(Layer exact, List<Tensor> inputs, Hiding way) {
    if (c.fixed > 0) {
      return;
    }
    Tensor none = keep(inputs, true);
    Tensor y = c.call(exact, way.of(inputs, none)).get(0);
    c.finite("rows without any key", y);
    if (c.rows == AttentionBattery.Rows.ZERO && !c.attendsToItself()) {
      Tensor other = c.call(exact, way.of(spoiled(inputs, none), none)).get(0);
      c.exactly("content of keys that are all hidden", y, other);
    }
    if (c.rows == AttentionBattery.Rows.UNIFORM && !c.attendsToItself()) {
      List<Tensor> average = new ArrayList<>(inputs);
      for (int s : c.sources) {
        Tensor x = inputs.get(s);
        average.set(s, Ops.broadcastTo(Ops.mean(x, new int[] {c.axis(s)}, true), x.shape()));
      }
      c.close("rows without any key, as of equal keys", c.call(exact, average).get(0), y);
    }
  }
}
