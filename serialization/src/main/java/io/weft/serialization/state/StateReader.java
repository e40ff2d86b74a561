package io.weft.serialization.state;

import io.weft.error.ModelFormatException;
import io.weft.format.LoadOptions;
import io.weft.format.Saveable;
import io.weft.serialization.hdf5.Hdf5Dataset;
import io.weft.serialization.state.WeightStore.Vars;
import io.weft.tensor.DType;
import io.weft.tensor.Variable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads the state of a model from the weight layout of Keras 3 and its elders of the same kind. */
public final class StateReader {
  private final String file;
  private final WeightStore store;
  private final LoadOptions options;
  private final Assignments assignments;
  private final Map<String, Vars> byName = new HashMap<>();
  private final Set<Vars> used = new HashSet<>();
  private final List<Saveable> loaded = new ArrayList<>();

  private StateReader(String file, WeightStore store, LoadOptions options) {
    this.file = file;
    this.store = store;
    this.options = options;
    this.assignments = new Assignments(file, options.skipMismatch());
    Set<String> twice = new HashSet<>();
    for (Vars v : store.all()) {
      String name = v.name();
      if (name != null && byName.put(name, v) != null) {
        twice.add(name);
      }
    }
    byName.keySet().removeAll(twice);
  }

  /** Reads everything or changes nothing; gives what was passed over. */
  public static List<String> load(
      String file, WeightStore store, Saveable root, LoadOptions options) {
    StateReader r = new StateReader(file, store, options);
    StateWalk.walk(root, r::object);
    r.assignments.apply();
    for (Saveable s : r.loaded) {
      s.afterLoad();
    }
    for (Vars v : store.all()) {
      if (!r.used.contains(v) && !v.keys().isEmpty()) {
        r.assignments.note(v.path() + " is not part of the model and was not read");
      }
    }
    return r.assignments.notes();
  }

  private void object(String path, Saveable s) {
    List<Variable> variables = s.savedVariables();
    Vars vars = store.find(path);
    if (s.keepsStateOnMismatch()) {
      if (vars != null) {
        used.add(vars);
        if (options.optimizer()) {
          optimizer(path, s, variables, vars);
        }
      }
      return;
    }
    if (s.canDoWithoutState() && (vars == null || vars.keys().isEmpty())) {
      return;
    }
    List<String> problems = problems(s, variables, vars);
    if (!problems.isEmpty()) {
      // layers of one class may be numbered otherwise by another writer: the noted name decides
      Vars named = byName.get(s.name());
      if (named != null && problems(s, variables, named).isEmpty()) {
        vars = named;
        problems = List.of();
      }
    }
    if (vars != null) {
      used.add(vars);
    }
    if (!problems.isEmpty()) {
      for (String p : problems) {
        assignments.problem(place(path) + " (" + s.name() + "): " + p);
      }
      return;
    }
    for (int i = 0; i < variables.size(); i++) {
      assignments.add(variables.get(i), vars.dataset(s.savedKey(i)));
    }
    loaded.add(s);
  }

  private static String place(String path) {
    return path.isEmpty() ? "the model's own variables" : path;
  }

  private List<String> problems(Saveable s, List<Variable> variables, Vars vars) {
    List<String> problems = new ArrayList<>();
    if (variables.isEmpty() && vars == null) {
      return problems;
    }
    Set<String> keys = vars == null ? Set.of() : vars.keys();
    Set<String> expected = new HashSet<>();
    for (int i = 0; i < variables.size(); i++) {
      expected.add(s.savedKey(i));
      String p = problem(variables.get(i), s.savedKey(i), vars);
      if (p != null) {
        problems.add(p);
      }
    }
    for (String k : keys) {
      if (!expected.contains(k)) {
        problems.add("expected " + variables.size() + " variables. Received: also vars/" + k);
      }
    }
    return problems;
  }

  private static String problem(Variable v, String key, Vars vars) {
    String who = "vars/" + key + " (" + v.path() + "): expected " + v.spec() + ". Received: ";
    try {
      Hdf5Dataset d = vars == null ? null : vars.dataset(key);
      if (d == null) {
        return who + "nothing in the file";
      }
      if (!d.shape().equals(v.shape()) || d.dtype() == DType.STRING && v.dtype() != DType.STRING) {
        return who + d.spec();
      }
      return null;
    } catch (ModelFormatException e) {
      return who + e.getMessage();
    }
  }

  /** Optimizer state is matched by role, and left alone if it does not fit, as Keras does. */
  private void optimizer(String path, Saveable s, List<Variable> variables, Vars vars) {
    List<Hdf5Dataset> data;
    List<Hdf5Dataset> ordered;
    try {
      data = datasets(path, vars);
      ordered = OptimizerState.match(variables, data);
      Vars inner = store.find(StateWalk.join(path, "inner_optimizer"));
      if (ordered == null && inner != null) {
        // loss scaling was on when the file was written
        used.add(inner);
        ordered = OptimizerState.match(variables, datasets(path, inner));
      }
    } catch (ModelFormatException e) {
      assignments.note(path + " keeps its state: " + e.getMessage());
      return;
    }
    if (ordered == null) {
      assignments.note(
          path
              + " keeps its state: expected "
              + variables.size()
              + " variables. Received: "
              + data.size()
              + " of other shapes");
      return;
    }
    for (int i = 0; i < ordered.size(); i++) {
      if (ordered.get(i) != null) {
        assignments.add(variables.get(i), ordered.get(i));
      }
    }
    loaded.add(s);
  }

  private List<Hdf5Dataset> datasets(String path, Vars vars) {
    List<Hdf5Dataset> data = new ArrayList<>();
    for (int i = 0; i < vars.keys().size(); i++) {
      Hdf5Dataset d = vars.dataset(String.valueOf(i));
      if (d == null) {
        throw new ModelFormatException(
            file + ": " + path + ": expected vars/" + i + ". Received: " + vars.keys());
      }
      data.add(d);
    }
    return data;
  }
}
