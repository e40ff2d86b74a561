package io.weft.control;

import io.weft.tensor.Graph;
import io.weft.tensor.Op;
import io.weft.tensor.Ops;
import io.weft.tensor.Rules;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.tensor.TensorSpec;
import io.weft.tensor.Vjp;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A loop over the leading axis of sequences. Inputs: the carried values, the sequences (steps,
 * ...), the captures of the body. The body takes carried values, slices and captures, and gives
 * carried values and outputs. Outputs: the carried values at the end, then the body's outputs
 * (steps, ...).
 */
public record Scan(Graph body, int carries, int sequences, int steps, boolean reverse)
    implements Op {
  @Override
  public String name() {
    return "scan";
  }

  @Override
  public List<TensorSpec> infer(List<TensorSpec> in) {
    List<TensorSpec> given = body.specs(body.inputs());
    boolean ok = given.size() == in.size();
    for (int i = 0; ok && i < in.size(); i++) {
      Shape s = in.get(i).shape();
      boolean sequence = i >= carries && i < carries + sequences;
      ok = !sequence || (s.rank() > 0 && s.dim(0) == steps);
      Shape slice = ok && sequence ? s.slice(1, s.rank()) : s;
      ok = ok && given.get(i).equals(new TensorSpec(slice, in.get(i).dtype()));
    }
    Rules.require(ok, this, "values and sequences of " + steps + " steps for " + given, in);
    List<TensorSpec> made = body.specs(body.outputs());
    List<TensorSpec> out = new ArrayList<>(made.subList(0, carries));
    for (TensorSpec s : made.subList(carries, made.size())) {
      out.add(new TensorSpec(Shape.of(steps).plus(s.shape().dims()), s.dtype()));
    }
    return out;
  }

  /** The loop unrolled; only for backends that have no kernel. */
  @Override
  public List<Tensor> decompose(List<Tensor> in) {
    if (steps == 0) {
      List<Tensor> out = new ArrayList<>(in.subList(0, carries));
      for (TensorSpec s : infer(Control.specs(in)).subList(carries, body.outputs().size())) {
        out.add(Ops.zeros(s.shape(), s.dtype()));
      }
      return out;
    }
    Control.Step s = Control.unroll(this, in);
    List<Tensor> out = new ArrayList<>(s.carries());
    out.addAll(s.outputs());
    return out;
  }

  /** The same loop with the carried values before each step as its outputs. */
  private Scan saving() {
    List<Integer> out = new ArrayList<>(body.outputs().subList(0, carries));
    out.addAll(body.inputs().subList(0, carries));
    Graph g = new Graph(body.specs(), body.inputs(), body.constants(), body.nodes(), out);
    return new Scan(g, carries, sequences, steps, reverse);
  }

  @Override
  public List<Tensor> vjp(Vjp v) {
    int n = v.inputs();
    List<Tensor> in = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      in.add(v.in(i));
    }
    int xs = carries + sequences;
    List<Integer> moving = new ArrayList<>(); // floating carried values
    for (int i = 0; i < carries; i++) {
      if (in.get(i).dtype().isFloating()) {
        moving.add(i);
      }
    }
    List<Integer> slices = wanted(v, carries, xs);
    List<Integer> captured = wanted(v, xs, n);
    List<Integer> seeded = new ArrayList<>(); // outputs with a gradient
    for (int i = carries; i < body.outputs().size(); i++) {
      if (v.hasDout(i)) {
        seeded.add(i);
      }
    }
    List<Tensor> before = Ops.apply(saving(), in).subList(carries, 2 * carries);

    List<Tensor> start = new ArrayList<>();
    moving.forEach(i -> start.add(v.dout(i)));
    captured.forEach(i -> start.add(Ops.zeros(in.get(i).shape(), in.get(i).dtype())));
    List<Tensor> series = new ArrayList<>(before);
    series.addAll(in.subList(carries, xs));
    seeded.forEach(i -> series.add(v.dout(i)));
    List<Integer> sources = new ArrayList<>(moving);
    sources.addAll(slices);
    sources.addAll(captured);

    Control.Step back =
        Control.scan(
            (now, at) -> {
              List<Tensor> arguments = new ArrayList<>(at.subList(0, xs));
              arguments.addAll(in.subList(xs, n));
              Tensor[] seeds = new Tensor[body.outputs().size()];
              for (int i = 0; i < moving.size(); i++) {
                seeds[moving.get(i)] = now.get(i);
              }
              for (int i = 0; i < seeded.size(); i++) {
                seeds[seeded.get(i)] = at.get(xs + i);
              }
              List<Tensor> g = Inner.gradients(body, arguments, Arrays.asList(seeds), sources);
              int m = moving.size();
              int c = m + slices.size();
              List<Tensor> next = new ArrayList<>(g.subList(0, m));
              for (int i = 0; i < captured.size(); i++) {
                next.add(now.get(m + i).plus(g.get(c + i)));
              }
              return new Control.Step(next, g.subList(m, c));
            },
            start,
            series,
            steps,
            !reverse);

    Tensor[] result = new Tensor[n];
    for (int i = 0; i < moving.size(); i++) {
      result[moving.get(i)] = back.carries().get(i);
    }
    for (int i = 0; i < captured.size(); i++) {
      result[captured.get(i)] = back.carries().get(moving.size() + i);
    }
    for (int i = 0; i < slices.size(); i++) {
      result[slices.get(i)] = back.outputs().get(i);
    }
    return Arrays.asList(result);
  }

  private static List<Integer> wanted(Vjp v, int from, int to) {
    List<Integer> w = new ArrayList<>();
    for (int i = from; i < to; i++) {
      if (v.needs(i)) {
        w.add(i);
      }
    }
    return w;
  }
}
