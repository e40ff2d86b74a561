package io.weft.machinecode.memory;

import io.weft.machinecode.asm.Gpr;
import io.weft.machinecode.asm.Mem;
import java.lang.foreign.MemorySegment;

/**
 * The parameters of a call and room for what a kernel puts by: numbered slots of 64 bits. Each
 * thread has one; it is filled anew for each call.
 */
public final class Frame {
  private static final int SLOTS = 96;
  private static final ThreadLocal<Frame> OWN = new ThreadLocal<>();

  private final long[] slots = new long[SLOTS];
  private final MemorySegment memory = MemorySegment.ofArray(slots);

  private Frame() {}

  /** This thread's frame. */
  public static Frame own() {
    Frame f = OWN.get();
    if (f == null) {
      f = new Frame();
      OWN.set(f);
    }
    return f;
  }

  /** Where a kernel finds a slot. */
  public static Mem slot(int slot) {
    return Mem.at(Gpr.RCX, slot * Long.BYTES);
  }

  /** Puts a value into a slot. */
  public void set(int slot, long value) {
    slots[slot] = value;
  }

  /** The value in a slot. */
  public long get(int slot) {
    return slots[slot];
  }

  MemorySegment memory() {
    return memory;
  }
}
