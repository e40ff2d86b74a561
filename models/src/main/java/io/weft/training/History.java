package io.weft.training;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The figures of every epoch by name; what {@code fit} returns. */
public final class History extends Callback {
  private final List<Integer> epochs = new ArrayList<>();
  private final Map<String, List<double[]>> values = new LinkedHashMap<>();

  public History() {}

  @Override
  public void onEpochEnd(int epoch, Logs logs) {
    epochs.add(epoch);
    for (String name : logs.names()) {
      values.computeIfAbsent(name, k -> new ArrayList<>()).add(logs.vector(name));
    }
  }

  /** The epochs that ran, from 0. */
  public List<Integer> epochs() {
    return List.copyOf(epochs);
  }

  public java.util.Set<String> names() {
    return values.keySet();
  }

  /** One number an epoch. */
  public double[] get(String name) {
    List<double[]> l = values.getOrDefault(name, List.of());
    return l.stream().mapToDouble(v -> v.length == 0 ? Double.NaN : v[0]).toArray();
  }

  /** All numbers of a name, an array an epoch. */
  public List<double[]> vectors(String name) {
    return List.copyOf(values.getOrDefault(name, List.of()));
  }
}
