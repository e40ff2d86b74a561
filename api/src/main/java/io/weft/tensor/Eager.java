package io.weft.tensor;

import io.weft.backend.Backend;
import io.weft.backend.CompileOptions;
import io.weft.backend.Executable;
import io.weft.backend.Storage;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;

/** Runs one op at once: a compiled graph of one node, cached by backend, op and specs. */
final class Eager {
  /** Enough for the ops of a large model in several shapes; emptied when full. */
  private static final int LIMIT = 4096;

  private static final ConcurrentHashMap<Key, Executable> CACHE = new ConcurrentHashMap<>();

  private record Key(Backend backend, Op op, List<TensorSpec> in) {}

  private Eager() {}

  static List<Tensor> run(Op op, List<Tensor> in) {
    if (op instanceof Movement.Reshape r && in.get(0) instanceof ArrayTensor a) {
      return List.of(a.reshaped(r.infer(List.of(a.spec())).get(0).shape()));
    }
    List<TensorSpec> specs = new ArrayList<>(in.size());
    List<Storage> storages = new ArrayList<>(in.size());
    Backend backend = null;
    for (Tensor t : in) {
      specs.add(t.spec());
      Storage s = ((ArrayTensor) t).storage();
      storages.add(s);
      backend = s.backend();
    }
    if (backend == null) {
      backend = io.weft.backend.Backends.current();
    }
    Key key = new Key(backend, op, specs);
    Executable e = CACHE.get(key);
    if (e == null) {
      e = backend.compile(Graph.of(op, specs), CompileOptions.DEFAULT);
      if (CACHE.size() >= LIMIT) {
        CACHE.clear();
      }
      CACHE.put(key, e);
    }
    List<Storage> out = backend.run(e, storages);
    List<TensorSpec> outSpecs = e.graph().specs(e.graph().outputs());
    List<Tensor> result = new ArrayList<>(out.size());
    for (int i = 0; i < out.size(); i++) {
      result.add(ArrayTensor.of(out.get(i), outSpecs.get(i).shape()));
    }
    return result;
  }
}
