package io.weft.samples;

import io.weft.tensor.Tensor;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;

/**
 * A year of hourly bicycle rentals, cut into pairs of an observed past and a known future. Source
 * and licence: the README beside the CSV.
 */
final class BikeRentals {
  /** Hours of the past that the model sees. */
  static final int PAST = 72;

  /** Hours that it forecasts. */
  static final int HORIZON = 24;

  static final int PAST_FEATURES = 7;
  static final int FUTURE_FEATURES = 10;

  private static final int WEEK = 168;
  private static final String CSV = "bike-sharing-2011.csv";

  private record Hour(
      LocalDateTime time,
      float rentals,
      float holiday,
      float workday,
      float warmth,
      float humidity) {}

  private final List<Hour> hours = new ArrayList<>();
  private final float scale;

  /**
   * Reads the file.
   *
   * @param trainShare the first share of the hours, from which the scale of the rentals is taken
   */
  BikeRentals(double trainShare) {
    try (InputStream in = BikeRentals.class.getResourceAsStream(CSV);
        BufferedReader lines =
            new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
      lines.readLine();
      for (String l = lines.readLine(); l != null; l = lines.readLine()) {
        String[] f = l.split(",");
        hours.add(
            new Hour(
                LocalDateTime.parse(f[0]),
                Float.parseFloat(f[1]),
                Float.parseFloat(f[2]),
                Float.parseFloat(f[3]),
                Float.parseFloat(f[4]),
                Float.parseFloat(f[5])));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    double sum = 0;
    int n = (int) (hours.size() * trainShare);
    for (int i = 0; i < n; i++) {
      sum += hours.get(i).rentals();
    }
    scale = (float) (sum / n);
  }

  int size() {
    return hours.size();
  }

  /** Rentals that one unit of the model's scale stands for. */
  float scale() {
    return scale;
  }

  /** Past, future and target of many moments; {@code target} is (moments, HORIZON, 1). */
  record Windows(Tensor past, Tensor future, Tensor target, int[] starts) {}

  /**
   * A window every {@code stride} hours whose forecast lies in hours {@code from} to {@code to}.
   */
  Windows windows(int from, int to, int stride) {
    int first = Math.max(from, WEEK);
    int n = Math.max(0, (to - HORIZON - first) / stride + 1);
    float[] past = new float[n * PAST * PAST_FEATURES];
    float[] future = new float[n * HORIZON * FUTURE_FEATURES];
    float[] target = new float[n * HORIZON];
    int[] starts = new int[n];
    int p = 0;
    int q = 0;
    int y = 0;
    for (int w = 0; w < n; w++) {
      int start = first + w * stride;
      starts[w] = start;
      for (int t = start - PAST; t < start; t++) {
        p = observed(past, p, t);
      }
      for (int t = start; t < start + HORIZON; t++) {
        q = calendar(future, q, t, start);
        target[y++] = hours.get(t).rentals() / scale;
      }
    }
    return new Windows(
        Tensor.of(past, n, PAST, PAST_FEATURES),
        Tensor.of(future, n, HORIZON, FUTURE_FEATURES),
        Tensor.of(target, n, HORIZON, 1),
        starts);
  }

  private int observed(float[] out, int at, int t) {
    Hour h = hours.get(t);
    out[at] = h.rentals() / scale;
    out[at + 1] = hours.get(Math.max(0, t - WEEK)).rentals() / scale;
    out[at + 2] = h.warmth();
    out[at + 3] = h.humidity();
    out[at + 4] = h.workday();
    angle(out, at + 5, h.time().getHour(), 24);
    return at + PAST_FEATURES;
  }

  /** What is known beforehand: hour, weekday, season, holidays, and the same hour a week ago. */
  private int calendar(float[] out, int at, int t, int start) {
    Hour h = hours.get(t);
    angle(out, at, h.time().getHour(), 24);
    angle(out, at + 2, h.time().getDayOfWeek().getValue(), 7);
    angle(out, at + 4, h.time().getDayOfYear(), 365);
    out[at + 6] = h.holiday();
    out[at + 7] = h.workday();
    out[at + 8] = hours.get(t - WEEK).rentals() / scale;
    out[at + 9] = (t - start) / (float) HORIZON;
    return at + FUTURE_FEATURES;
  }

  private static void angle(float[] out, int at, double value, double period) {
    out[at] = (float) Math.sin(2 * Math.PI * value / period);
    out[at + 1] = (float) Math.cos(2 * Math.PI * value / period);
  }

  /** Mean absolute error, in rentals an hour, of repeating the value {@code lag} hours before. */
  double naiveError(Windows w, int lag) {
    double sum = 0;
    for (int start : w.starts()) {
      for (int t = start; t < start + HORIZON; t++) {
        sum += Math.abs(hours.get(t).rentals() - hours.get(t - lag).rentals());
      }
    }
    return sum / ((double) w.starts().length * HORIZON);
  }

  /** Mean absolute error of forecasts, in rentals an hour; negative forecasts count as none. */
  double error(Windows w, Tensor forecast) {
    float[] f = forecast.toFloatArray();
    double sum = 0;
    int i = 0;
    for (int start : w.starts()) {
      for (int t = start; t < start + HORIZON; t++) {
        sum += Math.abs(hours.get(t).rentals() - Math.max(0, f[i++] * scale));
      }
    }
    return sum / f.length;
  }
}
