package io.weft.serialization.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFileTest {
  @TempDir Path folder;

  @Test
  void aFailedWriteLeavesTheOldFileAndNothingElse() throws IOException {
    Path file = folder.resolve("m.bin");
    AtomicFile.write(file, c -> c.write(ByteBuffer.wrap("old".getBytes())));
    for (Throwable t : new Throwable[] {new IOException("disk full"), new OutOfMemoryError("x")}) {
      assertThatThrownBy(
          () ->
              AtomicFile.write(
                  file,
                  c -> {
                    c.write(ByteBuffer.wrap("new".getBytes()));
                    assertThat(Files.readString(file)).isEqualTo("old");
                    if (t instanceof IOException e) {
                      throw e;
                    }
                    throw (Error) t;
                  }));
      assertThat(Files.readString(file)).isEqualTo("old");
      try (var list = Files.list(folder)) {
        assertThat(list).containsExactly(file);
      }
    }
    AtomicFile.write(file, c -> c.write(ByteBuffer.wrap("newer".getBytes())));
    assertThat(Files.readString(file)).isEqualTo("newer");
  }

  @Test
  void refusesAFolderAndAMissingParent() {
    assertThatThrownBy(() -> AtomicFile.write(folder, c -> {}))
        .isInstanceOf(UncheckedIOException.class);
    assertThatThrownBy(() -> AtomicFile.write(folder.resolve("no/m.bin"), c -> {}))
        .isInstanceOf(UncheckedIOException.class);
  }
}
