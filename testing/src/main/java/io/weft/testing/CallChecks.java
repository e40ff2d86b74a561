package io.weft.testing;

import io.weft.error.ConfigException;
import io.weft.error.ShapeException;
import io.weft.error.WeftException;
import io.weft.layer.CallArgs;
import io.weft.layer.Layer;
import io.weft.random.Seeds;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.tensor.Variable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/** Batches, lengths, refusals and seeds, for {@link AttentionBattery}. */
final class CallChecks {
  private final AttentionCase c;

  CallChecks(AttentionCase c) {
    this.c = c;
  }

  void batches(Layer exact, List<Tensor> inputs) {
    List<Tensor> y = c.call(exact, inputs);
    List<Tensor> other = new ArrayList<>();
    for (Tensor x : inputs) {
      List<Tensor> parts = new ArrayList<>(List.of(part(x, 0)));
      parts.add(Numbers.random(x.shape().withDim(0, x.dim(0) - 1), 700).times(3));
      other.add(Ops.concatenate(parts, 0));
    }
    c.close("a sample among others", part(y.get(0), 0), part(c.call(exact, other).get(0), 0));
    for (int i = 0; i < inputs.get(0).dim(0); i++) {
      int at = i;
      List<Tensor> one = inputs.stream().map(x -> part(x, at)).toList();
      c.close("sample " + i + " alone", part(y.get(0), i), c.call(exact, one).get(0));
    }
  }

  private static Tensor part(Tensor x, int sample) {
    int[] starts = new int[x.rank()];
    starts[0] = sample;
    return Ops.slice(x, starts, x.shape().withDim(0, 1).dims());
  }

  void lengths(Layer exact, List<Tensor> inputs) {
    int[] tokens = c.emptyAllowed ? new int[] {1, 0} : new int[] {1};
    for (int n : tokens) {
      for (int set = 1; set < 4; set++) {
        boolean queries = (set & 1) != 0 && c.query >= 0;
        boolean keys = (set & 2) != 0 && c.sources.length > 0;
        if (c.attendsToItself() && set != 3 || !queries && !keys || c.fixed > n) {
          continue;
        }
        List<Tensor> some = new ArrayList<>(inputs);
        if (queries) {
          shorten(some, c.query, n);
        }
        if (keys) {
          IntStream.of(c.sources).forEach(s -> shorten(some, s, n));
        }
        length(exact, some, n + " tokens as " + (queries ? "queries " : "") + (keys ? "keys" : ""));
      }
    }
    if (c.sources.length > 0 && !c.attendsToItself() && !c.ordered && !c.memory && c.fixed == 0) {
      List<Tensor> one = new ArrayList<>(inputs);
      List<Tensor> thrice = new ArrayList<>(inputs);
      for (int s : c.sources) {
        shorten(one, s, 1);
        thrice.set(s, Ops.repeat(one.get(s), 3, c.axis(s)));
      }
      c.close("one key three times", c.call(exact, one).get(0), c.call(exact, thrice).get(0));
    }
  }

  private void shorten(List<Tensor> inputs, int input, int n) {
    Tensor x = inputs.get(input);
    int[] starts = new int[x.rank()];
    inputs.set(input, Ops.slice(x, starts, x.shape().withDim(c.axis(input), n).dims()));
  }

  /** Either numbers with a row for each query, or a documented refusal of no tokens at all. */
  private void length(Layer exact, List<Tensor> inputs, String what) {
    Tensor y;
    try {
      y = c.call(exact, inputs).get(0);
    } catch (WeftException | ShapeException e) {
      if (what.startsWith("0")) {
        return;
      }
      throw new AssertionError(c.what(what + ": refused: " + e.getMessage()), e);
    }
    c.finite(what, y);
    if (c.query >= 0) {
      int expected = inputs.get(c.query).dim(c.axis(c.query));
      if (y.dim(c.axis(c.query)) != expected) {
        throw new AssertionError(
            c.what(what) + ": expected " + expected + " rows. Received: " + y.shape());
      }
    }
  }

  void refusals(Layer exact, List<Tensor> inputs) {
    for (int i = 0; i < inputs.size(); i++) {
      Shape s = inputs.get(i).shape();
      int width = c.axes.containsKey(i) ? 1 : s.rank() - 1;
      Shape wrong = s.withDim(width, s.dim(width) + 1);
      String message = refusal(exact, inputs, i, wrong);
      for (int number : new int[] {s.dim(width), s.dim(width) + 1}) {
        if (!message.contains(String.valueOf(number))) {
          throw new AssertionError(
              c.what("input " + i + " of shape " + wrong)
                  + ": expected a refusal that names "
                  + number
                  + ". Received: "
                  + message);
        }
      }
      refusal(exact, inputs, i, Shape.of(s.dim(0)));
    }
  }

  private String refusal(Layer exact, List<Tensor> inputs, int i, Shape wrong) {
    List<Tensor> bad = new ArrayList<>(inputs);
    bad.set(i, Numbers.random(wrong, 3));
    try {
      c.call(exact, bad);
    } catch (WeftException | ShapeException | ConfigException e) {
      return String.valueOf(e.getMessage());
    }
    throw new AssertionError(c.what("input " + i + " of shape " + wrong) + ": was accepted");
  }

  /** The global sequence of seeds is moved; later draws are not those of before. */
  void seeds(List<Tensor> inputs) {
    Seeds.set(Repeatable.SEED);
    Layer first = c.copies.with("float64");
    c.call(first, inputs);
    List<Tensor> weights = first.getWeights();
    List<Tensor> trained = first.applyAll(inputs, CallArgs.training(true));
    Seeds.set(Repeatable.SEED);
    Layer second = c.copies.with("float64");
    second.build(c.shapes);
    Seeds.next();
    List<Variable> backwards = new ArrayList<>(second.weights());
    Collections.reverse(backwards);
    backwards.forEach(Variable::concrete);
    Numbers.assertSame(c.what("weights of one seed"), weights, second.getWeights());
    c.call(second, inputs);
    List<Tensor> again = second.applyAll(inputs, CallArgs.training(true));
    Numbers.assertSame(c.what("training of one seed"), trained, again);
  }
}
