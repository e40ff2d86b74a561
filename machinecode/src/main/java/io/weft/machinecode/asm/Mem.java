package io.weft.machinecode.asm;

/**
 * A memory operand: {@code base + index · scale + displacement}, or a label.
 *
 * @param index null for none; not RSP
 * @param label if not null, the address is that of the label and all else is not used
 */
public record Mem(Gpr base, Gpr index, int scale, int displacement, Label label) {
  /** Checks the parts. */
  public Mem {
    if (index == Gpr.RSP || Integer.bitCount(scale) != 1 || scale > 8) {
      throw new IllegalArgumentException("Mem: no such address: " + index + " * " + scale + ".");
    }
  }

  /** {@code [base]}. */
  public static Mem at(Gpr base) {
    return at(base, 0);
  }

  /** {@code [base + displacement]}. */
  public static Mem at(Gpr base, int displacement) {
    return new Mem(base, null, 1, displacement, null);
  }

  /** {@code [base + index · scale]}. */
  public static Mem at(Gpr base, Gpr index, int scale) {
    return new Mem(base, index, scale, 0, null);
  }

  /** What lies at a label. */
  public static Mem of(Label label) {
    return new Mem(null, null, 1, 0, label);
  }

  /** This and {@code bytes} further on. */
  public Mem plus(int bytes) {
    return new Mem(base, index, scale, displacement + bytes, label);
  }
}
