package io.weft.machinecode.asm;

/** A place in the code, perhaps one that is still to come. Made by {@link Assembler#label}. */
public final class Label {
  /** Where it is, or −1. */
  int position = -1;

  Label() {}
}
