package io.weft.systems.aidotnet;

import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** The one walk through named weights that validating and loading share. */
final class NamedWeights {
  private NamedWeights() {}

  /** The parameter that a weight is for: its own spelling, or null. */
  private static String target(WeightLoadable to, String name) {
    String key = name.toLowerCase(Locale.ROOT);
    return to.parameterNames().stream()
        .filter(p -> p.toLowerCase(Locale.ROOT).equals(key))
        .findFirst()
        .orElse(null);
  }

  private static String mapped(Function<String, String> mapping, String name) {
    return mapping == null ? name : mapping.apply(name);
  }

  static WeightLoadable.ValidationReport validate(
      WeightLoadable to, Map<String, Shape> weights, Function<String, String> mapping) {
    List<String> matched = new ArrayList<>();
    List<String> unmatched = new ArrayList<>();
    List<WeightLoadable.ShapeMismatch> wrong = new ArrayList<>();
    weights.forEach(
        (name, shape) -> {
          String wanted = mapped(mapping, name);
          String parameter = wanted == null ? null : target(to, wanted);
          if (parameter == null) {
            unmatched.add(name);
            return;
          }
          matched.add(parameter);
          Shape expected = to.parameterShape(parameter).orElseThrow();
          if (shape != null && !shape.equals(expected)) {
            wrong.add(new WeightLoadable.ShapeMismatch(name, expected, shape));
          }
        });
    List<String> missing = to.parameterNames().stream().filter(p -> !matched.contains(p)).toList();
    return new WeightLoadable.ValidationReport(
        List.copyOf(matched), List.copyOf(unmatched), missing, List.copyOf(wrong));
  }

  static WeightLoadable.LoadReport load(
      WeightLoadable to,
      Map<String, Tensor> weights,
      Function<String, String> mapping,
      boolean strict) {
    List<String> skipped = new ArrayList<>();
    List<WeightLoadable.Failure> failed = new ArrayList<>();
    Map<String, Tensor> fitting = new LinkedHashMap<>();
    weights.forEach(
        (name, value) -> {
          String wanted = mapped(mapping, name);
          String parameter = wanted == null ? null : target(to, wanted);
          if (wanted == null || parameter == null && !strict) {
            skipped.add(name);
          } else if (parameter == null) {
            failed.add(
                new WeightLoadable.Failure(
                    name, "expected one of " + to.parameterNames() + ". Received: " + wanted));
          } else if (!value.shape().equals(to.parameterShape(parameter).orElseThrow())) {
            Shape expected = to.parameterShape(parameter).orElseThrow();
            failed.add(
                new WeightLoadable.Failure(
                    name, "expected shape " + expected + ". Received: " + value.shape()));
          } else {
            fitting.put(parameter, value);
          }
        });
    boolean refused = strict && !failed.isEmpty();
    if (!refused) {
      fitting.forEach(to::setParameter);
    }
    Optional<String> error =
        failed.stream().findFirst().map(f -> "'" + f.name() + "': " + f.error());
    return new WeightLoadable.LoadReport(
        !refused,
        refused ? List.of() : List.copyOf(fitting.keySet()),
        List.copyOf(skipped),
        List.copyOf(failed),
        refused ? error : Optional.empty());
  }
}
