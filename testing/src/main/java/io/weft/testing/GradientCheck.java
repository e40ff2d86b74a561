package io.weft.testing;

import io.weft.autodiff.GradientTape;
import io.weft.error.ConfigException;
import io.weft.tensor.DType;
import io.weft.tensor.HostArray;
import io.weft.tensor.Tensor;
import io.weft.tensor.Variable;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.assertj.core.api.Assertions;

/**
 * Compares the gradients of the tape with central differences in float64. The results are weighted
 * with fixed random numbers and added up, so that every element of them counts. Of a large tensor
 * 64 elements are tried, spread evenly. The function must give the same results each time.
 *
 * <pre>{@code
 * GradientCheck.of(x -> Ops.matmul(x.get(0), x.get(1)), List.of(a, b)).run();
 * }</pre>
 */
public final class GradientCheck {
  private static final int ELEMENTS = 64;
  private static final double STEP = 1e-5;

  private final Supplier<List<Tensor>> function;
  private final List<Place> places = new ArrayList<>();
  private double tolerance = 1e-6;

  /** A value that the check differentiates by and moves. */
  private record Place(String name, Supplier<Tensor> get, Consumer<Tensor> set) {}

  private GradientCheck(Supplier<List<Tensor>> function) {
    this.function = function;
  }

  /**
   * A check of a function at some inputs.
   *
   * @param f from tensors like the inputs to a float64 tensor
   * @param inputs float64 tensors; those of integers and booleans stay as they are
   * @throws ConfigException if an input has another floating dtype, or none is float64
   */
  public static GradientCheck of(Function<List<Tensor>, Tensor> f, List<Tensor> inputs) {
    GradientCheck check = ofAll(x -> List.of(f.apply(x)), inputs, List.of());
    if (check.places.isEmpty()) {
      throw new ConfigException(
          "GradientCheck: expected at least one float64 input. Received: " + inputs);
    }
    return check;
  }

  /** A check of a function of several results, which also reads some variables. */
  static GradientCheck ofAll(
      Function<List<Tensor>, List<Tensor>> f, List<Tensor> inputs, List<Variable> variables) {
    List<Tensor> present = new ArrayList<>();
    // copies, so that a tensor given twice is two inputs to the tape
    inputs.forEach(t -> present.add(Tensor.of(t.toHostArray())));
    GradientCheck check = new GradientCheck(() -> f.apply(List.copyOf(present)));
    for (int i = 0; i < inputs.size(); i++) {
      int at = i;
      check.add("input " + i, () -> present.get(at), t -> present.set(at, t));
    }
    for (Variable v : variables) {
      check.add("weight '" + v.path() + "'", v::raw, v::assign);
    }
    return check;
  }

  private void add(String name, Supplier<Tensor> get, Consumer<Tensor> set) {
    DType dtype = get.get().dtype();
    if (dtype == DType.FLOAT64) {
      places.add(new Place(name, get, set));
    } else if (dtype.isFloating()) {
      throw new ConfigException(
          "GradientCheck: " + name + ": expected dtype float64. Received: " + dtype);
    }
  }

  /** How far a gradient may be from the difference, relative to max(1, |difference|); 1e-6. */
  public GradientCheck tolerance(double newTolerance) {
    tolerance = newTolerance;
    return this;
  }

  /**
   * Runs the check; values that it moves are put back.
   *
   * @throws AssertionError naming the input, the element, and both numbers
   */
  public void run() {
    List<Tensor> sources = new ArrayList<>();
    places.forEach(p -> sources.add(p.get().get()));
    List<Tensor> gradients;
    try (GradientTape tape = GradientTape.open()) {
      List<Tensor> outputs = results();
      gradients = tape.gradients(outputs, seeds(outputs), sources);
    }
    for (int i = 0; i < sources.size(); i++) {
      compare(places.get(i), sources.get(i), gradients.get(i));
    }
  }

  private List<Tensor> results() {
    List<Tensor> outputs = function.get().stream().filter(t -> t.dtype().isFloating()).toList();
    Assertions.assertThat(outputs)
        .as("GradientCheck: results of floating dtype")
        .isNotEmpty()
        .allSatisfy(
            t ->
                Assertions.assertThat(t.dtype())
                    .as("GradientCheck: dtype of a result")
                    .isEqualTo(DType.FLOAT64));
    return outputs;
  }

  private static List<Tensor> seeds(List<Tensor> outputs) {
    List<Tensor> seeds = new ArrayList<>();
    for (Tensor t : outputs) {
      seeds.add(Numbers.random(t.shape(), seeds.size()));
    }
    return seeds;
  }

  private double loss() {
    List<Tensor> outputs = results();
    List<Tensor> seeds = seeds(outputs);
    double sum = 0;
    for (int i = 0; i < outputs.size(); i++) {
      double[] y = outputs.get(i).toDoubleArray();
      double[] w = seeds.get(i).toDoubleArray();
      for (int j = 0; j < y.length; j++) {
        sum += y[j] * w[j];
      }
    }
    return sum;
  }

  private void compare(Place place, Tensor at, Tensor gradient) {
    double[] x = at.toDoubleArray();
    double[] g = gradient == null ? new double[x.length] : gradient.toDoubleArray();
    int stride = Math.max(1, (x.length + ELEMENTS - 1) / ELEMENTS);
    try {
      for (int i = 0; i < x.length; i += stride) {
        double difference =
            (lossAt(place, at, i, x[i] + STEP) - lossAt(place, at, i, x[i] - STEP)) / (2 * STEP);
        if (!(Math.abs(g[i] - difference) <= tolerance * Math.max(1, Math.abs(difference)))) {
          throw new AssertionError(
              "gradient of "
                  + place.name()
                  + " at "
                  + Numbers.position(at.shape(), i)
                  + ": expected "
                  + difference
                  + " by central differences. Received: "
                  + (gradient == null ? "no gradient" : String.valueOf(g[i])));
        }
      }
    } finally {
      place.set().accept(at);
    }
  }

  private double lossAt(Place place, Tensor at, int i, double value) {
    double[] moved = at.toDoubleArray();
    moved[i] = value;
    place.set().accept(Tensor.ofTrusted(new HostArray(DType.FLOAT64, at.shape(), moved)));
    return loss();
  }
}
