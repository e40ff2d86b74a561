package io.weft.control;

import io.weft.error.ShapeException;
import io.weft.tensor.ArrayTensor;
import io.weft.tensor.Graph;
import io.weft.tensor.Movement;
import io.weft.tensor.Ops;
import io.weft.tensor.Rules;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.tensor.TensorSpec;
import io.weft.tensor.Trace;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;

/** Conditions and loops, as {@code keras.ops.cond}, {@code while_loop} and {@code scan}. */
public final class Control {
  private Control() {}

  /** What a step of a scan, or the whole scan, gives: the carried values and the outputs. */
  public record Step(List<Tensor> carries, List<Tensor> outputs) {}

  /**
   * The result of one of two bodies, which must give equal specs; {@code predicate} is a scalar.
   */
  public static List<Tensor> cond(
      Tensor predicate, Supplier<List<Tensor>> then, Supplier<List<Tensor>> otherwise) {
    if (predicate.shape().size() != 1) {
      throw new ShapeException("cond: expected a scalar predicate. Received: " + predicate.shape());
    }
    if (predicate instanceof ArrayTensor) {
      return predicate.item() != 0 ? then.get() : otherwise.get();
    }
    Trace.Captured a = Trace.captureInner(List.of(), x -> then.get());
    Trace.Captured b = Trace.captureInner(List.of(), x -> otherwise.get());
    List<Tensor> in = new ArrayList<>();
    in.add(Ops.reshape(Ops.cast(predicate, io.weft.tensor.DType.BOOL)));
    in.addAll(a.captures());
    in.addAll(b.captures());
    return Ops.apply(new Cond(a.graph(), b.graph()), in);
  }

  /**
   * Applies {@code body} while {@code condition} (a scalar) holds, at most {@code most} times
   * (negative: no limit). Differentiable inside a capture only with a limit.
   */
  public static List<Tensor> whileLoop(
      Function<List<Tensor>, Tensor> condition,
      Function<List<Tensor>, List<Tensor>> body,
      List<Tensor> start,
      int most) {
    if (!Trace.isOpen()) {
      List<Tensor> now = start;
      for (int i = 0; (most < 0 || i < most) && condition.apply(now).item() != 0; i++) {
        now = checked("while_loop", specs(start), body.apply(now));
      }
      return now;
    }
    List<TensorSpec> specs = specs(start);
    Trace.Captured c =
        Trace.captureInner(
            specs,
            x -> List.of(Ops.reshape(Ops.cast(condition.apply(x), io.weft.tensor.DType.BOOL))));
    Trace.Captured b = Trace.captureInner(specs, x -> checked("while_loop", specs, body.apply(x)));
    List<Tensor> in = new ArrayList<>(start);
    in.addAll(c.captures());
    in.addAll(b.captures());
    return Ops.apply(new While(c.graph(), b.graph(), start.size(), most), in);
  }

  /**
   * Steps {@code (carries, slices) → (carries, outputs)} over the leading axis of {@code
   * sequences}, from the back where {@code reverse}; outputs are stacked along a new leading axis,
   * each at the position of its slice.
   *
   * @param steps length of the leading axes
   */
  public static Step scan(
      BiFunction<List<Tensor>, List<Tensor>, Step> body,
      List<Tensor> start,
      List<Tensor> sequences,
      int steps,
      boolean reverse) {
    if (!Trace.isOpen() && steps > 0) {
      return unrolled(body, start, sequences, steps, reverse);
    }
    List<TensorSpec> carried = specs(start);
    List<TensorSpec> arguments = new ArrayList<>(carried);
    for (Tensor s : sequences) {
      arguments.add(new TensorSpec(s.shape().slice(1, s.rank()), s.dtype()));
    }
    int c = start.size();
    Trace.Captured captured =
        Trace.captureInner(
            arguments,
            x -> {
              Step s = body.apply(x.subList(0, c), x.subList(c, x.size()));
              List<Tensor> out = new ArrayList<>(checked("scan", carried, s.carries));
              out.addAll(s.outputs);
              return out;
            });
    List<Tensor> in = new ArrayList<>(start);
    in.addAll(sequences);
    in.addAll(captured.captures());
    Scan op = new Scan(captured.graph(), c, sequences.size(), steps, reverse);
    List<Tensor> out = Ops.apply(op, in);
    return new Step(out.subList(0, c), out.subList(c, out.size()));
  }

  /** {@link #scan} written out step by step, also in a capture; at least one step. */
  public static Step unrolled(
      BiFunction<List<Tensor>, List<Tensor>, Step> body,
      List<Tensor> start,
      List<Tensor> sequences,
      int steps,
      boolean reverse) {
    List<TensorSpec> carried = specs(start);
    List<Tensor> now = start;
    List<List<Tensor>> outputs = new ArrayList<>();
    for (int i = 0; i < steps; i++) {
      int t = reverse ? steps - 1 - i : i;
      List<Tensor> slices = new ArrayList<>();
      for (Tensor s : sequences) {
        slices.add(at(s, t));
      }
      Step step = body.apply(now, slices);
      now = checked("scan", carried, step.carries);
      outputs.add(step.outputs);
    }
    if (reverse) {
      Collections.reverse(outputs);
    }
    List<Tensor> stacked = new ArrayList<>();
    for (int j = 0; j < outputs.get(0).size(); j++) {
      List<Tensor> column = new ArrayList<>();
      for (List<Tensor> o : outputs) {
        column.add(o.get(j));
      }
      stacked.add(Ops.stack(column, 0));
    }
    return new Step(now, stacked);
  }

  /** Element t of the leading axis. */
  static Tensor at(Tensor s, int t) {
    int[] starts = new int[s.rank()];
    starts[0] = t;
    int[] steps = new int[s.rank()];
    java.util.Arrays.fill(steps, 1);
    Shape one = s.shape().withDim(0, 1);
    Tensor slice =
        Ops.apply1(
            new Movement.Slice(Rules.list(starts), Rules.list(one.dims()), Rules.list(steps)), s);
    return Ops.reshape(slice, s.shape().slice(1, s.rank()).dims());
  }

  /** A scan's body as a function of carries and slices, with its captured values given. */
  static BiFunction<List<Tensor>, List<Tensor>, Step> function(
      Graph body, int carries, List<Tensor> captures) {
    return (c, x) -> {
      List<Tensor> in = new ArrayList<>(c);
      in.addAll(x);
      in.addAll(captures);
      List<Tensor> out = body.call(in);
      return new Step(out.subList(0, carries), out.subList(carries, out.size()));
    };
  }

  /** Without a capture: the scan as plain ops. */
  static Step unroll(Scan op, List<Tensor> in) {
    int c = op.carries();
    int s = c + op.sequences();
    return unrolled(
        function(op.body(), c, in.subList(s, in.size())),
        in.subList(0, c),
        in.subList(c, s),
        op.steps(),
        op.reverse());
  }

  static List<TensorSpec> specs(List<Tensor> tensors) {
    return tensors.stream().map(Tensor::spec).toList();
  }

  private static List<Tensor> checked(String op, List<TensorSpec> want, List<Tensor> got) {
    if (!specs(got).equals(want)) {
      throw new ShapeException(
          op
              + ": expected a body that keeps the specs "
              + want
              + " of the loop's values. Received: "
              + specs(got));
    }
    return got;
  }
}
