package io.weft.machinecode.asm;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Bytes, labels and the parts of which instructions consist: prefixes, ModRM, SIB, displacement.
 */
abstract class Encoder {
  private static final int MASKED = 7;

  private final Isa isa;
  private final List<Fixup> fixups = new ArrayList<>();
  private byte[] code = new byte[2048];
  private int size;

  /** Four bytes at {@code at} hold the distance from {@code end} to the label. */
  private record Fixup(int at, int end, Label label) {}

  Encoder(Isa isa) {
    this.isa = isa;
  }

  /** The vectors that this assembles for. */
  public final Isa isa() {
    return isa;
  }

  final boolean evex() {
    return isa == Isa.AVX512;
  }

  final int size() {
    return size;
  }

  final void bytes(int... values) {
    for (int b : values) {
      if (size == code.length) {
        code = Arrays.copyOf(code, 2 * size);
      }
      code[size++] = (byte) b;
    }
  }

  final void int32(int v) {
    bytes(v, v >> 8, v >> 16, v >> 24);
  }

  /** A place to be bound later. */
  public final Label label() {
    return new Label();
  }

  /** The label is here. */
  public final void bind(Label label) {
    if (label.position >= 0) {
      throw new IllegalStateException("Assembler: a label was bound twice.");
    }
    label.position = size;
  }

  /** A label that is here. */
  public final Label here() {
    Label l = label();
    bind(l);
    return l;
  }

  /** Four bytes that hold the distance to the label from {@code after} bytes behind them. */
  final void distance(Label label, int after) {
    fixups.add(new Fixup(size, size + 4 + after, label));
    int32(0);
  }

  /** The code, all labels resolved. */
  final byte[] resolved() {
    for (Fixup f : fixups) {
      if (f.label.position < 0) {
        throw new IllegalStateException("Assembler: a label was used and never bound.");
      }
      int d = f.label.position - f.end;
      for (int i = 0; i < 4; i++) {
        code[f.at + i] = (byte) (d >> 8 * i);
      }
    }
    return Arrays.copyOf(code, size);
  }

  /** REX prefix; 64-bit operands when {@code wide}. */
  final void rex(boolean wide, int register, Gpr index, Gpr base) {
    int b =
        (wide ? 8 : 0)
            | (register >> 3 & 1) << 2
            | (index == null ? 0 : index.high()) << 1
            | (base == null ? 0 : base.high());
    if (b != 0) {
      bytes(0x40 | b);
    }
  }

  /** ModRM of two registers. */
  final void registers(int register, int other) {
    bytes(0xC0 | (register & 7) << 3 | other & 7);
  }

  /**
   * ModRM, SIB and displacement of a memory operand.
   *
   * @param unit what a displacement of one byte counts (EVEX: the size of the operand; else 1)
   * @param immediate bytes of the instruction that follow
   */
  final void memory(int register, Mem m, int unit, int immediate) {
    int reg = (register & 7) << 3;
    if (m.label() != null) {
      bytes(reg | 5); // relative to the next instruction
      distance(m.label(), immediate);
      return;
    }
    int d = m.displacement();
    boolean small = d % unit == 0 && d / unit >= -128 && d / unit <= 127;
    int mode = d == 0 && m.base().low() != 5 ? 0 : small ? 1 : 2;
    if (m.index() == null && m.base().low() != 4) {
      bytes(mode << 6 | reg | m.base().low());
    } else {
      int index = m.index() == null ? 4 : m.index().low();
      bytes(mode << 6 | reg | 4);
      bytes(Integer.numberOfTrailingZeros(m.scale()) << 6 | index << 3 | m.base().low());
    }
    if (mode == 1) {
      bytes(d / unit);
    } else if (mode == 2) {
      int32(d);
    }
  }

  /** Masks and widths of one vector instruction; most have none. */
  record Form(int wide, int length, int mask, boolean zeroing, boolean broadcast) {
    Form {
      if (mask < 0 || mask > MASKED) {
        throw new IllegalArgumentException("Assembler: there is no mask register " + mask + ".");
      }
    }
  }

  /** Whole vectors, no mask. */
  final Form plain() {
    return new Form(0, evex() ? 2 : 1, 0, false, false);
  }

  /** Whole vectors under a mask register. */
  final Form masked(int mask, boolean zeroing) {
    return new Form(0, evex() ? 2 : 1, mask, zeroing, false);
  }

  /** Whole vectors of 64-bit elements. */
  final Form wide() {
    return new Form(1, evex() ? 2 : 1, 0, false, false);
  }

  /** VEX or EVEX instruction on registers; {@code immediate} is a byte, or −1 for none. */
  final void vector(
      Op.Map map, Op.Prefix prefix, Form f, int opcode, int d, int x, int y, int immediate) {
    check(d, x, y);
    prefix(map, prefix, f, d, x, y >> 4 & 1, y >> 3 & 1);
    bytes(opcode);
    registers(d, y);
    if (immediate >= 0) {
      bytes(immediate);
    }
  }

  /** VEX or EVEX instruction with a memory operand of {@code unit} bytes. */
  final void vector(
      Op.Map map,
      Op.Prefix prefix,
      Form f,
      int opcode,
      int d,
      int x,
      Mem m,
      int unit,
      int immediate) {
    check(d, x, 0);
    prefix(
        map,
        prefix,
        f,
        d,
        x,
        m.index() == null ? 0 : m.index().high(),
        m.base() == null ? 0 : m.base().high());
    bytes(opcode);
    memory(d, m, evex() ? unit : 1, immediate >= 0 ? 1 : 0);
    if (immediate >= 0) {
      bytes(immediate);
    }
  }

  private void check(int d, int x, int y) {
    int n = isa.registers();
    if (d < 0 || d >= n || x < 0 || x >= n || y < 0 || y >= n) {
      throw new IllegalArgumentException(
          "Assembler: " + isa + " has no register " + Math.max(d, Math.max(x, y)) + ".");
    }
  }

  /** X and B extend the index and the base, or are bits 4 and 3 of a register operand. */
  private void prefix(Op.Map map, Op.Prefix prefix, Form f, int d, int v, int x, int b) {
    if (evex()) {
      bytes(0x62);
      bytes((~d >> 3 & 1) << 7 | (x ^ 1) << 6 | (b ^ 1) << 5 | (~d >> 4 & 1) << 4 | map.ordinal());
      bytes(f.wide << 7 | (~v & 15) << 3 | 4 | prefix.ordinal());
      int z = f.zeroing ? 0x80 : 0;
      bytes(z | f.length << 5 | (f.broadcast ? 0x10 : 0) | (~v >> 4 & 1) << 3 | f.mask);
      return;
    }
    if (f.mask != 0 || f.broadcast || f.length > 1) {
      throw new IllegalArgumentException("Assembler: AVX2 has no mask registers.");
    }
    bytes(0xC4);
    bytes((~d >> 3 & 1) << 7 | (x ^ 1) << 6 | (b ^ 1) << 5 | map.ordinal());
    bytes(f.wide << 7 | (~v & 15) << 3 | f.length << 2 | prefix.ordinal());
  }
}
