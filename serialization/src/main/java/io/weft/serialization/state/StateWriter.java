package io.weft.serialization.state;

import io.weft.format.Saveable;
import io.weft.serialization.hdf5.GroupBuilder;
import io.weft.tensor.Variable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Lays the state of a model out as Keras 3 does in {@code .weights.h5}. */
public final class StateWriter {
  private StateWriter() {}

  /** The tree of groups; numbers are taken from the variables when the file is written. */
  public static GroupBuilder groups(Saveable root) {
    GroupBuilder out = new GroupBuilder();
    StateWalk.walk(
        root,
        (path, s) -> {
          GroupBuilder vars = out.group(StateWalk.join(path, "vars"));
          vars.text("name", s.name());
          List<Variable> variables = s.savedVariables();
          for (int i = 0; i < variables.size(); i++) {
            Variable v = variables.get(i);
            vars.dataset(s.savedKey(i), v.dtype(), v.shape(), () -> v.concrete().toHostArray());
          }
        });
    return out;
  }

  /** Files beside the weights by their path under {@code assets/}. */
  public static Map<String, byte[]> assets(Saveable root) {
    Map<String, byte[]> all = new LinkedHashMap<>();
    StateWalk.walk(
        root, (path, s) -> s.saveAssets().forEach((n, b) -> all.put(StateWalk.join(path, n), b)));
    return all;
  }
}
