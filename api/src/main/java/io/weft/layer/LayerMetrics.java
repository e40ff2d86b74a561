package io.weft.layer;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The metrics of one layer: those it was given, and a mean for each name that its calls record. */
final class LayerMetrics {
  private final List<Measure> given = new ArrayList<>(); // guarded by this
  private final Map<String, RunningMean> means = new LinkedHashMap<>(); // guarded by this

  synchronized void add(Measure m) {
    if (!given.contains(m)) {
      given.add(m);
    }
  }

  /** The mean of a name; the first call makes it. */
  synchronized RunningMean mean(String owner, String name) {
    return means.computeIfAbsent(name, n -> new RunningMean(owner, n));
  }

  synchronized List<Measure> all() {
    List<Measure> all = new ArrayList<>(given);
    all.addAll(means.values());
    return all;
  }
}
