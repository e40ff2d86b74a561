package io.weft.machinecode.asm;

/** The two sets of vector instructions that kernels are written for. */
public enum Isa {
  /** 256-bit vectors, 16 registers, masks in vector registers. */
  AVX2(32, 16),
  /** 512-bit vectors, 32 registers, mask registers. */
  AVX512(64, 32);

  private final int bytes;
  private final int registers;

  Isa(int bytes, int registers) {
    this.bytes = bytes;
    this.registers = registers;
  }

  /** Bytes in a vector. */
  public int bytes() {
    return bytes;
  }

  /** Floats in a vector. */
  public int lanes() {
    return bytes / Float.BYTES;
  }

  /** Number of vector registers. */
  public int registers() {
    return registers;
  }
}
