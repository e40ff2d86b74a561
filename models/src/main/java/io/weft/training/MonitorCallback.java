package io.weft.training;

import io.weft.error.ConfigException;

/** A callback that watches one figure for improvement. */
abstract class MonitorCallback extends Callback {
  private final String monitor;
  private final String mode;
  private final double minDelta;
  private Boolean larger;

  MonitorCallback(String monitor, String mode, double minDelta) {
    this.monitor = monitor;
    this.mode = mode;
    this.minDelta = Math.abs(minDelta);
    if (!mode.matches("auto|min|max")) {
      throw new ConfigException(
          getClass().getSimpleName() + ": mode must be auto, min or max. Received: '" + mode + "'");
    }
  }

  final String monitor() {
    return monitor;
  }

  /** Whether a value is better than a reference; a null reference is always beaten. */
  final boolean improves(double value, Double reference) {
    if (larger == null) {
      larger = direction();
    }
    if (reference == null) {
      return true;
    }
    return larger ? value - minDelta > reference : value + minDelta < reference;
  }

  private boolean direction() {
    if (!mode.equals("auto")) {
      return mode.equals("max");
    }
    String name = monitor.startsWith("val_") ? monitor.substring(4) : monitor;
    if (name.equals("loss")) {
      return false;
    }
    Boolean up = trainer() == null ? null : trainer().metricRises(name);
    if (up == null) {
      throw new ConfigException(
          getClass().getSimpleName()
              + ": whether '"
              + monitor
              + "' should rise or fall is not known. Pass mode 'max' or 'min'.");
    }
    return up;
  }
}
