package io.weft.conformance;

import io.weft.config.Config;
import io.weft.serialization.json.JsonCodec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** All cases of some folders. */
public final class Suite {
  private Suite() {}

  /** The case files below folders (or files themselves), in order of their paths. */
  public static List<Path> cases(List<Path> folders) {
    List<Path> all = new ArrayList<>();
    for (Path f : folders) {
      try (Stream<Path> s = Files.walk(f)) {
        s.filter(p -> p.toString().endsWith(".npz")).sorted().forEach(all::add);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return all;
  }

  /**
   * Replays cases on some threads; outcomes stand in the order of the cases.
   *
   * @param progress told each outcome as it comes, from any thread
   */
  public static List<Outcome> run(
      List<Path> cases, ReplayOptions options, int threads, Consumer<Outcome> progress) {
    ExecutorService pool = Executors.newFixedThreadPool(Math.max(1, threads));
    try {
      List<Future<Outcome>> futures = new ArrayList<>();
      for (Path p : cases) {
        futures.add(
            pool.submit(
                () -> {
                  Outcome o = Replay.of(p, options);
                  progress.accept(o);
                  return o;
                }));
      }
      List<Outcome> out = new ArrayList<>();
      for (Future<Outcome> f : futures) {
        out.add(f.get());
      }
      return out;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("check was interrupted", e);
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    } finally {
      pool.shutdownNow();
    }
  }

  /** The closing line: {@code N passed, N failed, N skipped}. */
  public static String summary(List<Outcome> outcomes) {
    return count(outcomes, Outcome.Status.PASSED)
        + " passed, "
        + count(outcomes, Outcome.Status.FAILED)
        + " failed, "
        + count(outcomes, Outcome.Status.SKIPPED)
        + " skipped";
  }

  /** How many outcomes have a status. */
  public static long count(List<Outcome> outcomes, Outcome.Status status) {
    return outcomes.stream().filter(o -> o.status() == status).count();
  }

  /** A report with one entry a case. */
  public static String report(List<Outcome> outcomes) {
    List<Object> all = new ArrayList<>();
    for (Outcome o : outcomes) {
      all.add(
          Config.of(
              "name",
              o.name(),
              "status",
              o.status().name().toLowerCase(java.util.Locale.ROOT),
              "reasons",
              o.reasons()));
    }
    return JsonCodec.write(Config.of("summary", summary(outcomes), "cases", all), 1);
  }
}
