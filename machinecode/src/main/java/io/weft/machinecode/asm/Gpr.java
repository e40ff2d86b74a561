package io.weft.machinecode.asm;

/** General registers, in the order of their numbers in instructions. */
public enum Gpr {
  RAX,
  RCX,
  RDX,
  RBX,
  RSP,
  RBP,
  RSI,
  RDI,
  R8,
  R9,
  R10,
  R11,
  R12,
  R13,
  R14,
  R15;

  /** The lower three bits of the number. */
  int low() {
    return ordinal() & 7;
  }

  /** The fourth bit of the number, which stands in a prefix. */
  int high() {
    return ordinal() >> 3;
  }
}
