package io.weft.systems;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.config.Entry;
import io.weft.config.Registry;
import io.weft.error.ConfigException;
import io.weft.error.ModelFormatException;
import io.weft.error.ShapeException;
import io.weft.layer.CallArgs;
import io.weft.layer.Layer;
import io.weft.systems.SystemExamples.Example;
import io.weft.systems.weights.StateDict;
import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.tensor.Variable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** What does not fit is refused by every layer, with its name, what was expected and what came. */
class BadInputTest {
  @Test
  void everyLayerHasAnExample() {
    List<String> names =
        Registry.standard().entries().stream()
            .filter(e -> Layer.class.isAssignableFrom(e.kind()))
            .map(Entry::registeredName)
            .filter(n -> n != null && n.contains(">"))
            .toList();
    assertThat(names).hasSizeGreaterThan(80);
    assertThat(SystemExamples.all()).extracting(Example::name).containsAll(names);
  }

  @TestFactory
  Stream<DynamicTest> callsThatDoNotFitAreRefused() {
    return SystemExamples.all().stream()
        .map(e -> DynamicTest.dynamicTest(e.name(), () -> new Attempts(e).run()));
  }

  @TestFactory
  Stream<DynamicTest> headsThatDoNotFitAreRefused() {
    List<DynamicTest> all = new ArrayList<>();
    for (Example e : SystemExamples.all()) {
      for (Map.Entry<String, Object> arg : e.config().asMap().entrySet()) {
        if (HEADS.matcher(arg.getKey()).matches() && arg.getValue() instanceof Number) {
          String what = e.name() + " " + arg.getKey();
          all.add(DynamicTest.dynamicTest(what, () -> heads(e, arg.getKey())));
        }
      }
    }
    assertThat(all).hasSizeGreaterThan(40);
    return all.stream();
  }

  private static final Pattern HEADS =
      Pattern.compile("heads|selfHeads|numHeads|headCount|nhead|(num|decoder)_(attention_)?heads");

  /** Classes whose heads have a width of their own, so that any number of heads fits. */
  private static final Pattern OWN_WIDTH =
      Pattern.compile(
          "fusionlab.*|diffusers>.*|retro>.*|allattention>Attention|transformers>T5Block");

  private static void heads(Example e, String key) {
    for (int n : new int[] {0, -2}) {
      assertThatThrownBy(() -> e.layer(Map.of(key, n)))
          .isInstanceOf(ConfigException.class)
          .hasMessageContaining(key)
          .hasMessageContaining(String.valueOf(n));
    }
    if (OWN_WIDTH.matcher(e.name()).matches()) {
      assertThat(e.call(e.layer(Map.of(key, 5)))).isNotEmpty();
    } else {
      assertThatThrownBy(() -> e.call(e.layer(Map.of(key, 5))))
          .isInstanceOfAny(ConfigException.class, ShapeException.class)
          .hasMessageContaining("5")
          .hasMessageMatching("(?s).*(?<![0-9])[468](?![0-9]).*");
    }
  }

  @TestFactory
  Stream<DynamicTest> checkpointsThatDoNotFitAreRefusedAndChangeNothing() {
    return SystemExamples.all().stream()
        .map(e -> DynamicTest.dynamicTest(e.name(), () -> checkpoints(e)));
  }

  private static void checkpoints(Example e) {
    Layer layer = e.layer();
    e.call(layer);
    Map<String, Tensor> whole = StateDict.of(layer).export();
    List<float[]> before = layer.getWeights().stream().map(Tensor::toFloatArray).toList();
    Map<String, Tensor> more = new LinkedHashMap<>(whole);
    more.put("nonsense.weight", Ops.ones(Shape.of(2), DType.FLOAT32));
    assertThatThrownBy(() -> StateDict.load(layer, more))
        .isInstanceOf(ModelFormatException.class)
        .hasMessageContaining("nonsense.weight");
    List<String> names = List.copyOf(whole.keySet());
    for (int i = 0; i < names.size(); i += 1 + names.size() / 8) {
      String name = names.get(i);
      Map<String, Tensor> other = new LinkedHashMap<>(whole);
      Tensor right = other.put(name, Ops.ones(Shape.of(97, 3), whole.get(name).dtype()));
      other.replaceAll((n, t) -> n.equals(name) ? t : t.plus(1));
      assertThatThrownBy(() -> StateDict.load(layer, other))
          .isInstanceOf(ShapeException.class)
          .hasMessageContaining("'" + name + "'")
          .hasMessageContaining(right.shape().toString())
          .hasMessageContaining("(97, 3)");
      other.remove(name);
      if (!dispensable(layer, name)) {
        assertThatThrownBy(() -> StateDict.load(layer, other))
            .isInstanceOf(ModelFormatException.class)
            .hasMessageContaining("[" + name + "]");
      }
    }
    List<float[]> after = layer.getWeights().stream().map(Tensor::toFloatArray).toList();
    assertThat(after).usingRecursiveComparison().isEqualTo(before);
    List<Tensor> weights = layer.getWeights();
    if (!weights.isEmpty()) {
      assertThatThrownBy(() -> layer.setWeights(weights.subList(1, weights.size())))
          .isInstanceOfAny(ConfigException.class, ShapeException.class)
          .hasMessageContaining(String.valueOf(weights.size()))
          .hasMessageContaining(String.valueOf(weights.size() - 1));
    }
  }

  /** Whether a tensor is computed by the layer or tied to one under another name. */
  private static boolean dispensable(Layer layer, String name) {
    List<Variable> parts = StateDict.of(layer).find(name).parts();
    return StateDict.of(layer).entries().stream()
            .anyMatch(t -> !t.name().equals(name) && t.parts().equals(parts))
        || SystemExamples.within(layer).stream()
            .anyMatch(l -> l.canDoWithoutState() && l.ownVariables().containsAll(parts));
  }

  /** The calls of one layer with one thing wrong. */
  private static final class Attempts {
    private final Example example;
    private final Layer layer;
    private final List<Tensor> inputs;
    private final Map<String, Tensor> kwargs;
    private final List<String> wrong = new ArrayList<>();

    Attempts(Example example) {
      this.example = example;
      this.layer = example.layer();
      this.inputs = example.inputs();
      this.kwargs = example.kwargs();
      example.call(layer);
    }

    void run() {
      for (int i = 0; i < inputs.size(); i++) {
        int at = i;
        int width = example.width(i);
        sizes("input " + i, inputs.get(i), width, i > 0 && !example.anyBatch(), t -> with(at, t));
      }
      kwargs.forEach((name, x) -> sizes(name, x, x.rank() - 1, true, t -> with(name, t)));
      example.masks().forEach(this::mask);
      int longest = example.longest();
      if (longest > 0) {
        Map<String, Object> longer = with("", null);
        for (int i = 0; i < inputs.size(); i++) {
          if (inputs.get(i).dim(1) == longest) {
            longer.put(String.valueOf(i), grown(inputs.get(i), 1));
          }
        }
        refused("a sequence of " + (longest + 1), longer, longest, longest + 1);
      }
      assertThat(wrong).isEmpty();
    }

    private interface Put {
      Map<String, Object> of(Tensor t);
    }

    private void sizes(String what, Tensor x, int width, boolean batch, Put put) {
      if (width >= 0) {
        int n = x.dim(width);
        refused(what + " with width " + (n + 1), put.of(grown(x, width)), n, n + 1);
      }
      if (batch) {
        int n = x.dim(0);
        refused(what + " with batch " + (n + 1), put.of(grown(x, 0)), n, n + 1);
      }
      if (x.rank() > 1 && !example.anyRank()) {
        refused(what + " of rank 1", put.of(Ops.reshape(x, Math.toIntExact(x.shape().size()))));
      }
    }

    private void mask(String name, Shape s) {
      Tensor good = Ops.ones(s, DType.BOOL);
      try {
        call(with(name, good));
      } catch (RuntimeException e) {
        wrong.add(name + " " + s + " is refused: " + e);
      }
      for (int axis = 0; axis < s.rank(); axis++) {
        Tensor bad = Ops.ones(s.withDim(axis, s.dim(axis) + 1), DType.BOOL);
        refused(name + " " + bad.shape(), with(name, bad), s.dim(axis), s.dim(axis) + 1);
      }
    }

    private Map<String, Object> with(Object key, Object value) {
      Map<String, Object> all = new LinkedHashMap<>();
      for (int i = 0; i < inputs.size(); i++) {
        all.put(String.valueOf(i), inputs.get(i));
      }
      all.putAll(kwargs);
      if (value != null) {
        all.put(String.valueOf(key), value);
      }
      return all;
    }

    private void call(Map<String, Object> given) {
      List<Tensor> in = new ArrayList<>();
      Map<String, Object> named = new LinkedHashMap<>(given);
      List<String> positional = layer.type().callArgs().subList(0, layer.type().tensorArgs());
      for (int i = 0; i < inputs.size(); i++) {
        in.add((Tensor) named.remove(String.valueOf(i)));
      }
      for (int i = in.size(); i < positional.size(); i++) {
        in.add((Tensor) named.remove(positional.get(i)));
      }
      while (in.get(in.size() - 1) == null) {
        in.remove(in.size() - 1);
      }
      layer.applyAll(in, CallArgs.copyOf(named));
    }

    private void refused(String what, Map<String, Object> given, int... sizes) {
      try {
        call(given);
        wrong.add(what + ": was accepted");
      } catch (ShapeException | ConfigException e) {
        String text = String.valueOf(e.getMessage());
        for (int n : sizes) {
          if (!Pattern.compile("(?<![0-9])" + n + "(?![0-9])").matcher(text).find()) {
            wrong.add(what + ": does not name " + n + ": " + text);
          }
        }
        if (what.contains("mask") && !text.contains("mask")) {
          wrong.add(what + ": does not say that it is a mask: " + text);
        }
        if (named().stream().noneMatch(text::contains)) {
          wrong.add(what + ": names no part of the layer: " + text);
        }
      } catch (RuntimeException e) {
        wrong.add(what + ": " + e);
      }
    }

    /** The classes and the arguments of a call: a message says one of them. */
    private List<String> named() {
      List<String> all = new ArrayList<>(layer.type().callArgs());
      SystemExamples.within(layer).forEach(l -> all.add(l.type().className()));
      return all;
    }

    private static Tensor grown(Tensor x, int axis) {
      int[] starts = new int[x.rank()];
      Tensor one = Ops.slice(x, starts, x.shape().withDim(axis, 1).dims());
      return Ops.concatenate(List.of(x, one), axis);
    }
  }
}
