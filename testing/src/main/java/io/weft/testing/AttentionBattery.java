package io.weft.testing;

import io.weft.config.Entry;
import io.weft.error.ConfigException;
import io.weft.layer.Layer;
import io.weft.tensor.DType;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

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
  /** What a query gets whose keys are all hidden. */
  public enum Rows {
    /** Numbers, whichever. */
    FINITE,
    /** The average of all values: what equal keys would give. */
    UNIFORM,
    /** Nothing of any key. */
    ZERO
  }

  private final AttentionCase of;
  private final LayerBattery general;
  private final List<Hiding> hidings = new ArrayList<>();

  private AttentionBattery(Layer layer, Shape[] shapes) {
    this.of = new AttentionCase(layer, shapes.clone());
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
    of.query = input;
    return this;
  }

  /**
   * The inputs whose tokens are keys or values; several are permuted alike. If the queries are
   * among them the layer attends to itself.
   */
  public AttentionBattery sources(int... inputs) {
    of.sources = inputs.clone();
    return this;
  }

  /** The axis of an image's tokens, 2 or 3, with its channels on axis 1; others have axis 1. */
  public AttentionBattery tokensOf(int input, int axis) {
    of.axes.put(input, axis);
    return this;
  }

  /** How many tokens keep their place, such as one for the class; default 0. */
  public AttentionBattery fixed(int tokens) {
    of.fixed = tokens;
    return this;
  }

  /** Says that the order of tokens matters, because of positions or a causal mask. */
  public AttentionBattery ordered() {
    of.ordered = true;
    return this;
  }

  /** Says that queries see keys beside those of the sources, such as a memory. */
  public AttentionBattery besideMemory() {
    of.memory = true;
    return this;
  }

  /** Says that sequences without tokens need not be tried. */
  public AttentionBattery neverEmpty() {
    of.emptyAllowed = false;
    return this;
  }

  /** A way to hide keys; each is tried. */
  public AttentionBattery hiding(Hiding way) {
    hidings.add(way);
    return this;
  }

  /** What a query gets whose keys are all hidden; default {@link Rows#FINITE}. */
  public AttentionBattery fullyMasked(Rows expected) {
    of.rows = expected;
    return this;
  }

  /** Objects of your own that the layer's config names; the layer itself is known. */
  public AttentionBattery knowing(Entry<?>... entries) {
    of.copies.know(entries);
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
    Repeatable.run(this::checks);
  }

  private void checks() {
    Layer exact = of.copies.with("float64");
    List<Tensor> inputs = new ArrayList<>();
    for (int i = 0; i < of.shapes.length; i++) {
      inputs.add(Numbers.random(of.shapes[i], 500 + i));
    }
    of.call(exact, inputs);
    if (of.layer.isBuilt()) {
      exact.setWeights(
          of.layer.getWeights().stream()
              .map(t -> t.dtype().isFloating() ? t.cast(DType.FLOAT64) : t)
              .toList());
    } else {
      Numbers.disturb(exact.weights());
    }
    TokenChecks tokens = new TokenChecks(of);
    CallChecks calls = new CallChecks(of);
    tokens.permutations(exact, inputs);
    for (Hiding way : hidings) {
      tokens.isolation(exact, inputs, way);
      tokens.fullyMasked(exact, inputs, way);
    }
    calls.batches(exact, inputs);
    calls.lengths(exact, inputs);
    calls.refusals(exact, inputs);
    calls.seeds(inputs);
  }
}
