package io.weft.training;

import java.nio.file.Path;
import java.util.function.Consumer;

/**
 * Saves the model after each epoch, or only when a figure has improved. The path may hold {@code
 * {epoch}} and names of figures in braces, with Python's formats such as {@code {epoch:02d}} and
 * {@code {val_loss:.2f}}.
 */
public final class ModelCheckpoint extends MonitorCallback {
  private final String path;
  private final boolean bestOnly;
  private final Consumer<Path> saver;
  private Double best;

  /**
   * A checkpoint.
   *
   * @param path where to save; its ending decides on the format
   * @param saver saves the model, such as {@code model::save} or {@code model::saveWeights}
   */
  public ModelCheckpoint(
      String path, String monitor, String mode, boolean bestOnly, Consumer<Path> saver) {
    super(monitor, mode, 0);
    this.path = path;
    this.bestOnly = bestOnly;
    this.saver = saver;
  }

  @Override
  public void onEpochEnd(int epoch, Logs logs) {
    if (bestOnly && logs.has(monitor())) {
      double now = logs.get(monitor());
      if (!improves(now, best)) {
        return;
      }
      best = now;
    }
    saver.accept(Path.of(filled(epoch + 1, logs)));
  }

  private String filled(int epoch, Logs logs) {
    java.util.regex.Matcher m =
        java.util.regex.Pattern.compile("\\{(\\w+)(?::([^}]*))?\\}").matcher(path);
    StringBuilder s = new StringBuilder();
    while (m.find()) {
      String format = m.group(2) == null ? "" : m.group(2);
      String text;
      if (m.group(1).equals("epoch")) {
        text =
            format.isEmpty()
                ? "" + epoch
                : String.format(java.util.Locale.ROOT, "%" + format, epoch);
      } else {
        double v = logs.get(m.group(1));
        text = format.isEmpty() ? "" + v : String.format(java.util.Locale.ROOT, "%" + format, v);
      }
      m.appendReplacement(s, java.util.regex.Matcher.quoteReplacement(text));
    }
    return m.appendTail(s).toString();
  }
}
