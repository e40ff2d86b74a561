package io.weft.bench;

import java.util.Collection;
import java.util.Locale;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/** Runs the kernels (JMH's options may follow) and prints the table of docs/performance.md. */
public final class Main {
  private Main() {}

  public static void main(String[] words) throws RunnerException, CommandLineOptionException {
    OptionsBuilder options = new OptionsBuilder();
    options.parent(new CommandLineOptions(words));
    options.jvmArgsAppend("-Dweft.threads=" + System.getProperty("weft.threads", "1"));
    Collection<RunResult> results = new Runner(options.build()).run();
    System.out.println();
    System.out.println("| workload | median, µs | GFLOP/s |");
    System.out.println("|---|---|---|");
    for (RunResult r : results) {
      double median = r.getPrimaryResult().getStatistics().getPercentile(50);
      double flops = flops(r.getParams());
      System.out.printf(
          "| %s | %.1f | %s |%n",
          name(r.getParams()),
          median,
          flops == 0 ? "" : String.format("%.1f", flops / median / 1e3));
    }
  }

  private static boolean isPeak(BenchmarkParams p) {
    return p.getBenchmark().contains(PeakBenchmark.class.getSimpleName());
  }

  private static String name(BenchmarkParams p) {
    if (isPeak(p)) {
      return "multiply-adds in plain Java";
    }
    String workload = p.getParam("workload");
    if (workload != null) {
      return workload.toLowerCase(Locale.ROOT);
    }
    String method = p.getBenchmark().substring(p.getBenchmark().lastIndexOf('.') + 1);
    return method + ", " + p.getParam("sizes") + " batch sizes in turn";
  }

  /** Of one call; 0 where they are not counted. */
  private static double flops(BenchmarkParams p) {
    String workload = p.getParam("workload");
    return isPeak(p)
        ? PeakBenchmark.FLOPS
        : workload == null ? 0 : Workload.valueOf(workload).flops();
  }
}
