package io.weft.engine;

import io.weft.backend.Executable;
import io.weft.engine.op.Kernel;
import io.weft.tensor.DType;
import io.weft.tensor.Graph;
import java.lang.reflect.Array;

/** A graph as kernels over numbered arrays. */
final class JavaExecutable implements Executable {
  /** One kernel with the values it reads and makes. */
  record Step(Kernel kernel, int[] in, int[] out) {}

  /** The class of a value's elements and their number. */
  record Slot(Class<?> element, int size) {
    static Slot of(DType dtype, int size) {
      return new Slot(dtype.arrayType().getComponentType(), size);
    }

    Object allocate() {
      return element == float.class ? new float[size] : Array.newInstance(element, size);
    }
  }

  private final Graph graph;
  private final Object[] constants;
  private final Slot[] slots;
  private final Step[] steps;
  private final int[] inputs;
  private final int[] outputs;
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
    this.outputTypes = new DType[outputs.length];
    for (int i = 0; i < outputs.length; i++) {
      outputTypes[i] = graph.specs().get(graph.outputs().get(i)).dtype();
    }
  }

  @Override
  public Graph graph() {
    return graph;
  }

  Object[] run(Object[] arguments) {
    Object[] values = constants.clone();
    for (int i = 0; i < inputs.length; i++) {
      values[inputs[i]] = arguments[i];
    }
    for (Step s : steps) {
      Object[] in = new Object[s.in.length];
      for (int i = 0; i < in.length; i++) {
        in[i] = values[s.in[i]];
      }
      Object[] out = new Object[s.out.length];
      for (int i = 0; i < out.length; i++) {
        out[i] = slots[s.out[i]].allocate();
        values[s.out[i]] = out[i];
      }
      s.kernel.run(in, out);
    }
    Object[] results = new Object[outputs.length];
    for (int i = 0; i < results.length; i++) {
      results[i] = values[outputs[i]];
    }
    return results;
  }
}
