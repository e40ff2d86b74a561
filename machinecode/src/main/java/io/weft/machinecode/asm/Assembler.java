package io.weft.machinecode.asm;

import io.weft.machinecode.asm.Op.Map;
import io.weft.machinecode.asm.Op.Prefix;
import java.util.LinkedHashMap;

/**
 * Assembles one function. General registers are {@link Gpr}, vector registers are numbers from 0,
 * operands stand in Intel's order: destination first.
 *
 * <p>A mask is a number too: with AVX-512 that of a mask register (1 … 7), with AVX2 that of the
 * vector register that holds it.
 */
public final class Assembler extends IntegerAssembler {
  private static final int MASK_OF_WHERE = 7;

  private final LinkedHashMap<Integer, Label> constants = new LinkedHashMap<>();

  /** An empty function. */
  public Assembler(Isa isa) {
    super(isa);
  }

  /** The bytes of the function: code, then its constants. To lie at a multiple of 64. */
  public byte[] finish() {
    if (!constants.isEmpty()) {
      align(isa().bytes());
    }
    for (java.util.Map.Entry<Integer, Label> c : constants.entrySet()) {
      bind(c.getValue());
      for (int i = 0; i < isa().lanes(); i++) {
        int32(c.getKey());
      }
    }
    return resolved();
  }

  /** Where a vector of a float constant will lie. */
  public Mem constant(float value) {
    return constantBits(Float.floatToRawIntBits(value));
  }

  /** Where a vector of a 32-bit constant will lie. */
  public Mem constantBits(int bits) {
    Label where = constants.get(bits);
    if (where == null) {
      where = label();
      constants.put(bits, where);
    }
    return Mem.of(where);
  }

  /** {@code d = op(x, y)}. */
  public void op(Op op, int d, int x, int y) {
    vector(op.map, op.prefix, plain(), op.code, d, x, y, -1);
  }

  /** {@code d = op(x, m)}. */
  public void op(Op op, int d, int x, Mem m) {
    vector(op.map, op.prefix, plain(), op.code, d, x, m, isa().bytes(), -1);
  }

  /** {@code d = op(x, the float at m in all lanes)}; AVX-512 alone. */
  public void opBroadcast(Op op, int d, int x, Mem m) {
    vector(op.map, op.prefix, new Form(0, 2, 0, false, true), op.code, d, x, m, Float.BYTES, -1);
  }

  /** {@code d = s}. */
  public void move(int d, int s) {
    vector(Map.M0F, Prefix.NONE, plain(), 0x28, d, 0, s, -1);
  }

  /** {@code d = 0}. */
  public void zero(int d) {
    op(Op.XOR, d, d, d);
  }

  /** {@code d = m}, any alignment. */
  public void load(int d, Mem m) {
    vector(Map.M0F, Prefix.NONE, plain(), 0x10, d, 0, m, isa().bytes(), -1);
  }

  /** {@code m = s}, any alignment. */
  public void store(Mem m, int s) {
    vector(Map.M0F, Prefix.NONE, plain(), 0x11, s, 0, m, isa().bytes(), -1);
  }

  /**
   * The lanes of the mask from m, zeros in the others; memory of the others is not touched. Mask 0
   * is for all lanes, here and in {@link #store(Mem, int, int)}.
   */
  public void load(int d, Mem m, int mask) {
    if (mask == 0) {
      load(d, m);
    } else if (evex()) {
      vector(Map.M0F, Prefix.NONE, masked(mask, true), 0x10, d, 0, m, isa().bytes(), -1);
    } else {
      vector(Map.M0F38, Prefix.P66, plain(), 0x2C, d, mask, m, 1, -1);
    }
  }

  /** Stores the lanes of the mask; memory of the others is not touched. */
  public void store(Mem m, int s, int mask) {
    if (mask == 0) {
      store(m, s);
    } else if (evex()) {
      vector(Map.M0F, Prefix.NONE, masked(mask, false), 0x11, s, 0, m, isa().bytes(), -1);
    } else {
      vector(Map.M0F38, Prefix.P66, plain(), 0x2E, s, mask, m, 1, -1);
    }
  }

  /** The same, where x compares to y. */
  public void where(Compare compare, int x, int y, int d, int s, int temporary) {
    int mask = evex() ? MASK_OF_WHERE : temporary;
    vector(Map.M0F, Prefix.NONE, plain(), 0xC2, mask, x, y, compare.code);
    merge(d, s, mask);
  }

  /** {@code d = s} in the lanes of the mask; d elsewhere. */
  public void merge(int d, int s, int mask) {
    if (evex()) {
      vector(Map.M0F, Prefix.NONE, masked(mask, false), 0x28, d, 0, s, -1);
    } else {
      vector(Map.M0F3A, Prefix.P66, plain(), 0x4A, d, d, s, mask << 4); // vblendvps
    }
  }

  /** All lanes of d become the float at m. */
  public void broadcast(int d, Mem m) {
    vector(Map.M0F38, Prefix.P66, plain(), 0x18, d, 0, m, Float.BYTES, -1);
  }

  /** All lanes of d become the first one of s. */
  public void broadcast(int d, int s) {
    vector(Map.M0F38, Prefix.P66, plain(), 0x18, d, 0, s, -1);
  }

  /** Mask register = the lower 16 bits of r; AVX-512 alone. */
  public void maskFrom(int mask, Gpr r) {
    bytes(0xC4, 0xC1 | (r.high() ^ 1) << 5, 0x78, 0x92); // kmovw
    registers(mask, r.low());
  }

  /** {@code d} = the low or high pairs of floats of x and y in turn, in each 128 bits. */
  public void unpackPairs(boolean high, int d, int x, int y) {
    vector(Map.M0F, Prefix.P66, wide(), high ? 0x15 : 0x14, d, x, y, -1);
  }

  /**
   * {@code d} = 128-bit blocks of x, then of y. AVX-512: two of each, by four two-bit numbers;
   * AVX2: one for each half, by two four-bit numbers over both operands.
   */
  public void blocks(int d, int x, int y, int choice) {
    vector(Map.M0F3A, Prefix.P66, plain(), evex() ? 0x23 : 0x06, d, x, y, choice);
  }

  /** Shifts the 32-bit integers of x left. */
  public void shiftLeft(int d, int x, int bits) {
    shift(6, d, x, bits);
  }

  /** Shifts the 32-bit integers of x right, copying the sign. */
  public void shiftRight(int d, int x, int bits) {
    shift(4, d, x, bits);
  }

  private void shift(int direction, int d, int x, int bits) {
    vector(Map.M0F, Prefix.P66, plain(), 0x72, direction, d, x, bits); // d stands in vvvv
  }

  /** {@code d = x · 2^floor(y)}, rounded once; AVX-512 alone. */
  public void scale(int d, int x, int y) {
    vector(Map.M0F38, Prefix.P66, plain(), 0x2C, d, x, y, -1);
  }

  /** {@code d = √x}. */
  public void sqrt(int d, int x) {
    vector(Map.M0F, Prefix.NONE, plain(), 0x51, d, 0, x, -1);
  }

  /**
   * {@code d = s} in the lanes where x compares to m; d elsewhere.
   *
   * @param temporary a vector register that is overwritten with AVX2; AVX-512 uses mask 7
   */
  public void where(Compare compare, int x, Mem m, int d, int s, int temporary) {
    int mask = evex() ? MASK_OF_WHERE : temporary;
    vector(Map.M0F, Prefix.NONE, plain(), 0xC2, mask, x, m, isa().bytes(), compare.code);
    merge(d, s, mask);
  }
}
