package io.weft.systems.fusionlab;

import io.weft.error.ConfigException;
import io.weft.error.ShapeException;
import io.weft.tensor.Index;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;
import java.util.List;

/** How sequences become the vectors that forecasts are made of, by fusionlab's names of modes. */
public final class Aggregation {
  private Aggregation() {}

  /**
   * Joins the sequences {@code (batch, T_s, units)} of several scales on the features, without the
   * time axis; fusionlab's {@code aggregate_multiscale}.
   *
   * @param mode {@code average} or {@code sum} over the steps; {@code flatten}: all steps, or
   *     {@code concat}: the last one, of sequences of one length; anything else: the last step of
   *     each
   */
  public static Tensor multiscale(List<Tensor> sequences, String mode) {
    check(sequences);
    switch (mode == null ? "last" : mode) {
      case "average":
        return Ops.concatenate(sequences.stream().map(s -> Ops.mean(s, 1)).toList(), -1);
      case "sum":
        return Ops.concatenate(sequences.stream().map(s -> Ops.sum(s, 1)).toList(), -1);
      case "flatten":
        return flat(joined(sequences, mode));
      case "concat":
        return last(joined(sequences, mode));
      default:
        return Ops.concatenate(sequences.stream().map(Aggregation::last).toList(), -1);
    }
  }

  /**
   * Like {@link #multiscale}, but {@code concat} keeps the time axis: shorter sequences are filled
   * with zeros at their end, {@code (batch, max T_s, Σ units)}; fusionlab's {@code
   * aggregate_multiscale_on_3d}.
   */
  public static Tensor multiscaleOverTime(List<Tensor> sequences, String mode) {
    if (!"concat".equals(mode)) {
      return multiscale(sequences, mode);
    }
    check(sequences);
    int longest = sequences.stream().mapToInt(s -> s.dim(1)).max().orElse(0);
    return Ops.concatenate(
        sequences.stream()
            .map(s -> Ops.pad(s, new int[][] {{0, 0}, {0, longest - s.dim(1)}, {0, 0}}, 0))
            .toList(),
        -1);
  }

  /**
   * The steps of {@code (batch, T, features)} as one vector; fusionlab's {@code
   * aggregate_time_window_output}.
   *
   * @param mode {@code last}, {@code average}, or {@code flatten} (also null): {@code (batch,
   *     T·features)}
   */
  public static Tensor timeWindow(Tensor window, String mode) {
    check(List.of(window));
    switch (mode == null ? "flatten" : mode) {
      case "last":
        return last(window);
      case "average":
        return Ops.mean(window, 1);
      case "flatten":
        return flat(window);
      default:
        throw new ConfigException(
            "aggregation: mode must be one of [last, average, flatten]. Received: '" + mode + "'");
    }
  }

  private static void check(List<Tensor> sequences) {
    if (sequences.isEmpty() || sequences.stream().anyMatch(s -> s.rank() != 3 || s.dim(1) == 0)) {
      throw new ShapeException(
          "aggregation: expected sequences (batch, steps, features). Received: shapes "
              + sequences.stream().map(Tensor::shape).toList());
    }
  }

  private static Tensor joined(List<Tensor> sequences, String mode) {
    if (sequences.stream().mapToInt(s -> s.dim(1)).distinct().count() > 1) {
      throw new ShapeException(
          "aggregation: mode '"
              + mode
              + "' expected sequences of one length. Received: shapes "
              + sequences.stream().map(Tensor::shape).toList()
              + ". Use the mode last, average or sum.");
    }
    return Ops.concatenate(sequences, -1);
  }

  private static Tensor last(Tensor sequence) {
    return sequence.get(Index.all(), Index.at(-1));
  }

  private static Tensor flat(Tensor sequence) {
    return Ops.reshape(sequence, sequence.dim(0), sequence.dim(1) * sequence.dim(2));
  }
}
