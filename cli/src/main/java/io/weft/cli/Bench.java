package io.weft.cli;

import io.weft.serialization.json.JsonCodec;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One peer of the side-by-side benchmark: checks the outputs, then times single calls and prints
 * one JSON line. Protocol: docs/performance.md.
 */
final class Bench {
  /** Batches of an epoch in mode fit; the time of one is reported. */
  private static final int FIT_STEPS = 16;

  private final Runnable call;
  private final int steps;
  private final int clients;
  private final Map<String, Object> base = new LinkedHashMap<>();

  private Bench(Runnable call, int steps, int clients) {
    this.call = call;
    this.steps = steps;
    this.clients = clients;
  }

  static int run(String[] words, PrintStream out) {
    Options o =
        new Options(
            words,
            1,
            Set.of("model", "data", "mode", "batch", "threads", "seconds", "clients"),
            Set.of("interactive", "summed-slices"));
    System.setProperty("weft.threads", String.valueOf(o.count("threads", 1)));
    String mode = o.get("mode", "predict");
    if (!Set.of("predict", "train", "fit", "cold").contains(mode)) {
      throw new UsageException("--mode: expected predict, train, fit or cold. Received: " + mode);
    }
    int batch = o.count("batch", 1);
    long start = System.nanoTime();
    Workload w =
        new Workload(
            Path.of(o.required("model")),
            Path.of(o.required("data")),
            batch,
            o.has("summed-slices"));
    double loadMs = (System.nanoTime() - start) / 1e6;
    int clients = o.count("clients", 1);
    Bench b =
        switch (mode) {
          case "train" -> new Bench(w::train, 1, clients);
          case "fit" -> new Bench(() -> w.fit(FIT_STEPS), FIT_STEPS, clients);
          default -> new Bench(w::predict, 1, clients);
        };
    long first = System.nanoTime();
    double[] error;
    if (mode.equals("train") || mode.equals("fit")) {
      w.compile();
      error = w.trainingError(batch);
    } else {
      error = new double[] {w.predictionError(), w.tolerance()};
    }
    double firstMs = (System.nanoTime() - first) / 1e6;
    b.base.put("first_ms", firstMs);
    b.base.put("load_ms", loadMs);
    b.base.put("max_abs_error", error[0]);
    b.base.put("ok", error[0] <= error[1]);
    if (error[0] > error[1]) {
      line(out, b.base);
      return 1;
    }
    if (mode.equals("cold")) {
      b.times(new long[] {(long) (firstMs * 1e6)}, b.base);
      line(out, b.base);
      return 0;
    }
    b.warmUp();
    if (o.has("interactive")) {
      b.interact(out);
    } else {
      line(out, b.measure(o.number("seconds", 2)));
    }
    return 0;
  }

  /** Until three seconds or 20,000 calls are over. */
  private void warmUp() {
    long end = System.nanoTime() + 3_000_000_000L;
    for (int i = 0; i < 20_000 && System.nanoTime() < end; i++) {
      call.run();
    }
  }

  private void interact(PrintStream out) {
    Map<String, Object> ready = new LinkedHashMap<>(base);
    ready.put("ready", true);
    line(out, ready);
    BufferedReader in =
        new BufferedReader(
            new InputStreamReader(System.in, java.nio.charset.StandardCharsets.UTF_8));
    try {
      for (String l = in.readLine(); l != null && !l.equals("quit"); l = in.readLine()) {
        if (l.startsWith("go ")) {
          line(out, measure(Double.parseDouble(l.substring(3).trim())));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Map<String, Object> measure(double seconds) {
    long cpu = cpuTime();
    AtomicLong calls = new AtomicLong();
    long begin = System.nanoTime();
    List<long[]> times = new ArrayList<>();
    List<Thread> others = new ArrayList<>();
    for (int i = 1; i < clients; i++) {
      Thread t =
          new Thread(
              () -> {
                long[] mine = timeCalls(begin, seconds, calls);
                synchronized (times) {
                  times.add(mine);
                }
              });
      others.add(t);
      t.start();
    }
    long[] own = timeCalls(begin, seconds, calls);
    try {
      for (Thread t : others) {
        t.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("bench was interrupted", e);
    }
    times.add(own);
    long[] all = times.stream().flatMapToLong(Arrays::stream).sorted().toArray();
    double elapsed = (System.nanoTime() - begin) / 1e9;
    Map<String, Object> r = new LinkedHashMap<>();
    times(all, r);
    r.putAll(base);
    r.put("cpu_ms", (cpuTime() - cpu) / 1e6 / all.length / steps);
    if (clients > 1) {
      r.put("calls_per_s", calls.get() / elapsed);
    }
    return r;
  }

  private void times(long[] sorted, Map<String, Object> r) {
    r.put("median_ms", sorted[sorted.length / 2] / 1e6 / steps);
    r.put("min_ms", sorted[0] / 1e6 / steps);
    r.put("p90_ms", sorted[(int) (sorted.length * 0.9)] / 1e6 / steps);
    r.put("iterations", (long) sorted.length);
    r.put("peak_rss_mb", peakRss());
  }

  private long[] timeCalls(long begin, double seconds, AtomicLong calls) {
    long end = begin + (long) (seconds * 1e9);
    long[] t = new long[1024];
    int n = 0;
    long last = System.nanoTime();
    do {
      call.run();
      long now = System.nanoTime();
      if (n == t.length) {
        t = Arrays.copyOf(t, 2 * n);
      }
      t[n++] = now - last;
      last = now;
    } while (last < end);
    calls.addAndGet(n);
    return Arrays.copyOf(t, n);
  }

  private static long cpuTime() {
    return ManagementFactory.getOperatingSystemMXBean()
            instanceof com.sun.management.OperatingSystemMXBean os
        ? os.getProcessCpuTime()
        : 0;
  }

  /** The kernel's figure where there is one, 0 elsewhere. */
  private static double peakRss() {
    try {
      for (String l : Files.readAllLines(Path.of("/proc/self/status"))) {
        if (l.startsWith("VmHWM:")) {
          return Double.parseDouble(l.substring(6).replace("kB", "").trim()) / 1024;
        }
      }
    } catch (IOException e) {
      return 0;
    }
    return 0;
  }

  private static void line(PrintStream out, Map<String, Object> values) {
    Map<String, Object> finite = new LinkedHashMap<>();
    for (Map.Entry<String, Object> e : values.entrySet()) {
      boolean finiteValue = !(e.getValue() instanceof Double d) || Double.isFinite(d);
      finite.put(e.getKey(), finiteValue ? e.getValue() : (Object) 1e300);
    }
    out.println(JsonCodec.write(io.weft.config.Config.copyOf(finite)));
    out.flush();
  }
}
