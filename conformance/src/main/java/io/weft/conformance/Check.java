package io.weft.conformance;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Replays the cases of folders and prints what failed; the command line's {@code check} in short.
 */
public final class Check {
  private Check() {}

  public static void main(String[] folders) {
    boolean skips = Boolean.getBoolean("weft.check.skips");
    List<Path> paths = new ArrayList<>();
    for (String f : folders) {
      paths.add(Path.of(f));
    }
    List<Outcome> all = Suite.run(Suite.cases(paths), null, 2, o -> {});
    for (Outcome o : all) {
      if (o.status() == Outcome.Status.FAILED || (skips && o.status() == Outcome.Status.SKIPPED)) {
        System.out.println(o.status() + " " + o.name());
        o.reasons().forEach(r -> System.out.println("    " + r));
      }
    }
    System.out.println(Suite.summary(all));
    System.exit(Suite.count(all, Outcome.Status.FAILED) == 0 ? 0 : 1);
  }
}
