package io.weft.machinecode.asm;

/** Instructions on general registers, 64 bits wide, jumps, and what tells about the CPU. */
abstract class IntegerAssembler extends Encoder {
  private static final int[][] NOPS = {
    {},
    {0x90},
    {0x66, 0x90},
    {0x0F, 0x1F, 0x00},
    {0x0F, 0x1F, 0x40, 0x00},
    {0x0F, 0x1F, 0x44, 0x00, 0x00},
    {0x66, 0x0F, 0x1F, 0x44, 0x00, 0x00},
    {0x0F, 0x1F, 0x80, 0x00, 0x00, 0x00, 0x00},
    {0x0F, 0x1F, 0x84, 0x00, 0x00, 0x00, 0x00, 0x00}
  };

  IntegerAssembler(Isa isa) {
    super(isa);
  }

  /** Fills up to a multiple of {@code bytes} with instructions that do nothing. */
  public void align(int bytes) {
    int left = -size() & bytes - 1;
    while (left > 0) {
      int n = Math.min(left, NOPS.length - 1);
      bytes(NOPS[n]);
      left -= n;
    }
  }

  private void integer(int opcode, int register, Gpr other) {
    rex(true, register, null, other);
    bytes(opcode);
    registers(register, other.ordinal());
  }

  private void integer(int opcode, Gpr register, Mem m) {
    rex(true, register.ordinal(), m.index(), m.base());
    bytes(opcode);
    memory(register.ordinal(), m, 1, 0);
  }

  private void immediate(int operation, Gpr d, int value) {
    boolean small = value >= -128 && value <= 127;
    integer(small ? 0x83 : 0x81, operation, d);
    if (small) {
      bytes(value);
    } else {
      int32(value);
    }
  }

  /** {@code d = s}. */
  public void mov(Gpr d, Gpr s) {
    integer(0x89, s.ordinal(), d);
  }

  /** {@code d = m}. */
  public void mov(Gpr d, Mem m) {
    integer(0x8B, d, m);
  }

  /** {@code m = s}. */
  public void mov(Mem m, Gpr s) {
    integer(0x89, s, m);
  }

  /** {@code d = value}, not negative. */
  public void mov(Gpr d, int value) {
    rex(false, 0, null, d);
    bytes(0xB8 | d.low());
    int32(value);
  }

  /** {@code d} = the address of m. */
  public void lea(Gpr d, Mem m) {
    integer(0x8D, d, m);
  }

  /** {@code d += s}. */
  public void add(Gpr d, Gpr s) {
    integer(0x01, s.ordinal(), d);
  }

  /** {@code d += m}. */
  public void add(Gpr d, Mem m) {
    integer(0x03, d, m);
  }

  /** {@code d += value}. */
  public void add(Gpr d, int value) {
    immediate(0, d, value);
  }

  /** {@code d -= s}. */
  public void sub(Gpr d, Gpr s) {
    integer(0x29, s.ordinal(), d);
  }

  /** {@code d -= value}. */
  public void sub(Gpr d, int value) {
    immediate(5, d, value);
  }

  /** Compares d with a value. */
  public void cmp(Gpr d, int value) {
    immediate(7, d, value);
  }

  /** Compares d with m. */
  public void cmp(Gpr d, Mem m) {
    integer(0x3B, d, m);
  }

  /** {@code d = s · value}. */
  public void imul(Gpr d, Gpr s, int value) {
    integer(0x69, d.ordinal(), s);
    int32(value);
  }

  /** {@code d <<= bits}. */
  public void shl(Gpr d, int bits) {
    integer(0xC1, 4, d);
    bytes(bits);
  }

  /** Compares {@code d & value} with 0. */
  public void test(Gpr d, int value) {
    integer(0xF7, 0, d);
    int32(value);
  }

  /** Saves registers. */
  public void push(Gpr... registers) {
    for (Gpr r : registers) {
      rex(false, 0, null, r);
      bytes(0x50 | r.low());
    }
  }

  /** Restores what {@link #push} saved, given in the same order. */
  public void pop(Gpr... registers) {
    for (int i = registers.length - 1; i >= 0; i--) {
      rex(false, 0, null, registers[i]);
      bytes(0x58 | registers[i].low());
    }
  }

  /** Jumps if the condition holds. */
  public void jump(Condition condition, Label to) {
    bytes(0x0F, 0x80 | condition.code);
    distance(to, 0);
  }

  /** Jumps. */
  public void jump(Label to) {
    bytes(0xE9);
    distance(to, 0);
  }

  /** Jumps to the address in r. */
  public void jump(Gpr r) {
    rex(false, 0, null, r);
    bytes(0xFF);
    registers(4, r.ordinal());
  }

  /** Brings a line into the first cache. */
  public void prefetch(Mem m) {
    rex(false, 0, m.index(), m.base());
    bytes(0x0F, 0x18);
    memory(1, m, 1, 0);
  }

  /** Returns. */
  public void ret() {
    bytes(0xC3);
  }

  /** Returns from a function that used vectors. */
  public void leave() {
    bytes(0xC5, 0xF8, 0x77); // vzeroupper
    ret();
  }

  /** EAX … EDX = what the CPU tells of leaf EAX, subleaf ECX. */
  public void cpuid() {
    bytes(0x0F, 0xA2);
  }

  /** EDX:EAX = which states the system saves, for ECX = 0. */
  public void xgetbv() {
    bytes(0x0F, 0x01, 0xD0);
  }
}
