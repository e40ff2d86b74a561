package io.weft.engine;

import io.weft.engine.op.Kernel;
import io.weft.engine.tier.KernelTier;
import io.weft.tensor.Op;
import io.weft.tensor.TensorSpec;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAccumulator;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Collectors;

/**
 * Where the time of compiled graphs goes: with {@code -Dweft.profile=true} each kernel is timed,
 * and the times by op and shape are written to the error stream when the process ends. Graphs
 * inside of control flow count twice, by themselves and in their op.
 */
final class Profile {
  private static final boolean ON = Boolean.getBoolean("weft.profile");
  private static final int SHOWN = 40;
  private static final int LONGEST_NAME = 150;
  private static final Map<String, Profile> ALL = new ConcurrentHashMap<>();

  static {
    if (ON) {
      Runtime.getRuntime().addShutdownHook(new Thread(Profile::print, "weft-profile"));
    }
  }

  private final LongAdder nanos = new LongAdder();
  private final LongAdder runs = new LongAdder();
  private final LongAccumulator least = new LongAccumulator(Math::min, Long.MAX_VALUE);

  private Profile() {}

  /** The kernel itself, or one that notes its time where the profile is asked for. */
  static Kernel of(Kernel kernel, Op op, List<TensorSpec> in, List<TensorSpec> out) {
    if (!ON) {
      return kernel;
    }
    String text = op.toString().lines().collect(Collectors.joining(" "));
    String shown = text.substring(0, Math.min(text.length(), LONGEST_NAME));
    String name = shown + shapes(in) + " →" + shapes(out);
    Profile p = ALL.computeIfAbsent(name, k -> new Profile());
    return new Kernel() {
      @Override
      public void run(Object[] x, Object[] y) {
        long start = System.nanoTime();
        kernel.run(x, y);
        long time = System.nanoTime() - start;
        p.nanos.add(time);
        p.least.accumulate(time);
        p.runs.increment();
      }

      @Override
      public boolean mayOverwrite(int input, int output) {
        return kernel.mayOverwrite(input, output);
      }

      @Override
      public boolean mayLeaveOut(int output) {
        return kernel.mayLeaveOut(output);
      }

      @Override
      public boolean countsBySpecs() {
        return kernel.countsBySpecs();
      }

      @Override
      public Preparation preparation(int input) {
        return kernel.preparation(input);
      }
    };
  }

  private static String shapes(List<TensorSpec> specs) {
    StringBuilder s = new StringBuilder();
    specs.forEach(x -> s.append(' ').append(x.shape()));
    return s.toString();
  }

  /** What all runs would take at the pace of the fastest: neither warm-up nor noise counts. */
  private long steady() {
    return runs.sum() == 0 ? 0 : least.get() * runs.sum();
  }

  private static void print() {
    long total = ALL.values().stream().mapToLong(Profile::steady).sum();
    System.err.println(KernelTier.description());
    System.err.printf("%6s %8s %10s %10s  kernel%n", "share", "runs", "least µs", "mean µs");
    ALL.entrySet().stream()
        .sorted(Comparator.comparingLong(e -> -e.getValue().steady()))
        .limit(SHOWN)
        .forEach(e -> e.getValue().print(e.getKey(), total));
  }

  private void print(String name, long total) {
    long n = Math.max(1, runs.sum());
    System.err.printf(
        "%5.1f%% %8d %10.2f %10.2f  %s%n",
        100.0 * steady() / Math.max(1, total), n, steady() / 1e3 / n, nanos.sum() / 1e3 / n, name);
  }
}
