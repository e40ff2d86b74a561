package io.weft.bench;

import io.weft.config.Config;
import io.weft.serialization.json.JsonCodec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The table of docs/performance.md from what the benchmark's harness measured: medians in
 * milliseconds, for each of Weft's columns its ratio to the best peer, and the ratio of the best of
 * them to the physical limit (the larger of arithmetic at the peak of multiply-adds and of bytes at
 * the bandwidth of the memory that holds them, as the harness' own report counts them).
 */
public final class PeerTable {
  private record Row(String workload, String mode, int batch, int threads)
      implements Comparable<Row> {
    static Row of(String key) {
      String[] k = key.split("/");
      return new Row(
          k[0], k[1], Integer.parseInt(k[2].substring(1)), Integer.parseInt(k[3].substring(1)));
    }

    String label() {
      return workload + " " + mode + (mode.equals("cold") ? "" : " " + batch);
    }

    @Override
    public int compareTo(Row o) {
      int c = Integer.compare(threads, o.threads);
      c = c != 0 ? c : mode.compareTo(o.mode);
      c = c != 0 ? c : workload.compareTo(o.workload);
      return c != 0 ? c : Integer.compare(batch, o.batch);
    }
  }

  private static final List<String> JVM = List.of("tfjava", "ort-java", "djl", "dl4j");

  private final Map<Row, Map<String, Config>> rows = new TreeMap<>();
  private final Set<String> peers = new TreeSet<>();
  private final List<String> own = new ArrayList<>();
  private final Config workloads;
  private final Config machine;

  PeerTable(Config results, Config workloads, Config machine, String prefix) {
    this.workloads = workloads;
    this.machine = machine;
    for (String key : results.keys()) {
      String peer = key.substring(key.lastIndexOf('/') + 1);
      rows.computeIfAbsent(Row.of(key), r -> new TreeMap<>()).put(peer, (Config) results.get(key));
      if (!peer.startsWith(prefix)) {
        peers.add(peer);
      } else if (!own.contains(peer)) {
        own.add(peer);
      }
    }
    own.sort(null);
  }

  /**
   * Prints the tables, one for each number of threads.
   *
   * @param words results.json, workloads.json, machine.json, and what Weft's columns start with
   */
  public static void main(String[] words) throws IOException {
    if (words.length != 4) {
      System.err.println("expected RESULTS.json WORKLOADS.json MACHINE.json PREFIX");
      System.exit(2);
    }
    System.out.print(
        new PeerTable(read(words[0]), read(words[1]), read(words[2]), words[3]).markdown());
  }

  private static Config read(String file) throws IOException {
    return JsonCodec.read(file, Files.readAllBytes(Path.of(file)));
  }

  String markdown() {
    StringBuilder s = new StringBuilder();
    int threads = 0;
    for (Map.Entry<Row, Map<String, Config>> e : rows.entrySet()) {
      if (e.getKey().threads != threads) {
        threads = e.getKey().threads;
        head(s, threads);
      }
      line(s, e.getKey(), e.getValue());
    }
    return s.toString();
  }

  private void head(StringBuilder s, int threads) {
    s.append(threads == 1 ? "\nOne thread:\n\n| row |" : "\n" + threads + " threads:\n\n| row |");
    own.forEach(c -> s.append(' ').append(c).append(" |"));
    s.append(" best peer | best JVM peer |");
    own.forEach(c -> s.append(' ').append(c).append(" ÷ best |"));
    s.append(" best of ours ÷ limit |\n|---|")
        .append("---|".repeat(2 * own.size() + 3))
        .append('\n');
  }

  private void line(StringBuilder s, Row row, Map<String, Config> cells) {
    s.append("| ").append(row.label()).append(" |");
    own.forEach(p -> s.append(' ').append(cell(cells.get(p))).append(" |"));
    String best = best(peers, cells);
    s.append(named(best, cells)).append(named(best(JVM, cells), cells));
    for (String p : own) {
      s.append(' ').append(ratio(median(cells, p) / median(cells, best))).append(" |");
    }
    double ours = median(cells, best(own, cells));
    s.append(' ').append(ratio(ours / limit(row))).append(" |\n");
  }

  /** Whose time is least; null if nobody has one. */
  private static String best(Iterable<String> names, Map<String, Config> cells) {
    String best = null;
    for (String p : names) {
      double m = median(cells, p);
      if (!Double.isNaN(m) && (best == null || m < median(cells, best))) {
        best = p;
      }
    }
    return best;
  }

  private static String named(String peer, Map<String, Config> cells) {
    return peer == null ? " |" : " " + peer + " " + cell(cells.get(peer)) + " |";
  }

  private static String cell(Config c) {
    return c == null ? "" : Double.isNaN(median(c)) ? "void" : figure(median(c));
  }

  private static double median(Map<String, Config> cells, String peer) {
    return peer == null ? Double.NaN : median(cells.get(peer));
  }

  /** NaN where nothing was timed, because it failed or its outputs were wrong. */
  private static double median(Config c) {
    return c == null || c.has("error") || !(c.get("median_ms") instanceof Number n)
        ? Double.NaN
        : n.doubleValue();
  }

  private static String ratio(double r) {
    return Double.isNaN(r) ? "" : r < 1 ? "**" + figure(r) + "**" : figure(r);
  }

  /** Three digits. */
  private static String figure(double v) {
    int digits = (int) Math.max(0, 2 - Math.floor(Math.log10(v)));
    return String.format(Locale.ROOT, "%." + digits + "f", v);
  }

  /**
   * The least time in ms that the arithmetic or the bytes take; NaN for cold starts and clients.
   */
  private double limit(Row r) {
    boolean trains = r.mode.equals("train") || r.mode.equals("fit");
    if (!trains && !r.mode.equals("predict") || !(workloads.get(r.workload) instanceof Config w)) {
      return Double.NaN;
    }
    double peak = number(machine, "peak_gflops", "" + r.threads);
    double arithmetic = number(w, "mflop_per_sample") * r.batch / peak;
    // weights are read once; a step of Adam moves 28 bytes a parameter
    double mb =
        trains
            ? number(w, "params") * 28e-6
            : number(w, "weight_mb_read") + r.batch * number(w, "io_mb_per_sample");
    return Math.max(trains ? 3 * arithmetic : arithmetic, milliseconds(mb, r.threads));
  }

  private double milliseconds(double mb, int threads) {
    if (mb > number(machine, "l3_mb")) {
      return mb / number(machine, "gb_s", threads > 1 ? "dram2" : "dram");
    }
    double near = Math.min(mb, number(machine, "l2_mb") * threads);
    double l2 = near / number(machine, "gb_s", "l2");
    return (l2 + (mb - near) / number(machine, "gb_s", "l3")) / threads;
  }

  private static double number(Config c, String... path) {
    Object v = c;
    for (String key : path) {
      v = v instanceof Config inner ? inner.get(key) : null;
    }
    if (!(v instanceof Number n)) {
      throw new IllegalArgumentException(
          "expected a number " + String.join(".", path) + ". Received: " + v);
    }
    return n.doubleValue();
  }
}
