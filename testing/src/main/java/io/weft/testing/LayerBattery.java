package io.weft.testing;

import io.weft.config.Entry;
import io.weft.error.ConfigException;
import io.weft.format.LoadOptions;
import io.weft.format.ModelFiles;
import io.weft.format.SavedModel;
import io.weft.layer.CallArgs;
import io.weft.layer.Layer;
import io.weft.tensor.DType;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.tensor.Variable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.assertj.core.api.Assertions;

/**
 * The checks that every layer should pass, on random inputs of given shapes and on copies of the
 * layer, which itself stays as it is:
 *
 * <ul>
 *   <li>a config written to JSON and read again gives a layer with an equal config and, with copied
 *       weights, equal outputs;
 *   <li>weights saved to {@code .weights.h5} and loaded give equal outputs;
 *   <li>inferred shapes, also for an unknown batch size, are those of the outputs;
 *   <li>gradients by inputs and trainable weights are the central differences, in float64;
 *   <li>{@code mixed_bfloat16} gives outputs near those of float32;
 *   <li>two threads calling at once get the same bits as one.
 * </ul>
 *
 * <p>Weights that are not set start with the same numbers each time. Layers are called for
 * inference, without masks; those with state that a call changes do not pass. Needs a backend on
 * the path.
 *
 * <pre>{@code
 * LayerBattery.of(new CrossAttention(8, 2), Shape.of(2, 3, 5), Shape.of(2, 7, 4))
 *     .outputShape(2, 3, 8).weights(12).run();
 * }</pre>
 */
public final class LayerBattery {
  private static final int CALLS = 8;

  private final Layer layer;
  private final List<Tensor> inputs;
  private final Copies copies;
  private List<Shape> outputShapes;
  private int weights = -1;
  private double halfTolerance = 0.05;

  private LayerBattery(Layer layer, List<Tensor> inputs) {
    this.layer = layer;
    this.inputs = inputs;
    this.copies = new Copies(layer);
  }

  /** A battery for a layer and floating inputs of known shapes. */
  public static LayerBattery of(Layer layer, Shape... inputs) {
    List<Tensor> random = new ArrayList<>();
    for (Shape s : inputs) {
      if (!s.isKnown()) {
        throw new ConfigException("LayerBattery: expected known sizes. Received: " + s);
      }
      random.add(Numbers.random(s, 100 + random.size()));
    }
    return new LayerBattery(layer, random);
  }

  /** A battery for a layer and given inputs, such as the integers that an embedding takes. */
  public static LayerBattery of(Layer layer, Tensor... inputs) {
    return new LayerBattery(layer, Numbers.cast(Arrays.asList(inputs), DType.FLOAT64));
  }

  /** Objects of your own that the layer's config names; the layer itself is known. */
  public LayerBattery knowing(Entry<?>... entries) {
    copies.know(entries);
    return this;
  }

  /** The sizes that the only output must have. */
  public LayerBattery outputShape(int... dims) {
    return outputShapes(Shape.of(dims));
  }

  /** The shapes that the outputs must have. */
  public LayerBattery outputShapes(Shape... shapes) {
    outputShapes = List.of(shapes);
    return this;
  }

  /** The number of weight tensors, those of inner layers too. */
  public LayerBattery weights(int count) {
    weights = count;
    return this;
  }

  /**
   * How far bfloat16 may be from float32, relative to max(1, |y|), beyond twice what rounding the
   * weights and inputs alone does; default 0.05.
   */
  public LayerBattery halfTolerance(double tolerance) {
    halfTolerance = tolerance;
    return this;
  }

  /**
   * Runs all checks.
   *
   * @throws AssertionError for the first that fails
   */
  public void run() {
    Repeatable.run(this::checks);
  }

  private void checks() {
    Layer base = copies.with("float32");
    call(base);
    if (layer.isBuilt()) {
      base.setWeights(layer.getWeights());
    } else {
      Numbers.disturb(base.weights());
    }
    List<Tensor> expected = call(base);
    if (weights >= 0) {
      Assertions.assertThat(base.weights()).as(what("weights")).hasSize(weights);
    }
    shapes(base, expected);
    configRoundTrip(base, expected);
    saveAndLoad(base, expected);
    twoThreads(base, expected);
    halfPrecision(base, expected);
    gradients(base);
  }

  private void shapes(Layer base, List<Tensor> outputs) {
    List<Shape> eager = outputs.stream().map(Tensor::shape).toList();
    if (outputShapes != null) {
      Assertions.assertThat(eager).as(what("output shapes")).isEqualTo(outputShapes);
    }
    List<Shape> known = inputs.stream().map(Tensor::shape).toList();
    compatible("inferred output shapes", base, known, eager);
    if (known.stream().allMatch(s -> s.rank() > 0)) {
      List<Shape> open = known.stream().map(s -> s.withDim(0, Shape.UNKNOWN)).toList();
      compatible("output shapes inferred for an unknown batch size", base, open, eager);
    }
  }

  private void compatible(String what, Layer base, List<Shape> in, List<Shape> eager) {
    List<Shape> inferred = base.computeOutputShape(in.toArray(Shape[]::new));
    boolean fits = inferred.size() == eager.size();
    for (int i = 0; fits && i < eager.size(); i++) {
      fits = inferred.get(i).isCompatibleWith(eager.get(i));
    }
    if (!fits) {
      throw new AssertionError(
          what(what) + " of " + in + ": expected " + eager + " as computed. Received: " + inferred);
    }
  }

  private void configRoundTrip(Layer base, List<Tensor> expected) {
    Layer copy = copies.restored(layer.getConfig().pure());
    Assertions.assertThat(copy).as(what("restored class")).hasSameClassAs(layer);
    Assertions.assertThat(copy.getConfig().pure().asMap())
        .as(what("config after a round trip through JSON"))
        .isEqualTo(layer.getConfig().pure().asMap());
    Numbers.assertSame(
        what("outputs after a config round trip"), expected, call(copyOf(base, "float32")));
  }

  private void saveAndLoad(Layer base, List<Tensor> expected) {
    Layer loaded = copies.with("float32");
    call(loaded);
    try {
      Path folder = Files.createTempDirectory("weft-testing");
      Path file = folder.resolve("layer.weights.h5");
      try {
        ModelFiles.write(file, base);
        try (SavedModel saved = ModelFiles.open(file)) {
          saved.load(loaded, LoadOptions.STRICT);
        }
      } finally {
        Files.deleteIfExists(file);
        Files.deleteIfExists(folder);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Numbers.assertSame(what("weights after a load"), base.getWeights(), loaded.getWeights());
    Numbers.assertSame(what("outputs after a load"), expected, call(loaded));
  }

  private void twoThreads(Layer base, List<Tensor> expected) {
    ExecutorService threads = Executors.newFixedThreadPool(2);
    CountDownLatch both = new CountDownLatch(2);
    Runnable calls =
        () -> {
          both.countDown();
          for (int i = 0; i < CALLS; i++) {
            Numbers.assertSame(what("outputs of two threads at once"), expected, call(base));
          }
        };
    try {
      CompletableFuture<Void> other = CompletableFuture.runAsync(calls, threads);
      CompletableFuture.allOf(other, CompletableFuture.runAsync(calls, threads)).join();
    } catch (CompletionException e) {
      throw new AssertionError(e.getCause().getMessage(), e.getCause());
    } finally {
      threads.shutdownNow();
    }
  }

  /**
   * Weights and inputs that are rounded to bfloat16 change the outputs of a float32 layer too, the
   * more the worse it is conditioned; the layer in half precision may do about as badly.
   */
  private void halfPrecision(Layer base, List<Tensor> expected) {
    List<Tensor> half = call(copyOf(base, "mixed_bfloat16"));
    Assertions.assertThat(half).as(what("outputs in mixed_bfloat16")).hasSameSizeAs(expected);
    Layer rounded = copyOf(base, "float32");
    for (Variable v : rounded.weights()) {
      if (v.dtype().isFloating()) {
        v.assign(v.concrete().cast(DType.BFLOAT16).cast(v.dtype()));
      }
    }
    List<Tensor> near =
        rounded.applyAll(
            Numbers.cast(Numbers.cast(inputs, DType.BFLOAT16), DType.FLOAT32), CallArgs.NONE);
    for (int i = 0; i < half.size(); i++) {
      double allowed = halfTolerance + 2 * Numbers.distance(expected.get(i), near.get(i));
      Numbers.assertClose(
          what("output " + i + " in mixed_bfloat16"), expected.get(i), half.get(i), allowed);
    }
  }

  private void gradients(Layer base) {
    Layer exact = copyOf(base, "float64");
    boolean smooth = call(exact).stream().anyMatch(t -> t.dtype().isFloating());
    if (smooth) {
      try {
        GradientCheck.ofAll(x -> exact.applyAll(x, CallArgs.NONE), inputs, exact.trainableWeights())
            .run();
      } catch (AssertionError e) {
        throw new AssertionError(what(e.getMessage()), e);
      }
    }
  }

  private List<Tensor> call(Layer l) {
    DType dtype = l.policy().variable();
    return l.applyAll(Numbers.cast(inputs, dtype), CallArgs.NONE);
  }

  private Layer copyOf(Layer base, String dtype) {
    Layer copy = copies.with(dtype);
    call(copy);
    copy.setWeights(base.getWeights());
    return copy;
  }

  private String what(String check) {
    return layer.label() + ": " + check;
  }
}
