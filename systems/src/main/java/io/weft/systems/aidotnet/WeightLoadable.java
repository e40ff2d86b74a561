package io.weft.systems.aidotnet;

import io.weft.error.ShapeException;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** Weights that are read and set by name, ignoring case; as AiDotNet's {@code IWeightLoadable}. */
public interface WeightLoadable {
  /** The names, in the order of the parameter vector. */
  Set<String> parameterNames();

  /** The numbers of a parameter; empty for an unknown name. */
  Optional<Tensor> parameter(String name);

  /**
   * Sets a parameter; false for an unknown name.
   *
   * @throws ShapeException naming the expected and the given shape
   */
  boolean setParameter(String name, Tensor value);

  /** The shape of a parameter; empty for an unknown name. */
  Optional<Shape> parameterShape(String name);

  /** How many names there are. */
  default int namedParameterCount() {
    return parameterNames().size();
  }

  /** A weight whose shape is not that of its parameter. */
  record ShapeMismatch(String name, Shape expected, Shape actual) {}

  /**
   * What of a set of weights fits.
   *
   * @param matched parameters that have a weight
   * @param unmatchedWeights weights that name no parameter
   * @param missingParameters parameters without a weight
   * @param shapeMismatches weights of another shape than their parameter
   */
  record ValidationReport(
      List<String> matched,
      List<String> unmatchedWeights,
      List<String> missingParameters,
      List<ShapeMismatch> shapeMismatches) {
    /** Whether every parameter has a weight. */
    public boolean isComplete() {
      return missingParameters.isEmpty();
    }

    /** Whether no weight has a wrong shape. */
    public boolean isValid() {
      return shapeMismatches.isEmpty();
    }
  }

  /** A weight that was not set, and why. */
  record Failure(String name, String error) {}

  /**
   * What a load did.
   *
   * @param success false if a strict load met an unknown name or a wrong shape; nothing was set
   * @param loadedParameters parameters that were set
   * @param skipped weights that the mapping left out or, unless strict, that name no parameter
   * @param failedParameters weights that could not be set
   * @param errorMessage why a load did not succeed, else empty
   */
  record LoadReport(
      boolean success,
      List<String> loadedParameters,
      List<String> skipped,
      List<Failure> failedParameters,
      Optional<String> errorMessage) {
    /** How many parameters were set. */
    public int loadedCount() {
      return loadedParameters.size();
    }

    /** How many weights could not be set. */
    public int failedCount() {
      return failedParameters.size();
    }

    /** How many weights were left out. */
    public int skippedCount() {
      return skipped.size();
    }
  }

  /** Compares names only; a mapping (null for none) gives the parameter of a weight, or null. */
  default ValidationReport validateWeights(
      Collection<String> weightNames, Function<String, String> mapping) {
    Map<String, Shape> unknown = new LinkedHashMap<>();
    weightNames.forEach(n -> unknown.put(n, null));
    return NamedWeights.validate(this, unknown, mapping);
  }

  /** Compares names and shapes; see {@link #validateWeights(Collection, Function)}. */
  default ValidationReport validateWeights(
      Map<String, Tensor> weights, Function<String, String> mapping) {
    Map<String, Shape> shapes = new LinkedHashMap<>();
    weights.forEach((n, t) -> shapes.put(n, t.shape()));
    return NamedWeights.validate(this, shapes, mapping);
  }

  /**
   * Sets the parameters that weights are given for. Of a strict load either all weights are set or
   * none; another one sets what fits.
   *
   * @param mapping from the name of a weight to that of a parameter, null to leave it out; null for
   *     equal names
   */
  default LoadReport loadWeights(
      Map<String, Tensor> weights, Function<String, String> mapping, boolean strict) {
    return NamedWeights.load(this, weights, mapping, strict);
  }
}
