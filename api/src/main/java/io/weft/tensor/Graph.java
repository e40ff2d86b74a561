package io.weft.tensor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * A captured computation in single-assignment form: values are numbers 0…n−1 with a spec each,
 * nodes stand in an order in which every value is made before it is used. Immutable.
 *
 * @param specs spec of each value
 * @param inputs values given by the caller
 * @param constants values with fixed numbers
 * @param nodes ops with the values they read and make
 * @param outputs values returned, in order; a value may stand there twice
 */
public record Graph(
    List<TensorSpec> specs,
    List<Integer> inputs,
    Map<Integer, ArrayTensor> constants,
    List<Node> nodes,
    List<Integer> outputs) {

  /** One op with the values it reads and makes. */
  public record Node(Op op, List<Integer> inputs, List<Integer> outputs) {}

  public Graph {
    specs = List.copyOf(specs);
    inputs = List.copyOf(inputs);
    constants = Map.copyOf(constants);
    nodes = List.copyOf(nodes);
    outputs = List.copyOf(outputs);
  }

  /** The specs of some values. */
  public List<TensorSpec> specs(List<Integer> values) {
    List<TensorSpec> of = new ArrayList<>(values.size());
    for (int v : values) {
      of.add(specs.get(v));
    }
    return of;
  }

  /** The graph of one op on fresh inputs. */
  public static Graph of(Op op, List<TensorSpec> in) {
    List<TensorSpec> out = op.infer(in);
    TensorSpec[] all = new TensorSpec[in.size() + out.size()];
    Integer[] ins = new Integer[in.size()];
    Integer[] outs = new Integer[out.size()];
    for (int i = 0; i < all.length; i++) {
      if (i < ins.length) {
        all[i] = in.get(i);
        ins[i] = i;
      } else {
        all[i] = out.get(i - ins.length);
        outs[i - ins.length] = i;
      }
    }
    List<Integer> inputs = Arrays.asList(ins);
    List<Integer> outputs = Arrays.asList(outs);
    return new Graph(
        Arrays.asList(all), inputs, Map.of(), List.of(new Node(op, inputs, outputs)), outputs);
  }

  /** Applies the ops of this graph again, to other tensors: eagerly, or into a trace. */
  public List<Tensor> call(List<Tensor> arguments) {
    Tensor[] values = new Tensor[specs.size()];
    for (int i = 0; i < inputs.size(); i++) {
      values[inputs.get(i)] = arguments.get(i);
    }
    constants.forEach((id, t) -> values[id] = t);
    for (Node n : nodes) {
      List<Tensor> in = n.inputs().stream().map(i -> values[i]).toList();
      List<Tensor> out = Ops.apply(n.op(), in);
      for (int i = 0; i < out.size(); i++) {
        values[n.outputs().get(i)] = out.get(i);
      }
    }
    return outputs.stream().map(i -> values[i]).toList();
  }

  /** One line a node, for people. */
  @Override
  public String toString() {
    StringBuilder s = new StringBuilder("graph");
    inputs.forEach(i -> s.append(" %").append(i).append(':').append(specs.get(i)));
    s.append('\n');
    constants.forEach(
        (i, t) -> s.append("  %").append(i).append(" = constant ").append(t.spec()).append('\n'));
    for (Node n : nodes) {
      s.append("  ");
      n.outputs()
          .forEach(i -> s.append('%').append(i).append(':').append(specs.get(i)).append(' '));
      s.append("= ").append(n.op());
      n.inputs().forEach(i -> s.append(" %").append(i));
      s.append('\n');
    }
    s.append("  return");
    outputs.forEach(i -> s.append(" %").append(i));
    return s.toString();
  }
}
