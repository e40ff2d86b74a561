package io.weft.engine;

import io.weft.engine.JavaExecutable.Slot;
import io.weft.engine.JavaExecutable.Step;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Which values of a graph share an array: a buffer is free for a later value of the same type and
 * size once no step reads it any more, and an element-wise step may write over an input that it is
 * the last to read. Inputs, constants and results have arrays of their own.
 */
final class MemoryPlan {
  /** The buffer of each value, −1 for those with arrays of their own and those left out. */
  final int[] buffer;

  final List<Slot> buffers = new ArrayList<>();

  private final Step[] steps;
  private final Slot[] slots;
  private final int[] last;
  private final List<Integer> free = new ArrayList<>();

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
    for (int i = 0; i < steps.length; i++) {
      place(i);
    }
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
      for (int k = free.size() - 1; b < 0 && k >= 0; k--) {
        if (buffers.get(free.get(k)).fits(slots[v])) {
          b = free.remove(k);
        }
      }
      if (b < 0) {
        b = buffers.size();
        buffers.add(slots[v]);
      }
      buffer[v] = b;
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
