package io.weft.engine;

import io.weft.backend.Executable;
import io.weft.backend.Storage;
import io.weft.engine.op.Kernel;
import io.weft.error.BackendException;
import io.weft.tensor.DType;
import io.weft.tensor.Graph;
import java.lang.ref.SoftReference;
import java.lang.reflect.Array;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * A graph as kernels over numbered arrays. A run borrows a workspace: all buffers, and for each
 * step the arrays it works on; only inputs and results are put in for the run. Idle workspaces are
 * kept while memory lasts.
 */
final class JavaExecutable implements Executable {
  private static final int KEPT = 4;

  /** One kernel with the values it reads and makes. */
  record Step(Kernel kernel, int[] in, int[] out) {}

  /** The class of a value's elements and their number. */
  record Slot(Class<?> element, int size) {
    static Slot of(DType dtype, int size) {
      return new Slot(dtype.arrayType().getComponentType(), size);
    }

    /** Whether an array of this slot serves the other; a record's equals would slow the start. */
    boolean fits(Slot other) {
      return element == other.element && size == other.size;
    }

    long bytes() {
      return (long) size
          * (element == double.class || element == long.class
              ? 8
              : element == byte.class ? 1 : element == short.class ? 2 : 4);
    }

    Object allocate() {
      return element == float.class ? new float[size] : Array.newInstance(element, size);
    }
  }

  /** Where a value is read or made: an operand of a step. */
  private record Place(int step, boolean result, int position) {}

  /** An input that a step would rather have in another form. */
  private record Prepared(int input, int step, int position, Kernel.Preparation preparation) {}

  private final Graph graph;
  private final Object[] constants;
  private final Slot[] slots;
  private final Step[] steps;
  private final int[] inputs;
  private final int[] outputs;
  private final MemoryPlan plan;
  private final Place[][] inputPlaces;
  private final Place[][] outputPlaces;
  private final Prepared[] prepared;
  private final int[] outputSource; // index of an earlier equal result or −1 − input, else itself
  private final AtomicReferenceArray<SoftReference<Workspace>> idle =
      new AtomicReferenceArray<>(KEPT);
  final DType[] outputTypes;

  /**
   * Values of {@code constants} that are not null are there from the start; the others come from
   * the caller or from a step.
   */
  JavaExecutable(
      Graph graph, Object[] constants, Slot[] slots, Step[] steps, int[] inputs, int[] outputs) {
    this.graph = graph;
    this.constants = constants;
    this.slots = slots;
    this.steps = steps;
    this.inputs = inputs;
    this.outputs = outputs;
    this.plan = new MemoryPlan(steps, slots, outputs);
    this.inputPlaces = places(inputs);
    this.outputPlaces = places(outputs);
    this.prepared = preparations();
    this.outputSource = new int[outputs.length];
    this.outputTypes = new DType[outputs.length];
    for (int i = 0; i < outputs.length; i++) {
      outputTypes[i] = graph.specs().get(graph.outputs().get(i)).dtype();
      outputSource[i] = firstEqual(i);
    }
  }

  /** The earlier result that a result repeats, or −1 − i for input i, or itself. */
  int source(int output) {
    return outputSource[output];
  }

  /** Whether a result is the same array in all runs. */
  boolean isConstant(int output) {
    return constants[outputs[output]] != null;
  }

  private int firstEqual(int output) {
    for (int i = 0; i < inputs.length; i++) {
      if (inputs[i] == outputs[output]) {
        return -1 - i;
      }
    }
    int first = 0;
    while (outputs[first] != outputs[output]) {
      first++;
    }
    return first;
  }

  private Place[][] places(int[] values) {
    Place[][] r = new Place[values.length][];
    for (int i = 0; i < r.length; i++) {
      List<Place> p = new ArrayList<>();
      for (int s = 0; s < steps.length; s++) {
        collect(steps[s].in, values[i], s, false, p);
        collect(steps[s].out, values[i], s, true, p);
      }
      r[i] = p.toArray(new Place[0]);
    }
    return r;
  }

  private Prepared[] preparations() {
    List<Prepared> r = new ArrayList<>();
    for (int i = 0; i < inputs.length; i++) {
      for (Place p : inputPlaces[i]) {
        Kernel.Preparation form = p.result ? null : steps[p.step].kernel.preparation(p.position);
        if (form != null) {
          r.add(new Prepared(i, p.step, p.position, form));
        }
      }
    }
    return r.toArray(new Prepared[0]);
  }

  private static void collect(int[] of, int value, int step, boolean result, List<Place> to) {
    for (int k = 0; k < of.length; k++) {
      if (of[k] == value) {
        to.add(new Place(step, result, k));
      }
    }
  }

  /** The arrays of one run at a time. */
  private final class Workspace {
    final Object[][] in = new Object[steps.length][];
    final Object[][] out = new Object[steps.length][];
    final SoftReference<Workspace> self = new SoftReference<>(this);

    Workspace() {
      Object[] buffers = new Object[plan.buffers.size()];
      for (int i = 0; i < buffers.length; i++) {
        buffers[i] = plan.buffers.get(i).allocate();
      }
      for (int s = 0; s < steps.length; s++) {
        in[s] = arrays(steps[s].in, buffers);
        out[s] = arrays(steps[s].out, buffers);
      }
    }

    private Object[] arrays(int[] values, Object[] buffers) {
      Object[] r = new Object[values.length];
      for (int i = 0; i < r.length; i++) {
        int b = plan.buffer[values[i]];
        r[i] = b >= 0 ? buffers[b] : constants[values[i]];
      }
      return r;
    }

    void bind(Place[] places, Object array) {
      for (Place p : places) {
        (p.result ? out : in)[p.step][p.position] = array;
      }
    }
  }

  @Override
  public Graph graph() {
    return graph;
  }

  private static final Object[] NONE = {};

  Object[] run(Object[] arguments) {
    return run(arguments, List.of(), NONE);
  }

  /**
   * Runs the graph.
   *
   * @param storages what the arguments belong to, or nothing
   * @param spare arrays that the last results may be written into; null in place of missing ones
   */
  Object[] run(Object[] arguments, List<Storage> storages, Object[] spare) {
    Workspace w = take();
    try {
      for (int i = 0; i < inputs.length; i++) {
        w.bind(inputPlaces[i], arguments[i]);
      }
      if (!storages.isEmpty()) {
        for (Prepared p : prepared) {
          Object form = ((HeapStorage) storages.get(p.input)).prepared(p.preparation);
          if (form != null) {
            w.in[p.step][p.position] = form;
          }
        }
      }
      Object[] results = new Object[outputs.length];
      for (int i = 0; i < results.length; i++) {
        int k = i - results.length + spare.length;
        results[i] = result(i, arguments, results, k < 0 ? null : spare[k], w);
      }
      for (int s = 0; s < steps.length; s++) {
        steps[s].kernel.run(w.in[s], w.out[s]);
      }
      return results;
    } catch (OutOfMemoryError e) { // for a result, or inside a kernel; nothing is published yet
      throw lacksMemory("results and working memory", slotBytes(outputs), e);
    } finally {
      release(w);
    }
  }

  private Object result(int i, Object[] arguments, Object[] results, Object spare, Workspace w) {
    int from = outputSource[i];
    if (from < 0) {
      return arguments[-1 - from];
    }
    Object constant = constants[outputs[i]];
    if (constant != null) {
      return constant;
    }
    if (from < i) {
      return results[from];
    }
    Object fresh = spare != null ? spare : slots[outputs[i]].allocate();
    w.bind(outputPlaces[i], fresh);
    return fresh;
  }

  private Workspace take() {
    for (int i = 0; i < KEPT; i++) {
      SoftReference<Workspace> r = idle.get(i) == null ? null : idle.getAndSet(i, null);
      Workspace w = r == null ? null : r.get();
      if (w != null) {
        return w;
      }
    }
    try {
      return new Workspace();
    } catch (OutOfMemoryError e) { // nothing has been computed yet, so nothing is lost
      long bytes = plan.buffers.stream().mapToLong(Slot::bytes).sum();
      throw lacksMemory("the intermediate results", bytes, e);
    }
  }

  private long slotBytes(int[] values) {
    long bytes = 0;
    for (int v : values) {
      bytes += slots[v].bytes();
    }
    return bytes;
  }

  private static BackendException lacksMemory(String what, long bytes, OutOfMemoryError e) {
    return new BackendException(
        "Java backend: "
            + what
            + " of this step need "
            + bytes / (1 << 20)
            + " MiB or more; the heap has "
            + Runtime.getRuntime().maxMemory() / (1 << 20)
            + ". Take smaller batches, or give the JVM more with -Xmx.",
        e);
  }

  /** Forgets the arrays of the run and keeps the rest for another. */
  private void release(Workspace w) {
    for (Place[] p : inputPlaces) {
      w.bind(p, null);
    }
    for (int i = 0; i < outputs.length; i++) {
      if (constants[outputs[i]] == null) {
        w.bind(outputPlaces[i], null);
      }
    }
    for (int i = 0; i < KEPT; i++) {
      if (idle.compareAndSet(i, null, w.self)) {
        return;
      }
    }
  }
}
