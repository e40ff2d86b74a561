package io.weft.conformance;

import java.util.List;

/**
 * What became of a case.
 *
 * @param name the case's name
 * @param status passed, failed or skipped
 * @param reasons what differs, or why it was skipped; empty for passed
 */
public record Outcome(String name, Status status, List<String> reasons) {
  /** Skipped means that the case could not be replayed here; it is never counted as passed. */
  public enum Status {
    PASSED,
    FAILED,
    SKIPPED
  }

  static Outcome of(String name, List<String> differences) {
    return new Outcome(
        name, differences.isEmpty() ? Status.PASSED : Status.FAILED, List.copyOf(differences));
  }

  static Outcome skipped(String name, String reason) {
    return new Outcome(name, Status.SKIPPED, List.of(reason));
  }
}
