package io.weft.cli;

import io.weft.error.ConfigException;
import io.weft.error.ShapeException;
import io.weft.error.UnsupportedFeatureException;
import io.weft.error.WeftException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.util.Arrays;

/** Entry point of {@code weft.jar}. */
public final class Main {
  private static final String USAGE =
      """
      Usage: java -jar weft.jar COMMAND
        summary FILE                      the table of layers
        inspect FILE                      what is in a file, and what Weft does not support in it
        predict FILE DATA.npz [--out OUT.npz] [--batch N]
                                          predictions for arrays, by input name or in order
        convert IN OUT                    .keras, .h5, .weights.h5 and .json into each other
        plot FILE OUT.svg                 the graph as a drawing
        check DIR... [--files DIR] [--write DIR] [--json FILE] [--threads N]
                                          replays recorded cases
        bench --model M.keras --data M.npz --mode predict|train|fit|cold [--batch N] [--threads N]
              [--seconds S] [--clients N] [--interactive] [--summed-slices]
                                          times a workload beside its peers
      Exit status: 0 done, 1 failed or differences found, 2 wrong use.
      """;

  private Main() {}

  public static void main(String[] words) {
    int status = run(words, System.out, System.err);
    System.out.flush();
    if (status != 0) {
      System.exit(status);
    }
  }

  /** Runs a command; returns the exit status. */
  static int run(String[] words, PrintStream out, PrintStream err) {
    if (words.length == 0 || words[0].equals("help") || Arrays.asList(words).contains("--help")) {
      out.print(USAGE);
      return words.length == 0 ? 2 : 0;
    }
    try {
      switch (words[0]) {
        case "summary":
          return FileCommands.summary(words, out);
        case "inspect":
          return Inspect.run(words, out);
        case "predict":
          return Predict.run(words, out);
        case "convert":
          return FileCommands.convert(words, out);
        case "plot":
          return FileCommands.plot(words, out);
        case "check":
          return CheckCommand.run(words, out);
        case "bench":
          return Bench.run(words, out);
        default:
          throw new UsageException("unknown command '" + words[0] + "'");
      }
    } catch (UsageException e) {
      err.println("weft " + words[0] + ": " + e.getMessage());
      err.println("See: java -jar weft.jar help");
      return 2;
    } catch (WeftException
        | ConfigException
        | ShapeException
        | UnsupportedFeatureException
        | IllegalStateException e) {
      err.println("weft " + words[0] + ": " + e.getMessage());
      return 1;
    } catch (UncheckedIOException e) {
      err.println("weft " + words[0] + ": " + e.getCause());
      return 1;
    }
  }
}
