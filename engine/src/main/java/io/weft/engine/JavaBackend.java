package io.weft.engine;

import io.weft.backend.Backend;
import io.weft.backend.Backends;
import io.weft.backend.CompileOptions;
import io.weft.backend.Executable;
import io.weft.backend.Storage;
import io.weft.engine.op.Kernels;
import io.weft.engine.tier.KernelTier;
import io.weft.error.BackendException;
import io.weft.error.UnsupportedFeatureException;
import io.weft.tensor.DType;
import io.weft.tensor.Graph;
import io.weft.tensor.HostArray;
import io.weft.tensor.Op;
import io.weft.tensor.Shape;
import io.weft.tensor.TensorSpec;
import java.lang.reflect.Array;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;

/** The backend in plain Java. Any thread may use it; runs are synchronous. */
public final class JavaBackend implements Backend {
  /**
   * Elements of a value from which on a graph is likely to want machine code. Getting it ready
   * beside the first prediction of a smaller model would cost that some 0.1 s.
   */
  private static final int LARGE = 2048;

  private final Kernels kernels = Kernels.standard();
  private final LongAdder compiled = new LongAdder();
  private final LongAdder runs = new LongAdder();
  private boolean told; // which kernels serve; twice would do no harm

  JavaBackend() {
    ControlKernels.register(kernels);
  }

  @Override
  public String name() {
    return "java";
  }

  @Override
  public boolean supports(Op op, List<TensorSpec> in) {
    return kernels.has(op) || GraphCompiler.isAlias(op);
  }

  @Override
  public Storage upload(HostArray array, boolean owned) {
    if (array.dtype() == DType.STRING) {
      throw new UnsupportedFeatureException(
          "Java backend: strings live on the host only; map them to numbers first.");
    }
    return new HeapStorage(this, array.dtype(), owned ? array.data() : copy(array.data()), true);
  }

  @Override
  public HostArray download(Storage storage, Shape shape) {
    return new HostArray(storage.dtype(), shape, copy(data(storage)));
  }

  private static Object copy(Object array) {
    if (array instanceof float[] floats) {
      return floats.clone(); // does not fill the new array with zeros first
    }
    int n = Array.getLength(array);
    Object to = Array.newInstance(array.getClass().getComponentType(), n);
    System.arraycopy(array, 0, to, 0, n);
    return to;
  }

  static Object data(Storage storage) {
    if (storage instanceof HeapStorage h) {
      return h.data;
    }
    throw new BackendException(
        "Java backend: expected tensors of this backend. Received: one of backend '"
            + storage.backend().name()
            + "'. Copy it over with Tensor.of(tensor.toHostArray()).");
  }

  @Override
  public void prepare() {
    KernelTier.prepare();
  }

  @Override
  public Executable compile(Graph graph, CompileOptions options) {
    compiled.increment();
    for (TensorSpec s : graph.specs()) {
      if (s.shape().size() >= LARGE) {
        KernelTier.prepare();
        break;
      }
    }
    return Backends.with(this, () -> new GraphCompiler(kernels).compile(graph));
  }

  @Override
  public List<Storage> run(Executable executable, List<Storage> inputs) {
    return run(executable, inputs, new Storage[0]);
  }

  @Override
  public List<Storage> run(Executable executable, List<Storage> inputs, Storage[] spare) {
    runs.increment();
    if (!told && runs.sum() > 1) {
      told = true;
      KernelTier.tell();
    }
    JavaExecutable e = (JavaExecutable) executable;
    Object[] in = new Object[inputs.size()];
    for (int i = 0; i < in.length; i++) {
      in[i] = data(inputs.get(i));
    }
    Object[] out = e.run(in, inputs, arrays(spare));
    Storage[] results = new Storage[out.length];
    for (int i = 0; i < out.length; i++) {
      results[i] = result(e, i, out[i], inputs, results);
    }
    return Arrays.asList(results);
  }

  /** A result of its own, or the very storage that it repeats, which then has two holders. */
  private Storage result(
      JavaExecutable e, int i, Object array, List<Storage> inputs, Storage[] results) {
    int from = e.source(i);
    if (from == i) {
      return new HeapStorage(this, e.outputTypes[i], array, e.isConstant(i));
    }
    Storage same = from < 0 ? inputs.get(-1 - from) : results[from];
    same.share();
    return same;
  }

  private static Object[] arrays(Storage[] storages) {
    Object[] r = new Object[storages.length];
    for (int i = 0; i < r.length; i++) {
      r[i] = storages[i] == null ? null : data(storages[i]);
    }
    return r;
  }

  @Override
  public String diagnostics() {
    String work = compiled.sum() + " graphs compiled, " + runs.sum() + " runs, ";
    return "java backend: " + work + KernelTier.description();
  }
}
