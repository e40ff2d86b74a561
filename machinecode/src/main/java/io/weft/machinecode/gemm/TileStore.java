package io.weft.machinecode.gemm;

import static io.weft.machinecode.asm.Condition.EQUAL;
import static io.weft.machinecode.memory.Frame.slot;

import io.weft.machinecode.asm.Assembler;
import io.weft.machinecode.asm.Gpr;
import io.weft.machinecode.asm.Isa;
import io.weft.machinecode.asm.Label;
import io.weft.machinecode.asm.Mem;
import io.weft.machinecode.asm.Op;

/**
 * The end of a tile of {@link ProductCode}: the old C, the bias, factor and shift, the bounds, each
 * if the frame's {@code STEPS} name it, and the store, under masks where the panel is partial.
 *
 * <pre>
 * v0 …         the sums, one or two for each row
 * then as many masks of a partial panel (AVX2); k1, k2 with AVX-512
 * then as many what is added
 * </pre>
 */
final class TileStore {
  /** The most vectors in a row of a tile. */
  static final int MOST_VECTORS = 2;

  /** Number of the first mask register. */
  static final int FIRST_MASK = 1;

  private final Assembler a;
  private final int rows;
  private final int vectors;
  private final int bytes;
  private final int firstB;
  private final int firstX;
  private final Gpr running;
  private final Gpr row;

  /**
   * For tiles of {@code rows} rows and {@code vectors} vectors.
   *
   * @param running a register that may be overwritten
   * @param row the register that holds the distance of the rows of C
   */
  TileStore(Assembler a, int rows, int vectors, Gpr running, Gpr row) {
    this.a = a;
    this.rows = rows;
    this.vectors = vectors;
    this.bytes = a.isa().bytes();
    this.firstB = vectors * rows;
    this.firstX = firstB + vectors;
    this.running = running;
    this.row = row;
  }

  /** With AVX-512, the masks of the panel; that there are {@code panels} to go tells which. */
  void masks(Gpr panels) {
    if (a.isa() != Isa.AVX512) {
      return; // its masked stores are slow: only partial panels have masks
    }
    Label last = a.label();
    Label done = a.label();
    a.cmp(panels, slot(Slot.PARTIAL));
    a.jump(EQUAL, last);
    a.mov(running, 0xFFFF);
    for (int j = 0; j < vectors; j++) {
      a.maskFrom(FIRST_MASK + j, running);
    }
    a.jump(done);
    a.bind(last);
    for (int j = 0; j < vectors; j++) {
      a.mov(running, slot(Slot.MASKS + j));
      a.maskFrom(FIRST_MASK + j, running);
    }
    a.bind(done);
  }

  /** The steps after the sums, and the store. */
  void steps(Gpr panels) {
    if (a.isa() == Isa.AVX512) {
      write(FIRST_MASK);
      return;
    }
    Label partial = a.label();
    Label done = a.label();
    a.cmp(panels, slot(Slot.PARTIAL));
    a.jump(EQUAL, partial);
    write(-1);
    a.jump(done);
    a.bind(partial);
    for (int j = 0; j < vectors; j++) {
      a.mov(running, slot(Slot.MASKS + j));
      a.load(firstB + j, Mem.at(running));
    }
    write(firstB);
    a.bind(done);
  }

  /**
   * Adds what is asked for and stores.
   *
   * @param masks number of the first of two masks, or −1 for none
   */
  private void write(int masks) {
    Label plain = skipUnless(Slot.ADD_C);
    a.mov(running, slot(Slot.PANEL_C));
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < vectors; j++) {
        load(firstX + j, Mem.at(running, j * bytes), masks + j, masks < 0);
        a.op(Op.ADD, vectors * i + j, vectors * i + j, firstX + j);
      }
      a.add(running, row);
    }
    a.bind(plain);
    Label unbiased = skipUnless(Slot.ADD_BIAS);
    a.mov(running, slot(Slot.PANEL_BIAS));
    columns(Op.ADD, masks);
    a.bind(unbiased);
    Label unscaled = skipUnless(Slot.SCALE);
    a.mov(running, slot(Slot.PANEL_BIAS));
    a.add(running, slot(Slot.PARAMETERS));
    columns(Op.MULTIPLY, masks);
    a.add(running, slot(Slot.PARAMETERS));
    columns(Op.ADD, masks);
    a.bind(unscaled);
    Label signed = skipUnless(Slot.RELU);
    a.zero(firstX);
    each(Op.MAX);
    a.bind(signed);
    Label unbounded = skipUnless(Slot.BOUND);
    a.broadcast(firstX, slot(Slot.MOST));
    each(Op.MIN);
    a.bind(unbounded);
    a.mov(running, slot(Slot.PANEL_C));
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < vectors; j++) {
        if (masks < 0) {
          a.store(Mem.at(running, j * bytes), vectors * i + j);
        } else {
          a.store(Mem.at(running, j * bytes), vectors * i + j, masks + j);
        }
      }
      a.add(running, row);
    }
  }

  /** {@code sum = op(firstX, sum)}, so that a NaN stays. */
  private void each(Op op) {
    for (int i = 0; i < vectors * rows; i++) {
      a.op(op, i, firstX, i);
    }
  }

  private void load(int d, Mem m, int mask, boolean whole) {
    if (whole) {
      a.load(d, m);
    } else {
      a.load(d, m, mask);
    }
  }

  /** {@code sum = op(sum, what belongs to its column)}, which lies where {@code running} points. */
  private void columns(Op op, int masks) {
    for (int j = 0; j < vectors; j++) {
      load(firstX + j, Mem.at(running, j * bytes), masks + j, masks < 0);
      for (int i = 0; i < rows; i++) {
        a.op(op, vectors * i + j, vectors * i + j, firstX + j);
      }
    }
  }

  /** A label, to be bound, to which the code jumps unless {@code bit} is among the steps. */
  private Label skipUnless(int bit) {
    Label without = a.label();
    a.mov(running, slot(Slot.STEPS));
    a.test(running, bit);
    a.jump(EQUAL, without);
    return without;
  }
}
