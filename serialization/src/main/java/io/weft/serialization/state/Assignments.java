package io.weft.serialization.state;

import io.weft.error.ModelFormatException;
import io.weft.serialization.hdf5.Hdf5Dataset;
import io.weft.tensor.HostArray;
import io.weft.tensor.Tensor;
import io.weft.tensor.Variable;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** Values on their way into variables: all problems are reported together, and then none is set. */
public final class Assignments {
  private static final int SHOWN = 20;

  private record Pair(Variable variable, Supplier<HostArray> value) {}

  private final String file;
  private final boolean skip;
  private final List<Pair> pairs = new ArrayList<>();
  private final List<String> problems = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();

  /** With {@code skip}, problems become notes. */
  public Assignments(String file, boolean skip) {
    this.file = file;
    this.skip = skip;
  }

  public void add(Variable v, Hdf5Dataset d) {
    add(v, d::read);
  }

  public void add(Variable v, Supplier<HostArray> value) {
    pairs.add(new Pair(v, value));
  }

  public void problem(String text) {
    (skip ? notes : problems).add(text);
  }

  public void note(String text) {
    notes.add(text);
  }

  public List<String> notes() {
    return notes;
  }

  /** Reads all values, then sets all variables. */
  public void apply() {
    if (!problems.isEmpty()) {
      int n = problems.size();
      String more = n > SHOWN ? "\n  … and " + (n - SHOWN) + " more" : "";
      throw new ModelFormatException(
          file
              + ": "
              + n
              + (n == 1 ? " place does" : " places do")
              + " not fit the model:\n  "
              + String.join("\n  ", problems.subList(0, Math.min(n, SHOWN)))
              + more);
    }
    List<Tensor> values = new ArrayList<>(pairs.size());
    for (Pair p : pairs) {
      HostArray a = p.value.get().cast(p.variable.dtype());
      values.add(Tensor.ofTrusted(a));
    }
    for (int i = 0; i < values.size(); i++) {
      pairs.get(i).variable.assign(values.get(i));
    }
  }
}
