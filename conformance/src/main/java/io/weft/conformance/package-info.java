/**
 * Replays recorded behavior of reference implementations: one case is one {@code .npz} file whose
 * format is written down in {@code docs/conformance-format.md}. Knows no test framework; the
 * command line and the tests call {@link io.weft.conformance.Suite}.
 */
package io.weft.conformance;
