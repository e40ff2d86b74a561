package io.weft.serialization.io;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/**
 * Replaces a file whole or not at all: the content goes to a temporary file beside the target, is
 * forced to the disk, and takes the target's place by one rename. Whatever fails before that leaves
 * the old file as it was and no temporary one.
 */
public final class AtomicFile {
  /** Writes the content of the new file. */
  @FunctionalInterface
  public interface Content {
    void writeTo(FileChannel channel) throws IOException;
  }

  private AtomicFile() {}

  /** Writes {@code target}; its folder must exist. A symbolic link keeps pointing where it did. */
  public static void write(Path target, Content content) {
    try {
      Path real = Files.exists(target) ? target.toRealPath() : target.toAbsolutePath();
      Path folder = real.getParent();
      if (Files.isDirectory(real)) {
        throw new IOException(target + ": expected a file to write. Received: a folder");
      }
      if (folder == null || !Files.isDirectory(folder)) {
        throw new NoSuchFileException(target.toString(), null, "its folder does not exist");
      }
      Path temp = folder.resolve("." + real.getFileName() + "." + UUID.randomUUID() + ".tmp");
      boolean moved = false;
      try {
        try (FileChannel channel =
            FileChannel.open(
                temp,
                StandardOpenOption.CREATE_NEW,
                StandardOpenOption.WRITE,
                StandardOpenOption.READ)) {
          content.writeTo(channel);
          channel.force(true);
        }
        copyPermissions(real, temp);
        move(temp, real);
        moved = true;
      } finally {
        if (!moved) {
          Files.deleteIfExists(temp);
        }
      }
      forceFolder(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void move(Path from, Path to) throws IOException {
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (AtomicMoveNotSupportedException e) {
      Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  private static void copyPermissions(Path from, Path to) throws IOException {
    if (Files.exists(from) && Files.getFileStore(from).supportsFileAttributeView("posix")) {
      Files.setPosixFilePermissions(to, Files.getPosixFilePermissions(from));
    }
  }

  /** Makes the rename itself durable, where the system lets a folder be opened. */
  private static void forceFolder(Path folder) {
    try (FileChannel c = FileChannel.open(folder, StandardOpenOption.READ)) {
      c.force(true);
    } catch (IOException e) {
      // Windows cannot open folders; the file itself is on the disk already
    }
  }
}
