package io.weft.serialization.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.error.ModelFormatException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ZipTest {
  @TempDir Path folder;

  private static byte[] deflated(String name, byte[] content) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(out)) {
      zip.putNextEntry(new ZipEntry("folder/"));
      zip.putNextEntry(new ZipEntry(name));
      zip.write(content);
    }
    return out.toByteArray();
  }

  private static ZipReader zip(byte[] b) {
    return new ZipReader(ByteSource.of("m.zip", b));
  }

  @Test
  void whatIsWrittenIsReadHereAndByTheJdk() throws IOException {
    Path file = folder.resolve("m.zip");
    byte[] big = new byte[100_000];
    big[77] = 3;
    AtomicFile.write(
        file,
        c -> {
          ZipWriter w = new ZipWriter(c);
          w.add("a.json", "{}".getBytes());
          w.add(
              "ä/b",
              java.time.LocalDateTime.of(2026, 1, 2, 3, 4, 6),
              big.length,
              o -> o.write(big));
          w.finish();
        });
    byte[] all = Files.readAllBytes(file);
    assertThat(zip(all).names()).containsExactly("a.json", "ä/b");
    assertThat(zip(all).open("ä/b").bytes(0, big.length)).isEqualTo(big);
    try (ZipInputStream in = new ZipInputStream(new ByteArrayInputStream(all))) {
      assertThat(in.getNextEntry().getName()).isEqualTo("a.json");
      assertThat(in.getNextEntry().getTimeLocal()).hasToString("2026-01-02T03:04:06");
      assertThat(in.readAllBytes()).isEqualTo(big);
    }
  }

  @Test
  void refusesBombsAndNamesThatClimb() throws IOException {
    byte[] bomb = deflated("config.json", new byte[80 << 20]);
    assertThatThrownBy(() -> zip(bomb))
        .isInstanceOf(ModelFormatException.class)
        .hasMessageContaining("packed");
    for (String name : new String[] {"../x", "/x", "a/../../x", "C:\\x", "a\\..\\x"}) {
      byte[] b = deflated(name, new byte[3]);
      assertThatThrownBy(() -> zip(b))
          .isInstanceOf(ModelFormatException.class)
          .hasMessageContaining("inside the archive");
    }
  }

  @Test
  void refusesEveryTruncationAndFlippedContent() throws IOException {
    byte[] good = deflated("a", "some text, some text".getBytes());
    assertThat(zip(good).open("a").size()).isEqualTo(20);
    for (int n = 0; n < good.length; n++) {
      byte[] cut = java.util.Arrays.copyOf(good, n);
      assertThatThrownBy(() -> zip(cut)).isInstanceOf(ModelFormatException.class);
    }
    for (int i = 0; i < good.length; i++) {
      byte[] b = good.clone();
      b[i] ^= 0x11;
      try {
        ZipReader z = zip(b);
        for (String n : z.names()) {
          z.open(n);
        }
      } catch (ModelFormatException e) {
        assertThat(e).hasMessageStartingWith("m.zip");
      }
    }
  }
}
