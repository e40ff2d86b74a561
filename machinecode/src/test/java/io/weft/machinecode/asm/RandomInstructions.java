package io.weft.machinecode.asm;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/** Assembles random instructions and notes how a disassembler should write each. */
final class RandomInstructions {
  private static final int[] DISPLACEMENTS = {
    0, 0, 4, 64, -64, 128, 8128, 8192, -8192, 12345, 1 << 20, 60, -4, 508
  };
  private final Assembler a;
  private final Random random;
  private final boolean wide;
  private final List<String> text = new ArrayList<>();

  RandomInstructions(Assembler a, Random random) {
    this.a = a;
    this.random = random;
    this.wide = a.isa() == Isa.AVX512;
  }

  List<String> text() {
    return text;
  }

  private String v(int register) {
    return (wide ? "zmm" : "ymm") + register;
  }

  private static String g(Gpr r) {
    return r.name().toLowerCase(Locale.ROOT);
  }

  private static String g32(Gpr r) {
    return r.ordinal() >= 8 ? g(r) + "d" : "e" + g(r).substring(1);
  }

  private static String hex(int n) {
    return (n < 0 ? "-0x" : "+0x") + Integer.toHexString(Math.abs(n));
  }

  private String memory(Mem m, String size) {
    return size
        + "["
        + g(m.base())
        + (m.index() == null ? "" : "+" + g(m.index()) + "*" + m.scale())
        + (m.displacement() == 0 ? "" : hex(m.displacement()))
        + "]";
  }

  private String vector(Mem m) {
    return memory(m, wide ? "ZMMWORD PTR " : "YMMWORD PTR ");
  }

  private String quad(Mem m) {
    return memory(m, "QWORD PTR ");
  }

  private Gpr register() {
    return Gpr.values()[random.nextInt(16)];
  }

  private Mem address() {
    int d = DISPLACEMENTS[random.nextInt(DISPLACEMENTS.length)];
    Gpr index = register();
    return random.nextBoolean() || index == Gpr.RSP
        ? Mem.at(register(), d)
        : Mem.at(register(), index, 1 << random.nextInt(4)).plus(d);
  }

  private void note(String instruction, String... operands) {
    text.add(operands.length == 0 ? instruction : instruction + " " + String.join(",", operands));
  }

  /** One more. */
  void next() {
    if (random.nextBoolean()) {
      integer();
    } else {
      vector();
    }
  }

  private void integer() {
    Gpr d = register();
    Gpr s = register();
    Mem m = address();
    int value = random.nextBoolean() ? 2 + random.nextInt(100) : 1000 + random.nextInt(100000);
    String hex = "0x" + Integer.toHexString(value);
    switch (random.nextInt(20)) {
      case 0 -> {
        a.mov(d, s);
        note("mov", g(d), g(s));
      }
      case 1 -> {
        a.mov(d, m);
        note("mov", g(d), quad(m));
      }
      case 2 -> {
        a.mov(m, d);
        note("mov", quad(m), g(d));
      }
      case 3 -> {
        a.mov(d, value);
        note("mov", g32(d), hex);
      }
      case 4 -> {
        a.lea(d, m);
        note("lea", g(d), memory(m, ""));
      }
      case 5 -> {
        a.add(d, s);
        note("add", g(d), g(s));
      }
      case 6 -> {
        a.add(d, m);
        note("add", g(d), quad(m));
      }
      case 7 -> {
        a.add(Gpr.RBX, value);
        note("add", "rbx", hex);
      }
      case 8 -> {
        a.sub(d, s);
        note("sub", g(d), g(s));
      }
      case 9 -> {
        a.sub(Gpr.R9, value);
        note("sub", "r9", hex);
      }
      case 10 -> {
        a.cmp(Gpr.RBP, value);
        note("cmp", "rbp", hex);
      }
      case 11 -> {
        a.cmp(d, m);
        note("cmp", g(d), quad(m));
      }
      case 12 -> {
        a.imul(d, s, value);
        note("imul", g(d), g(s), hex);
      }
      case 13 -> {
        a.shl(d, 5);
        note("shl", g(d), "0x5");
      }
      case 14 -> {
        a.test(Gpr.R12, value);
        note("test", "r12", hex);
      }
      case 15 -> {
        a.push(d);
        note("push", g(d));
      }
      case 16 -> {
        a.pop(d);
        note("pop", g(d));
      }
      case 17 -> {
        a.prefetch(m);
        note("prefetcht0", memory(m, "BYTE PTR "));
      }
      case 18 -> {
        a.jump(d);
        note("jmp", g(d));
      }
      default -> {
        a.leave();
        note("vzeroupper");
        note("ret");
      }
    }
  }

  private void vector() {
    int registers = a.isa().registers();
    int d = random.nextInt(registers);
    int x = random.nextInt(registers);
    int y = random.nextInt(registers);
    Mem m = address();
    int mask = 1 + random.nextInt(7);
    Op op = Op.values()[random.nextInt(Op.values().length)];
    switch (random.nextInt(16)) {
      case 0, 1 -> {
        a.op(op, d, x, y);
        note(name(op), v(d), v(x), v(y));
      }
      case 2, 3 -> {
        a.op(op, d, x, m);
        note(name(op), v(d), v(x), vector(m));
      }
      case 4 -> {
        a.move(d, x);
        note("vmovaps", v(d), v(x));
      }
      case 5 -> {
        a.load(d, m);
        note("vmovups", v(d), vector(m));
      }
      case 6 -> {
        a.store(m, d);
        note("vmovups", vector(m), v(d));
      }
      case 7 -> {
        if (random.nextBoolean()) {
          a.broadcast(d, x);
          note("vbroadcastss", v(d), "xmm" + x);
        } else {
          a.broadcast(d, m);
          note("vbroadcastss", v(d), memory(m, "DWORD PTR "));
        }
      }
      case 8 -> masked(d, m, mask);
      case 9 -> {
        a.shiftLeft(d, x, 23);
        note("vpslld", v(d), v(x), "0x17");
      }
      case 10 -> {
        a.shiftRight(d, x, 1);
        note("vpsrad", v(d), v(x), "0x1");
      }
      case 11 -> {
        a.sqrt(d, x);
        note("vsqrtps", v(d), v(x));
      }
      case 12 -> comparing(d, x, y, m);
      case 13 -> {
        boolean high = random.nextBoolean();
        a.unpackPairs(high, d, x, y);
        note(high ? "vunpckhpd" : "vunpcklpd", v(d), v(x), v(y));
      }
      case 14 -> {
        if (wide) {
          a.opBroadcast(op, d, x, m);
          note(name(op), v(d), v(x), memory(m, "DWORD BCST "));
        }
      }
      default -> {
        a.blocks(d, x, y, 0x31);
        note(wide ? "vshuff32x4" : "vperm2f128", v(d), v(x), v(y), "0x31");
      }
    }
  }

  private void comparing(int d, int x, int s, Mem m) {
    if (wide && random.nextBoolean()) {
      a.scale(d, x, s);
      note("vscalefps", v(d), v(x), v(s));
      return;
    }
    Compare c = Compare.values()[random.nextInt(Compare.values().length)];
    boolean registers = random.nextBoolean();
    if (registers) {
      a.where(c, x, s, d, s, 3);
    } else {
      a.where(c, x, m, d, s, 3);
    }
    String right = registers ? v(s) : vector(m);
    String name =
        switch (c) {
          case EQUAL -> "vcmpeqps";
          case LESS -> "vcmplt_oqps";
          case GREATER -> "vcmpgt_oqps";
          case GREATER_OR_EQUAL -> "vcmpge_oqps";
          case UNORDERED -> "vcmpunordps";
          case NOT_EQUAL -> "vcmpneqps";
        };
    if (wide) {
      note(name, "k7", v(x), right);
      note("vmovaps", v(d) + "{k7}", v(s));
    } else {
      note(name, v(3), v(x), right);
      note("vblendvps", v(d), v(d), v(s), v(3));
    }
  }

  private void masked(int d, Mem m, int mask) {
    Gpr r = register();
    switch (random.nextInt(wide ? 3 : 2)) {
      case 0 -> {
        a.load(d, m, mask);
        if (wide) {
          note("vmovups", v(d) + "{k" + mask + "}{z}", vector(m));
        } else {
          note("vmaskmovps", v(d), v(mask), vector(m));
        }
      }
      case 1 -> {
        a.store(m, d, mask);
        if (wide) {
          note("vmovups", vector(m) + "{k" + mask + "}", v(d));
        } else {
          note("vmaskmovps", vector(m), v(mask), v(d));
        }
      }
      default -> {
        a.maskFrom(mask, r);
        note("kmovw", "k" + mask, g32(r));
      }
    }
  }

  private String name(Op op) {
    return switch (op) {
      case ADD -> "vaddps";
      case MULTIPLY -> "vmulps";
      case SUBTRACT -> "vsubps";
      case MIN -> "vminps";
      case DIVIDE -> "vdivps";
      case MAX -> "vmaxps";
      case FMA_231 -> "vfmadd231ps";
      case FMA_213 -> "vfmadd213ps";
      case FNMA_231 -> "vfnmadd231ps";
      case AND -> wide ? "vpandd" : "vpand";
      case AND_NOT -> wide ? "vpandnd" : "vpandn";
      case OR -> wide ? "vpord" : "vpor";
      case XOR -> wide ? "vpxord" : "vpxor";
      case ADD_INT -> "vpaddd";
      case SUBTRACT_INT -> "vpsubd";
      case UNPACK_LOW -> "vunpcklps";
      case UNPACK_HIGH -> "vunpckhps";
    };
  }
}
