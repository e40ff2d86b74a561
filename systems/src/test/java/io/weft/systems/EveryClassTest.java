package io.weft.systems;

import io.weft.models.Model;
import io.weft.systems.SystemExamples.Example;
import io.weft.tensor.Tensor;
import io.weft.testing.LayerBattery;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Every class of the catalogue is an ordinary layer: configs, files, shapes, gradients, half
 * precision, threads. Those that attend are tried by {@link AttentionClassesTest}, models, whose
 * numeric gradients take long, by tests of their own.
 */
class EveryClassTest {
  /** What gives numbers that have no gradient. */
  private static final Set<String> WITHOUT_GRADIENT =
      Set.of("diffusers>Timesteps", "vaswani>GreedyDecoder");

  @TestFactory
  Stream<DynamicTest> passesTheChecksOfEveryLayer() {
    Set<String> attending = new AttentionClassesTest().classes();
    return SystemExamples.all().stream()
        .filter(e -> !attending.contains(e.name()) && !WITHOUT_GRADIENT.contains(e.name()))
        .filter(e -> !(e.layer() instanceof Model))
        .map(e -> DynamicTest.dynamicTest(e.name(), () -> run(e)));
  }

  private static void run(Example e) {
    LayerBattery.of(e.layer(), e.inputs().toArray(Tensor[]::new)).run();
  }
}
