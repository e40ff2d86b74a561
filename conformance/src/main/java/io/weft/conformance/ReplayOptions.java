package io.weft.conformance;

import java.nio.file.Path;

/**
 * What a replay is given beside the cases.
 *
 * @param files where cases that name further files ({@code fetch}) find them, or null
 * @param written where the models of cases of kinds {@code model} and {@code training} are saved as
 *     {@code .keras} and {@code .h5}, for real Keras to judge ({@code check_written.py}), or null
 */
public record ReplayOptions(Path files, Path written) {
  /** No further files, nothing written. */
  public static final ReplayOptions NONE = new ReplayOptions(null, null);
}
