package io.weft.training;

import java.io.PrintStream;
import java.util.Locale;

/** Keras' progress bar: one line an epoch, drawn at most every 50 ms. */
public final class ProgressBar extends Callback {
  private static final int WIDTH = 20;

  private final PrintStream out;
  private final boolean redraw;
  private int epochs;
  private int steps;
  private long start;
  private long drawn;
  private int length;

  /** Draws on a stream; where that is no terminal, only the last state of each epoch. */
  public ProgressBar(PrintStream out) {
    this(out, System.console() != null);
  }

  /** Draws on a stream, over and over or once an epoch. */
  public ProgressBar(PrintStream out, boolean redraw) {
    this.out = out;
    this.redraw = redraw;
  }

  @Override
  public void onEpochBegin(int epoch, int total, int batches) {
    epochs = total;
    steps = batches;
    start = System.nanoTime();
    drawn = 0;
    length = 0;
    if (epochs > 1) {
      out.println("Epoch " + (epoch + 1) + "/" + epochs);
    }
  }

  @Override
  public void onTrainBatchEnd(int batch, Logs logs) {
    long now = System.nanoTime();
    if (redraw && now - drawn >= 50_000_000L) {
      drawn = now;
      draw(batch + 1, logs, false);
    }
  }

  @Override
  public void onEpochEnd(int epoch, Logs logs) {
    draw(steps, logs, true);
    out.println();
    out.flush();
  }

  private void draw(int done, Logs logs, boolean end) {
    double seconds = (System.nanoTime() - start) / 1e9;
    double perStep = seconds / Math.max(1, done);
    String total = String.valueOf(steps);
    int filled = (int) ((long) WIDTH * done / Math.max(1, steps));
    StringBuilder s = new StringBuilder();
    s.append(String.format("%" + total.length() + "d/%s ", done, total));
    s.append("━".repeat(filled)).append("╌".repeat(Math.max(0, WIDTH - filled)));
    s.append(' ').append(time(end ? seconds : perStep * (steps - done)));
    s.append(' ').append(perStep(perStep));
    for (String name : logs.names()) {
      double v = logs.get(name);
      s.append(" - ").append(name).append(": ");
      s.append(String.format(Locale.ROOT, Math.abs(v) > 1e-3 || v == 0 ? "%.4f" : "%.4e", v));
    }
    String line = s.toString();
    if (redraw) {
      out.print('\r');
    }
    out.print(line + " ".repeat(Math.max(0, length - line.length())));
    out.flush();
    length = line.length();
  }

  private static String time(double seconds) {
    long t = Math.round(seconds);
    if (t >= 3600) {
      return String.format("%d:%02d:%02d", t / 3600, t / 60 % 60, t % 60);
    }
    return t >= 60 ? String.format("%d:%02d", t / 60, t % 60) : t + "s";
  }

  private static String perStep(double s) {
    if (s >= 1) {
      return Math.round(s) + "s/step";
    }
    return s >= 1e-3 ? Math.round(s * 1e3) + "ms/step" : Math.round(s * 1e6) + "us/step";
  }
}
