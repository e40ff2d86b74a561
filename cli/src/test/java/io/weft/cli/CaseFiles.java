package io.weft.cli;

import io.weft.serialization.npz.Npy;
import io.weft.tensor.HostArray;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Writes case files: arrays and {@code case.json}. */
final class CaseFiles {
  private CaseFiles() {}

  static Path write(Path file, String json, Map<String, HostArray> arrays) {
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
      zip.putNextEntry(new ZipEntry("case.json"));
      zip.write(json.getBytes(StandardCharsets.UTF_8));
      for (Map.Entry<String, HostArray> e : arrays.entrySet()) {
        zip.putNextEntry(new ZipEntry(e.getKey() + ".npy"));
        Npy.write(e.getValue(), zip);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return file;
  }
}
