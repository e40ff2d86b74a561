package io.weft.engine;

import io.weft.engine.JavaExecutable.Slot;
import io.weft.engine.JavaExecutable.Step;
import io.weft.engine.op.Kernel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Which values of a graph share an array: a buffer is free for a later value of the same type and
 * size once no step reads it any more, and an element-wise step may write over an input that it is
 * the last to read. Values that are made and read by {@linkplain Kernel#countsBySpecs kernels that
 * do not ask for lengths} may lie in larger arrays: what is near in time is then near in the cache.
 * Inputs, constants and results have arrays of their own.
 */
final class MemoryPlan {
  private static final int LARGER = 4; // times the size of a value at most

  /** The buffer of each value, −1 for those with arrays of their own and those left out. */
  final int[] buffer;

  final List<Slot> buffers = new ArrayList<>();

  private final Step[] steps;
  private final Slot[] slots;
  private final int[] last;
  private final boolean[] elastic; // values whose arrays may be longer
  private final List<Integer> free = new ArrayList<>();
  private final List<Boolean> exact = new ArrayList<>(); // buffers of a value that is not

  MemoryPlan(Step[] steps, Slot[] slots, int[] outputs) {
    this.steps = steps;
    this.slots = slots;
    this.buffer = new int[slots.length];
    this.last = new int[slots.length];
    Arrays.fill(buffer, -1);
    Arrays.fill(last, -1);
    for (int i = 0; i < steps.length; i++) {
      for (int v : steps[i].in()) {
        last[v] = i;
      }
    }
    for (int o : outputs) {
      last[o] = Integer.MAX_VALUE;
    }
    this.elastic = elastic();
    for (int i = 0; i < steps.length; i++) {
      place(i);
    }
  }

  private boolean[] elastic() {
    boolean[] r = new boolean[slots.length];
    Arrays.fill(r, true);
    for (Step s : steps) {
      if (!s.kernel().countsBySpecs()) {
        for (int v : s.in()) {
          r[v] = false;
        }
        for (int v : s.out()) {
          r[v] = false;
        }
      }
    }
    return r;
  }

  /** A free buffer for a value, made larger if need be, or −1. */
  private int reused(int v) {
    int best = -1;
    for (int k = free.size() - 1; k >= 0; k--) {
      if (buffers.get(free.get(k)).fits(slots[v])) {
        return free.remove(k);
      }
      if (elastic[v] && mayHold(free.get(k), slots[v])) {
        best = best < 0 || isBetter(free.get(k), free.get(best), slots[v]) ? k : best;
      }
    }
    if (best < 0) {
      return -1;
    }
    int b = free.remove(best);
    if (buffers.get(b).size() < slots[v].size()) {
      buffers.set(b, slots[v]);
    }
    return b;
  }

  /** Whether a buffer is large enough, but not far too large, or can be made larger. */
  private boolean mayHold(int b, Slot value) {
    Slot s = buffers.get(b);
    return s.element() == value.element()
        && (s.size() < value.size() ? !exact.get(b) : s.size() / LARGER <= value.size());
  }

  /** The smallest that is large enough, or else the largest. */
  private boolean isBetter(int b, int than, Slot value) {
    int size = buffers.get(b).size();
    int other = buffers.get(than).size();
    return size >= value.size() ? other < value.size() || size < other : size > other;
  }

  private void place(int i) {
    Step s = steps[i];
    for (int o = 0; o < s.out().length; o++) {
      int v = s.out()[o];
      if (last[v] == Integer.MAX_VALUE) {
        continue; // a result
      }
      if (last[v] < 0 && s.kernel().mayLeaveOut(o)) {
        continue; // nobody reads it
      }
      int b = overwritten(s, i, o);
      b = b < 0 ? reused(v) : b;
      if (b < 0) {
        b = buffers.size();
        buffers.add(slots[v]);
        exact.add(false);
      }
      buffer[v] = b;
      if (!elastic[v]) {
        exact.set(b, true);
      }
    }
    for (int v : s.in()) {
      release(v, i);
    }
    for (int v : s.out()) {
      if (last[v] < 0) {
        last[v] = i; // nobody reads it
        release(v, i);
      }
    }
  }

  /** A buffer that dies in this step and that result o may take over at once, or −1. */
  private int overwritten(Step s, int i, int o) {
    for (int k = 0; k < s.in().length; k++) {
      int x = s.in()[k];
      if (last[x] == i
          && buffer[x] >= 0
          && slots[x].fits(slots[s.out()[o]])
          && (elastic[s.out()[o]] || buffers.get(buffer[x]).fits(slots[s.out()[o]]))
          && s.kernel().mayOverwrite(k, o)
          && readsOnce(s, x)) {
        last[x] = -2; // taken: not released below
        return buffer[x];
      }
    }
    return -1;
  }

  private static boolean readsOnce(Step s, int value) {
    return Arrays.stream(s.in()).filter(v -> v == value).count() == 1;
  }

  private void release(int v, int i) {
    if (last[v] == i && buffer[v] >= 0) {
      free.add(buffer[v]);
      last[v] = -2;
    }
  }
}
