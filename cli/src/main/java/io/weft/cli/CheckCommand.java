package io.weft.cli;

import io.weft.conformance.Outcome;
import io.weft.conformance.ReplayOptions;
import io.weft.conformance.Suite;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Replays recorded cases and says which differ. */
final class CheckCommand {
  private CheckCommand() {}

  static int run(String[] words, PrintStream out) {
    Options o = new Options(words, 1, Set.of("files", "json", "threads", "write"), Set.of());
    List<Path> folders = o.atLeastOne("folders with cases").stream().map(Path::of).toList();
    for (Path f : folders) {
      if (!Files.exists(f)) {
        throw new UsageException(f + ": there is no such file or folder");
      }
    }
    ReplayOptions options = new ReplayOptions(folder(o, "files"), folder(o, "write"));
    List<Path> cases = Suite.cases(folders);
    if (cases.isEmpty()) {
      throw new UsageException("no cases (.npz files) below " + folders);
    }
    int threads = o.count("threads", Runtime.getRuntime().availableProcessors());
    List<Outcome> all = Suite.run(cases, options, threads, c -> {});
    Map<String, Integer> skips = new TreeMap<>();
    for (Outcome c : all) {
      if (c.status() == Outcome.Status.FAILED) {
        out.println("FAILED " + c.name());
        c.reasons().forEach(r -> out.println("    " + r));
      } else if (c.status() == Outcome.Status.SKIPPED) {
        skips.merge(c.reasons().get(0), 1, Integer::sum);
      }
    }
    skips.forEach((reason, n) -> out.println("skipped " + n + ": " + reason));
    if (o.has("json")) {
      try {
        Files.writeString(Path.of(o.get("json", null)), Suite.report(all));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    out.println(Suite.summary(all));
    return Suite.count(all, Outcome.Status.FAILED) == 0 ? 0 : 1;
  }

  private static Path folder(Options o, String name) {
    return o.has(name) ? Path.of(o.get(name, null)) : null;
  }
}
