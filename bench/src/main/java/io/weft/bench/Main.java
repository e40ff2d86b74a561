package io.weft.bench;

import java.util.Collection;
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
      String name = r.getParams().getParam("workload");
      double flops = name == null ? PeakBenchmark.FLOPS : Workload.valueOf(name).flops();
      double median = r.getPrimaryResult().getStatistics().getPercentile(50);
      System.out.printf(
          "| %s | %.1f | %s |%n",
          name == null ? "multiply-adds in plain Java" : name.toLowerCase(java.util.Locale.ROOT),
          median,
          flops == 0 ? "" : String.format("%.1f", flops / median / 1e3));
    }
  }
}
