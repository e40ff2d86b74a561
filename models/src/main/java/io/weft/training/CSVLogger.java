package io.weft.training;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;

/** Writes one line of figures an epoch to a file; the columns are those of the first epoch. */
public final class CSVLogger extends Callback {
  private final Path file;
  private final String separator;
  private final boolean append;
  private List<String> keys;

  /** Writes a new file with commas. */
  public CSVLogger(Path file) {
    this(file, ",", false);
  }

  /** Writes a file anew, or goes on with one. */
  public CSVLogger(Path file, String separator, boolean append) {
    this.file = file;
    this.separator = separator;
    this.append = append;
  }

  @Override
  public void onTrainBegin() {
    keys = null;
    try {
      if (!append || !Files.exists(file)) {
        Files.writeString(file, "");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void onEpochEnd(int epoch, Logs logs) {
    try {
      StringBuilder lines = new StringBuilder();
      if (keys == null) {
        keys = columns(logs);
        if (Files.size(file) == 0) {
          lines.append("epoch");
          keys.forEach(k -> lines.append(separator).append(k));
          lines.append("\r\n");
        }
      }
      lines.append(epoch);
      keys.forEach(k -> lines.append(separator).append(text(logs.vector(k))));
      Files.writeString(file, lines.append("\r\n"), StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Where the first epoch has no validation, columns for later ones are kept free. */
  private static List<String> columns(Logs logs) {
    List<String> all = new ArrayList<>(new TreeSet<>(logs.names()));
    if (all.stream().noneMatch(k -> k.startsWith("val_"))) {
      List.copyOf(all).forEach(k -> all.add("val_" + k));
    }
    return all;
  }

  private String text(double[] v) {
    if (v == null) {
      return "NA";
    }
    return v.length == 1 ? String.valueOf(v[0]) : "\"\"\"" + Arrays.toString(v) + "\"\"\"";
  }
}
