package io.weft.conformance;

import io.weft.config.Config;
import io.weft.config.Configurable;
import io.weft.config.Entry;
import io.weft.config.Registry;
import io.weft.error.UnsupportedFeatureException;
import io.weft.error.WeftException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Map;

/** Replays one case of any kind. */
public final class Replay {
  /** How one kind of case is replayed; differences go into the comparison. */
  @FunctionalInterface
  interface Kind {
    void replay(CaseFile c, Comparison compare);
  }

  private static final Map<String, Kind> KINDS =
      Map.ofEntries(
          Map.entry("layer", LayerReplay::replay),
          Map.entry("op", OpReplay::replay),
          Map.entry("initializer", SmallReplay::initializer),
          Map.entry("regularizer", SmallReplay::regularizer),
          Map.entry("constraint", SmallReplay::constraint),
          Map.entry("loss", TrainingParts::loss),
          Map.entry("metric", TrainingParts::metric),
          Map.entry("optimizer", TrainingParts::optimizer),
          Map.entry("schedule", TrainingParts::schedule),
          Map.entry("preprocessing", PreprocessingReplay::replay),
          Map.entry("model", ModelReplay::replay),
          Map.entry("training", TrainingReplay::replay),
          Map.entry("system", SystemReplay::replay));

  private Replay() {}

  /** Replays the case in a file; nothing is thrown but errors of the machine. */
  public static Outcome of(Path file, ReplayOptions options) {
    String name = file.toString();
    try (CaseFile c = new CaseFile(file, options)) {
      name = c.name();
      Kind kind = KINDS.get(String.valueOf(c.get("kind")));
      if (kind == null) {
        return Outcome.skipped(name, "cases of kind '" + c.get("kind") + "' are not replayed yet");
      }
      Comparison compare = new Comparison(c);
      if (c.has("error") && !"model".equals(c.get("kind"))) {
        expectRefusal(c, kind, compare);
      } else {
        kind.replay(c, compare);
      }
      return Outcome.of(name, compare.differences());
    } catch (Skip | UnsupportedFeatureException e) {
      return Outcome.skipped(name, e.getMessage());
    } catch (RuntimeException | StackOverflowError e) {
      return Outcome.of(name, java.util.List.of(describe(e)));
    }
  }

  private static void expectRefusal(CaseFile c, Kind kind, Comparison compare) {
    try {
      kind.replay(c, compare);
      compare.fail("the reference refuses this (" + c.get("error") + "), here it passed");
    } catch (RuntimeException e) {
      if (e instanceof Skip) {
        throw e;
      }
      compare.require(isDocumented(e), "refused by an internal error: " + describe(e));
    }
  }

  /** Whether an exception is one that the library documents, not a slip inside it. */
  static boolean isDocumented(RuntimeException e) {
    return e instanceof WeftException
        || e instanceof UnsupportedFeatureException
        || e instanceof UncheckedIOException
        || e.getClass().getPackageName().equals("io.weft.error")
        || e.getClass() == IllegalStateException.class;
  }

  static String describe(Throwable e) {
    StackTraceElement[] s = e.getStackTrace();
    StringBuilder at = new StringBuilder();
    for (int i = 0; i < Math.min(6, s.length); i++) {
      at.append(i == 0 ? " at " : " < ")
          .append(s[i].getFileName())
          .append(':')
          .append(s[i].getLineNumber());
    }
    return e.getClass().getSimpleName() + ": " + e.getMessage() + at;
  }

  /** Makes the object of a case, or skips the case where its class is not known. */
  static Configurable restore(Object envelope) {
    requireKnown(envelope);
    return (Configurable) Registry.standard().restore(envelope, "object");
  }

  /** Skips the case if a class that it needs, at any depth, is not in the registry. */
  static void requireKnown(Object value) {
    if (value instanceof java.util.List<?> l) {
      l.forEach(Replay::requireKnown);
    } else if (value instanceof Config c) {
      if (Registry.isEnvelope(c)
          && !c.string("class_name").startsWith("__")
          && !c.string("class_name").equals("function")
          && !c.string("class_name").contains("DTypePolicy")
          && !String.valueOf(c.get("module")).startsWith("keras.src.ops")) {
        Entry<?> e = Registry.standard().entryOf(c);
        if (e == null) {
          throw new Skip(
              "class '"
                  + c.get("class_name")
                  + "' of "
                  + c.get("module")
                  + " is not in this version");
        }
      }
      c.asMap().values().forEach(Replay::requireKnown);
    }
  }
}
