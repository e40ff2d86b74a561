package io.weft.training;

import io.weft.error.ConfigException;
import io.weft.format.ModelFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.IllegalFormatException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Saves the model after each epoch or every so many batches, or only when a figure has improved.
 * The path may hold {@code {epoch}}, {@code {batch}} and names of figures in braces, with Python's
 * formats such as {@code {epoch:02d}} and {@code {val_loss:.2f}}; epochs and batches count from 1
 * there. Folders are made. The ending decides on the format.
 */
public final class ModelCheckpoint extends MonitorCallback {
  private static final Pattern FIELD = Pattern.compile("\\{(\\w+)(?::([^}]*))?\\}");

  private final String path;
  private final boolean bestOnly;
  private final boolean everyEpoch;
  private final boolean verbose;
  private final BatchCounter counter;
  private Double best;
  private int epoch;

  /** Saves after each epoch. */
  public ModelCheckpoint(String path) {
    this(path, "val_loss", false, "auto", null, null, false);
  }

  /** Saves after each epoch in which a figure has improved. */
  public ModelCheckpoint(String path, String monitor) {
    this(path, monitor, true, "auto", null, null, false);
  }

  /**
   * All of Keras' arguments; whether weights alone are saved follows from the path.
   *
   * @param path ends with {@code .keras}, {@code .h5} or {@code .weights.h5}
   * @param bestOnly saves only when {@code monitor} has improved
   * @param saveFreq after how many batches to save; null after each epoch
   * @param initialThreshold what the first figure has to beat; null for nothing
   */
  public ModelCheckpoint(
      String path,
      String monitor,
      boolean bestOnly,
      String mode,
      Integer saveFreq,
      Double initialThreshold,
      boolean verbose) {
    super(monitor, mode, 0);
    if (!path.endsWith(".keras") && !path.endsWith(".h5")) {
      throw new ConfigException(
          "ModelCheckpoint: the path must end with .keras, .h5 or .weights.h5. Received: " + path);
    }
    if (saveFreq != null && saveFreq < 1) {
      throw new ConfigException(
          "ModelCheckpoint: save_freq must be a positive integer. Received: " + saveFreq);
    }
    this.path = path;
    this.bestOnly = bestOnly;
    this.everyEpoch = saveFreq == null;
    this.counter = new BatchCounter(saveFreq);
    this.best = initialThreshold;
    this.verbose = verbose;
  }

  @Override
  public void onEpochBegin(int number, int epochs, int steps) {
    epoch = number;
  }

  @Override
  public void onTrainBatchEnd(int batch, Logs logs) {
    if (counter.isDue(batch)) {
      save(batch, logs);
    }
  }

  @Override
  public void onEpochEnd(int number, Logs logs) {
    if (everyEpoch) {
      save(-1, logs);
    }
  }

  private void save(int batch, Logs logs) {
    Path file = Path.of(filled(batch, logs));
    // without the figure there is nothing to compare: saved, as Keras does
    if (bestOnly && logs.has(monitor())) {
      double now = logs.get(monitor());
      String old = best == null ? "None" : text("%.5f", best);
      if (!improves(now, best)) {
        say(monitor() + " did not improve from " + old);
        return;
      }
      say(
          monitor()
              + " improved from "
              + old
              + text(" to %.5f, ", now)
              + "saving model to "
              + file);
      best = now;
    } else {
      say("saving model to " + file);
    }
    try {
      if (file.getParent() != null) {
        Files.createDirectories(file.getParent());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    ModelFiles.write(file, trainer().layer());
    say("finished saving model to " + file);
  }

  private void say(String text) {
    if (verbose) {
      System.out.println();
      System.out.println("Epoch " + (epoch + 1) + ": " + text);
    }
  }

  private static String text(String format, Object value) {
    return String.format(Locale.ROOT, format, value);
  }

  private String filled(int batch, Logs logs) {
    Matcher m = FIELD.matcher(path);
    StringBuilder s = new StringBuilder();
    while (m.find()) {
      String name = m.group(1);
      Object value;
      if (name.equals("epoch")) {
        value = epoch + 1;
      } else if (name.equals("batch") && batch >= 0) {
        value = batch + 1;
      } else if (logs.has(name)) {
        value = logs.get(name);
      } else {
        throw new ConfigException(
            "ModelCheckpoint: '"
                + path
                + "': expected one of "
                + logs.names()
                + ". Received: "
                + name);
      }
      String format = m.group(2) == null ? "" : m.group(2);
      try {
        String filled = format.isEmpty() ? String.valueOf(value) : text("%" + format, value);
        m.appendReplacement(s, Matcher.quoteReplacement(filled));
      } catch (IllegalFormatException e) {
        throw new ConfigException("ModelCheckpoint: unknown format '" + format + "' in " + path, e);
      }
    }
    return m.appendTail(s).toString();
  }
}
