package io.weft.machinecode.asm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Random instructions against an independent disassembler. */
class AssemblerTest {
  private static final int COUNT = 8000;

  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource(Isa.class)
  void objdumpReadsWhatWasMeant(Isa isa) throws Exception {
    Path objdump = Path.of("/usr/bin/objdump");
    assumeTrue(
        Files.isExecutable(objdump), "no " + objdump + " (binutils): encodings not compared");
    Assembler a = new Assembler(isa);
    RandomInstructions random = new RandomInstructions(a, new Random(11));
    for (int i = 0; i < COUNT; i++) {
      random.next();
    }
    List<String> read = disassemble(objdump, a.finish());
    List<String> meant = random.text();
    for (int i = 0; i < meant.size(); i++) {
      assertThat(read.get(i)).as("instruction %d", i).isEqualTo(meant.get(i));
    }
  }

  private List<String> disassemble(Path objdump, byte[] code)
      throws IOException, InterruptedException {
    Path file = folder.resolve("code.bin");
    Files.write(file, code);
    Process p =
        new ProcessBuilder(
                objdump.toString(),
                "-D",
                "-b",
                "binary",
                "-m",
                "i386:x86-64",
                "-M",
                "intel",
                "--no-show-raw-insn",
                file.toString())
            .start();
    String out = new String(p.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(p.waitFor()).isZero();
    return out.lines()
        .filter(l -> l.contains(":\t"))
        .map(l -> normal(l.substring(l.indexOf(":\t") + 2)))
        .toList();
  }

  /** Without comments and the spaces and names that differ between versions of objdump. */
  private static String normal(String line) {
    return line.replaceAll("\\s*#.*", "")
        .replaceAll("\\s+", " ")
        .strip()
        .replace("{evex} ", "")
        .replaceAll("DWORD PTR (\\[[^]]*])\\{1to16}", "DWORD BCST $1")
        .replace("+0x0]", "]");
  }

  @Test
  void jumpsForwardAndBackAreResolved() {
    Assembler a = new Assembler(Isa.AVX2);
    Label end = a.label();
    Label start = a.here();
    a.jump(Condition.EQUAL, end);
    a.jump(start);
    a.bind(end);
    assertThat(a.finish()).containsExactly(0x0F, 0x84, 5, 0, 0, 0, 0xE9, 0xF5, 0xFF, 0xFF, 0xFF);
  }

  @Test
  void constantsLieBehindTheCodeOnceAsVectors() {
    Assembler a = new Assembler(Isa.AVX2);
    a.broadcast(0, a.constant(1f));
    a.broadcast(1, a.constant(1f));
    byte[] code = a.finish();
    assertThat(code).hasSize(64);
    assertThat(code[5]).isEqualTo((byte) (32 - 9));
    assertThat(code[14]).isEqualTo((byte) (32 - 18));
    for (int i = 32; i < 64; i += 4) {
      assertThat(Arrays.copyOfRange(code, i, i + 4)).containsExactly(0, 0, 0x80, 0x3F);
    }
  }

  @Test
  void whatCannotBeEncodedIsRefused() {
    Assembler a = new Assembler(Isa.AVX2);
    assertThatIllegalArgumentException().isThrownBy(() -> a.move(16, 0));
    assertThatIllegalArgumentException().isThrownBy(() -> new Assembler(Isa.AVX512).move(0, 32));
    assertThatIllegalArgumentException().isThrownBy(() -> Mem.at(Gpr.RAX, Gpr.RSP, 1));
    assertThatIllegalArgumentException().isThrownBy(() -> Mem.at(Gpr.RAX, Gpr.RBX, 3));
    a.jump(a.label());
    assertThatIllegalStateException().isThrownBy(a::finish);
  }
}
