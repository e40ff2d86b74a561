package io.weft.systems.weights;

import java.util.List;

/**
 * What loading a state dict did.
 *
 * @param loaded our names of the tensors that were loaded
 * @param missing our names of what the file does not have; these weights keep their values
 * @param unexpected names in the file that no weight here has
 */
public record LoadReport(List<String> loaded, List<String> missing, List<String> unexpected) {
  public LoadReport {
    loaded = List.copyOf(loaded);
    missing = List.copyOf(missing);
    unexpected = List.copyOf(unexpected);
  }

  /** Whether nothing was left over on either side. */
  public boolean isComplete() {
    return missing.isEmpty() && unexpected.isEmpty();
  }
}
