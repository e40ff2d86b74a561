package io.weft.compile;

import io.weft.backend.Backend;
import io.weft.backend.CompileOptions;
import io.weft.backend.Executable;
import io.weft.backend.Storage;
import io.weft.tensor.Graph;
import java.lang.ref.SoftReference;
import java.util.Arrays;
import java.util.List;

/**
 * Values made of variables alone, made again only after a variable got other numbers, and kept
 * while memory lasts. Any number of threads may ask.
 */
final class Derived {
  private final Backend backend;
  private final Executable executable;
  private final int[] variables;
  private volatile SoftReference<Values> latest = new SoftReference<>(null);

  /** Results and the numbers that they were made of. */
  private record Values(Storage[] from, List<Storage> results) {}

  /**
   * @param graph makes the values
   * @param variables which of its inputs they depend on
   */
  Derived(Backend backend, Graph graph, List<Integer> variables) {
    this.backend = backend;
    this.executable = backend.compile(graph, CompileOptions.DEFAULT);
    this.variables = variables.stream().mapToInt(i -> i).toArray();
  }

  /** The inputs of the whole graph and then the values derived from them. */
  Storage[] appendedTo(Storage[] in) {
    Values v = latest.get();
    if (v == null || !isOf(v, in)) {
      Storage[] from = new Storage[variables.length];
      for (int i = 0; i < from.length; i++) {
        from[i] = in[variables[i]];
      }
      v = new Values(from, backend.run(executable, Arrays.asList(in)));
      latest = new SoftReference<>(v);
    }
    Storage[] all = Arrays.copyOf(in, in.length + v.results.size());
    for (int i = in.length; i < all.length; i++) {
      all[i] = v.results.get(i - in.length);
    }
    return all;
  }

  private boolean isOf(Values v, Storage[] in) {
    for (int i = 0; i < variables.length; i++) {
      if (v.from[i] != in[variables[i]]) {
        return false;
      }
    }
    return true;
  }
}
