package io.weft.backend;

import java.util.Set;

/**
 * How a graph is to be compiled.
 *
 * @param deterministic the same bits for any number of threads
 * @param donated indices of inputs whose storage the run may overwrite
 */
public record CompileOptions(boolean deterministic, Set<Integer> donated) {
  public static final CompileOptions DEFAULT = new CompileOptions(true, Set.of());
}
