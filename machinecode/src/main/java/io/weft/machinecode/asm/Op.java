package io.weft.machinecode.asm;

/**
 * Vector instructions {@code d = op(x, y)} on packed floats or 32-bit integers, y a register or
 * memory: opcode map, prefix, opcode. VEX and EVEX share all three.
 */
public enum Op {
  ADD(Map.M0F, Prefix.NONE, 0x58),
  MULTIPLY(Map.M0F, Prefix.NONE, 0x59),
  SUBTRACT(Map.M0F, Prefix.NONE, 0x5C),
  /** y where either is NaN. */
  MIN(Map.M0F, Prefix.NONE, 0x5D),
  DIVIDE(Map.M0F, Prefix.NONE, 0x5E),
  /** y where either is NaN. */
  MAX(Map.M0F, Prefix.NONE, 0x5F),
  /** {@code d = x y + d}. */
  FMA_231(Map.M0F38, Prefix.P66, 0xB8),
  /** {@code d = x d + y}. */
  FMA_213(Map.M0F38, Prefix.P66, 0xA8),
  /** {@code d = d - x y}. */
  FNMA_231(Map.M0F38, Prefix.P66, 0xBC),
  /** All bits. */
  AND(Map.M0F, Prefix.P66, 0xDB),
  /** {@code ~x & y}. */
  AND_NOT(Map.M0F, Prefix.P66, 0xDF),
  OR(Map.M0F, Prefix.P66, 0xEB),
  XOR(Map.M0F, Prefix.P66, 0xEF),
  ADD_INT(Map.M0F, Prefix.P66, 0xFE),
  SUBTRACT_INT(Map.M0F, Prefix.P66, 0xFA),
  UNPACK_LOW(Map.M0F, Prefix.NONE, 0x14),
  UNPACK_HIGH(Map.M0F, Prefix.NONE, 0x15);

  final Map map;
  final Prefix prefix;
  final int code;

  Op(Map map, Prefix prefix, int code) {
    this.map = map;
    this.prefix = prefix;
    this.code = code;
  }

  /** Opcode maps, by their numbers in VEX and EVEX. */
  enum Map {
    NONE,
    M0F,
    M0F38,
    M0F3A
  }

  /** Mandatory prefixes, by their numbers in VEX and EVEX. */
  enum Prefix {
    NONE,
    P66,
    PF3,
    PF2
  }
}
