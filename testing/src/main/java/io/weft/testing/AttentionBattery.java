package io.weft.testing;

import io.weft.config.Entry;
import io.weft.error.ConfigException;
import io.weft.error.ShapeException;
import io.weft.error.WeftException;
import io.weft.layer.CallArgs;
import io.weft.layer.Layer;
import io.weft.random.Seeds;
import io.weft.tensor.DType;
import io.weft.tensor.HostArray;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.tensor.Variable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * The checks that every attention layer should pass, in float64 and on copies of the layer: those
 * of {@link LayerBattery}, and
 *
 * <ul>
 *   <li>queries in another order give results in that order, keys in another order the same ones;
 *   <li>what a hidden key holds changes nothing; rows without any key are as said;
 *   <li>samples do not see each other, and a batch is its samples one by one;
 *   <li>one seed gives the same weights, whatever else is drawn and whichever is read first, and
 *       the same results in training;
 *   <li>one token and, if the layer takes it, none;
 *   <li>inputs of a wrong width or rank are refused with what was expected and received.
 * </ul>
 *
 * <pre>{@code
 * AttentionBattery.of(new CrossAttention(8, 2), Shape.of(2, 4, 5), Shape.of(2, 6, 7))
 *     .queries(0).sources(1)
 *     .hiding(Hiding.byKeys("value_mask"))
 *     .fullyMasked(AttentionBattery.Rows.FINITE)
 *     .run();
 * }</pre>
 */
public final class AttentionBattery {
  private static final double EXACT = 1e-9;
  private static final long SEED = 20240607;

  /** What a query gets whose keys are all hidden. */
  public enum Rows {
    /** Numbers, whichever. */
    FINITE,
    /** The average of all values: what equal keys would give. */
    UNIFORM,
    /** Nothing of any key. */
    ZERO
  }

  private final Layer layer;
  private final Shape[] shapes;
  private final Copies copies;
  private final LayerBattery general;
  private final Map<Integer, Integer> axes = new LinkedHashMap<>();
  private final List<Hiding> hidings = new ArrayList<>();
  private int query = -1;
  private int[] sources = {};
  private int fixed;
  private boolean ordered;
  private boolean memory;
  private boolean emptyAllowed = true;
  private Rows rows = Rows.FINITE;

  private AttentionBattery(Layer layer, Shape[] shapes) {
    this.layer = layer;
    this.shapes = shapes.clone();
    this.copies = new Copies(layer);
    this.general = LayerBattery.of(layer, shapes);
  }

  /** A battery for a layer and floating inputs of known shapes, each with a batch of at least 2. */
  public static AttentionBattery of(Layer layer, Shape... inputs) {
    for (Shape s : inputs) {
      if (s.rank() < 2 || s.dim(0) < 2) {
        throw new ConfigException(
            "AttentionBattery: expected shapes with a batch of at least 2. Received: " + s);
      }
    }
    return new AttentionBattery(layer, inputs);
  }

  /** The input whose tokens are the queries; the first output has as many. */
  public AttentionBattery queries(int input) {
    query = input;
    return this;
  }

  /**
   * The inputs whose tokens are keys or values; several are permuted alike. If the queries are
   * among them the layer attends to itself.
   */
  public AttentionBattery sources(int... inputs) {
    sources = inputs.clone();
    return this;
  }

  /** The axis of an image's tokens, 2 or 3, with its channels on axis 1; others have axis 1. */
  public AttentionBattery tokensOf(int input, int axis) {
    axes.put(input, axis);
    return this;
  }

  /** How many tokens keep their place, such as one for the class; default 0. */
  public AttentionBattery fixed(int tokens) {
    fixed = tokens;
    return this;
  }

  /** Says that the order of tokens matters, because of positions or a causal mask. */
  public AttentionBattery ordered() {
    ordered = true;
    return this;
  }

  /** Says that queries see keys beside those of the sources, such as a memory. */
  public AttentionBattery besideMemory() {
    memory = true;
    return this;
  }

  /** Says that sequences without tokens need not be tried. */
  public AttentionBattery neverEmpty() {
    emptyAllowed = false;
    return this;
  }

  /** A way to hide keys; each is tried. */
  public AttentionBattery hiding(Hiding way) {
    hidings.add(way);
    return this;
  }

  /** What a query gets whose keys are all hidden; default {@link Rows#FINITE}. */
  public AttentionBattery fullyMasked(Rows expected) {
    rows = expected;
    return this;
  }

  /** Objects of your own that the layer's config names; the layer itself is known. */
  public AttentionBattery knowing(Entry<?>... entries) {
    copies.know(entries);
    general.knowing(entries);
    return this;
  }

  /** See {@link LayerBattery#halfTolerance}. */
  public AttentionBattery halfTolerance(double tolerance) {
    general.halfTolerance(tolerance);
    return this;
  }

  /**
   * Runs all checks.
   *
   * @throws AssertionError for the first that fails
   */
  public void run() {
    general.run();
    Layer exact = copies.with("float64");
    List<Tensor> inputs = new ArrayList<>();
    for (int i = 0; i < shapes.length; i++) {
      inputs.add(Numbers.random(shapes[i], 500 + i));
    }
    call(exact, inputs);
    if (layer.isBuilt()) {
      exact.setWeights(
          layer.getWeights().stream()
              .map(t -> t.dtype().isFloating() ? t.cast(DType.FLOAT64) : t)
              .toList());
    } else {
      Numbers.disturb(exact.weights());
    }
    permutations(exact, inputs);
    for (Hiding way : hidings) {
      isolation(exact, inputs, way);
      fullyMasked(exact, inputs, way);
    }
    batches(exact, inputs);
    lengths(exact, inputs);
    refusals(exact, inputs);
    seeds(inputs);
  }

  // ---------------------------------------------------------------- order of tokens

  private int axis(int input) {
    return axes.getOrDefault(input, 1);
  }

  private boolean attendsToItself() {
    return IntStream.of(sources).anyMatch(s -> s == query);
  }

  private void permutations(Layer exact, List<Tensor> inputs) {
    if (ordered) {
      return;
    }
    Tensor y = call(exact, inputs).get(0);
    if (query >= 0) {
      int[] order = order(inputs.get(query).dim(axis(query)));
      List<Tensor> moved = new ArrayList<>(inputs);
      moved.set(query, permuted(inputs.get(query), axis(query), order));
      if (attendsToItself()) {
        for (int s : sources) {
          moved.set(s, permuted(inputs.get(s), axis(s), order));
        }
      }
      Tensor expected = permuted(y, axis(query), order);
      close("queries in another order", expected, call(exact, moved).get(0));
    }
    if (sources.length > 0 && !attendsToItself()) {
      close("keys in another order", y, call(exact, reordered(inputs)).get(0));
    }
  }

  private List<Tensor> reordered(List<Tensor> inputs) {
    List<Tensor> moved = new ArrayList<>(inputs);
    for (int s : sources) {
      moved.set(s, permuted(inputs.get(s), axis(s), order(inputs.get(s).dim(axis(s)))));
    }
    return moved;
  }

  /** Backwards, but for the tokens that keep their place. */
  private int[] order(int n) {
    return IntStream.range(0, n).map(i -> i < fixed ? i : n - 1 - (i - fixed)).toArray();
  }

  private static Tensor permuted(Tensor x, int axis, int[] order) {
    return Ops.take(x, Tensor.of(order, order.length), axis);
  }

  // ---------------------------------------------------------------- masks

  /** All keys may be seen but the last two of the first sample and one of the others. */
  private Tensor keep(List<Tensor> inputs, boolean none) {
    int batch = inputs.get(sources[0]).dim(0);
    int n = inputs.get(sources[0]).dim(axis(sources[0]));
    boolean[] keep = new boolean[batch * n];
    for (int i = 0; i < keep.length; i++) {
      int token = i % n;
      keep[i] = token < fixed || !none && token < n - (i < n ? 2 : 1);
    }
    return Tensor.of(keep, batch, n);
  }

  /** The sources with other content where {@code keep} is false. */
  private List<Tensor> spoiled(List<Tensor> inputs, Tensor keep) {
    List<Tensor> other = new ArrayList<>(inputs);
    for (int s : sources) {
      Tensor x = inputs.get(s);
      int[] wide = new int[x.rank()];
      Arrays.fill(wide, 1);
      wide[0] = keep.dim(0);
      wide[axis(s)] = keep.dim(1);
      Tensor noise = Numbers.random(x.shape(), 900 + s).times(50);
      other.set(s, Ops.where(Ops.reshape(keep, wide), x, noise));
    }
    return other;
  }

  private void isolation(Layer exact, List<Tensor> inputs, Hiding way) {
    Tensor keep = keep(inputs, false);
    Tensor y = visible(call(exact, way.of(inputs, keep)).get(0), keep);
    Tensor free = visible(call(exact, inputs).get(0), keep);
    if (Arrays.equals(y.toDoubleArray(), free.toDoubleArray())) {
      throw new AssertionError(what("a mask of keys changes nothing"));
    }
    Tensor spoiled = visible(call(exact, way.of(spoiled(inputs, keep), keep)).get(0), keep);
    exactly("content of hidden keys", y, spoiled);
  }

  /** Where a layer attends to itself, rows of hidden tokens are left out: they are queries too. */
  private Tensor visible(Tensor y, Tensor keep) {
    if (!attendsToItself() || query < 0) {
      return y;
    }
    int[] wide = new int[y.rank()];
    Arrays.fill(wide, 1);
    wide[0] = keep.dim(0);
    wide[axis(query)] = keep.dim(1);
    return Ops.where(Ops.reshape(keep, wide), y, Ops.zerosLike(y));
  }

  private void fullyMasked(Layer exact, List<Tensor> inputs, Hiding way) {
    if (fixed > 0) {
      return;
    }
    Tensor none = keep(inputs, true);
    Tensor y = call(exact, way.of(inputs, none)).get(0);
    finite("rows without any key", y);
    if (rows == Rows.ZERO && !attendsToItself()) {
      Tensor other = call(exact, way.of(spoiled(inputs, none), none)).get(0);
      exactly("content of keys that are all hidden", y, other);
    }
    if (rows == Rows.UNIFORM && !attendsToItself()) {
      List<Tensor> average = new ArrayList<>(inputs);
      for (int s : sources) {
        Tensor x = inputs.get(s);
        average.set(s, Ops.broadcastTo(Ops.mean(x, new int[] {axis(s)}, true), x.shape()));
      }
      close("rows without any key, as of equal keys", call(exact, average).get(0), y);
    }
  }

  // ---------------------------------------------------------------- batches and lengths

  private void batches(Layer exact, List<Tensor> inputs) {
    List<Tensor> y = call(exact, inputs);
    List<Tensor> other = new ArrayList<>();
    for (Tensor x : inputs) {
      List<Tensor> parts = new ArrayList<>(List.of(part(x, 0)));
      parts.add(Numbers.random(x.shape().withDim(0, x.dim(0) - 1), 700).times(3));
      other.add(Ops.concatenate(parts, 0));
    }
    close("a sample among others", part(y.get(0), 0), part(call(exact, other).get(0), 0));
    for (int i = 0; i < inputs.get(0).dim(0); i++) {
      int at = i;
      List<Tensor> one = inputs.stream().map(x -> part(x, at)).toList();
      close("sample " + i + " alone", part(y.get(0), i), call(exact, one).get(0));
    }
  }

  private static Tensor part(Tensor x, int sample) {
    int[] starts = new int[x.rank()];
    starts[0] = sample;
    return Ops.slice(x, starts, x.shape().withDim(0, 1).dims());
  }

  private void lengths(Layer exact, List<Tensor> inputs) {
    int[] tokens = emptyAllowed ? new int[] {1, 0} : new int[] {1};
    for (int n : tokens) {
      for (int set = 1; set < 4; set++) {
        boolean queries = (set & 1) != 0 && query >= 0;
        boolean keys = (set & 2) != 0 && sources.length > 0;
        if (attendsToItself() && set != 3 || !queries && !keys || fixed > n) {
          continue;
        }
        List<Tensor> some = new ArrayList<>(inputs);
        if (queries) {
          shorten(some, query, n);
        }
        if (keys) {
          IntStream.of(sources).forEach(s -> shorten(some, s, n));
        }
        length(exact, some, n + " tokens as " + (queries ? "queries " : "") + (keys ? "keys" : ""));
      }
    }
    if (sources.length > 0 && !attendsToItself() && !ordered && !memory && fixed == 0) {
      List<Tensor> one = new ArrayList<>(inputs);
      List<Tensor> thrice = new ArrayList<>(inputs);
      for (int s : sources) {
        shorten(one, s, 1);
        thrice.set(s, Ops.repeat(one.get(s), 3, axis(s)));
      }
      close("one key three times", call(exact, one).get(0), call(exact, thrice).get(0));
    }
  }

  private void shorten(List<Tensor> inputs, int input, int n) {
    Tensor x = inputs.get(input);
    int[] starts = new int[x.rank()];
    inputs.set(input, Ops.slice(x, starts, x.shape().withDim(axis(input), n).dims()));
  }

  /** Either numbers with a row for each query, or a documented refusal of no tokens at all. */
  private void length(Layer exact, List<Tensor> inputs, String what) {
    Tensor y;
    try {
      y = call(exact, inputs).get(0);
    } catch (WeftException | ShapeException e) {
      if (what.startsWith("0")) {
        return;
      }
      throw new AssertionError(what(what + ": refused: " + e.getMessage()), e);
    }
    finite(what, y);
    if (query >= 0) {
      int rows = inputs.get(query).dim(axis(query));
      if (y.dim(axis(query)) != rows) {
        throw new AssertionError(
            what(what) + ": expected " + rows + " rows. Received: " + y.shape());
      }
    }
  }

  // ---------------------------------------------------------------- errors and seeds

  private void refusals(Layer exact, List<Tensor> inputs) {
    for (int i = 0; i < inputs.size(); i++) {
      Shape s = inputs.get(i).shape();
      int width = axes.containsKey(i) ? 1 : s.rank() - 1;
      Shape wrong = s.withDim(width, s.dim(width) + 1);
      String message = refusal(exact, inputs, i, wrong);
      for (int number : new int[] {s.dim(width), s.dim(width) + 1}) {
        if (!message.contains(String.valueOf(number))) {
          throw new AssertionError(
              what("input " + i + " of shape " + wrong)
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
      call(exact, bad);
    } catch (WeftException | ShapeException | ConfigException e) {
      return String.valueOf(e.getMessage());
    }
    throw new AssertionError(what("input " + i + " of shape " + wrong) + ": was accepted");
  }

  /** The global sequence of seeds is moved; later draws are not those of before. */
  private void seeds(List<Tensor> inputs) {
    try {
      Seeds.set(SEED);
      Layer first = copies.with("float64");
      call(first, inputs);
      List<Tensor> weights = first.getWeights();
      List<Tensor> trained = first.applyAll(inputs, CallArgs.training(true));
      Seeds.set(SEED);
      Layer second = copies.with("float64");
      second.build(shapes);
      Seeds.next();
      List<Variable> backwards = new ArrayList<>(second.weights());
      Collections.reverse(backwards);
      backwards.forEach(Variable::concrete);
      Numbers.assertSame(what("weights of one seed"), weights, second.getWeights());
      call(second, inputs);
      List<Tensor> again = second.applyAll(inputs, CallArgs.training(true));
      Numbers.assertSame(what("training of one seed"), trained, again);
    } finally {
      Seeds.set(System.nanoTime());
    }
  }

  // ---------------------------------------------------------------- helpers

  private static List<Tensor> call(Layer l, List<Tensor> inputs) {
    return l.applyAll(inputs, CallArgs.NONE);
  }

  private static List<Tensor> call(Layer l, Hiding.Call call) {
    return l.applyAll(call.inputs(), call.args());
  }

  private void close(String what, Tensor expected, Tensor received) {
    Numbers.assertClose(what(what), expected, received, EXACT);
  }

  private void exactly(String what, Tensor expected, Tensor received) {
    Numbers.assertClose(what(what), expected, received, 0);
  }

  private void finite(String what, Tensor y) {
    HostArray all = y.toHostArray();
    for (int i = 0; i < all.size(); i++) {
      if (!Double.isFinite(all.doubleAt(i))) {
        throw new AssertionError(
            what(what)
                + " at "
                + Numbers.position(y.shape(), i)
                + ": expected a number. Received: "
                + all.doubleAt(i));
      }
    }
  }

  private String what(String check) {
    return layer.label() + ": " + check;
  }
}
