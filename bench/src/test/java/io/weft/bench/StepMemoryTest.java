package io.weft.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.weft.layers.core.Dense;
import io.weft.layers.core.InputLayer;
import io.weft.models.Sequential;
import io.weft.optimizers.Adam;
import io.weft.random.Seeds;
import io.weft.tensor.Tensor;
import io.weft.tensor.Variable;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Steps write into arrays that earlier ones gave up, and into no others. */
class StepMemoryTest {
  private static final int UNITS = 256;
  private final Tensor x = random(16, UNITS, 1);
  private final Tensor y = random(16, 1, 2);

  private static Tensor random(int rows, int columns, long seed) {
    SplittableRandom r = new SplittableRandom(seed);
    float[] v = new float[rows * columns];
    for (int i = 0; i < v.length; i++) {
      v[i] = (float) r.nextDouble(-1, 1);
    }
    return Tensor.of(v, rows, columns);
  }

  private static Sequential model() {
    Sequential m =
        new Sequential(
            InputLayer.of("in", UNITS), new Dense(UNITS, "relu"), new Dense(UNITS), new Dense(1));
    m.compile(new Adam(0.01), "mse", "mae");
    return m;
  }

  private void train(Sequential m, int steps) {
    for (int i = 0; i < steps; i++) {
      m.trainer().trainOnBatch(List.of(x), List.of(y), Collections.singletonList(null));
    }
  }

  @BeforeEach
  void drawTheSame() {
    Seeds.set(1);
  }

  @Test
  void numbersThatSomebodyHoldsStay() {
    Sequential m = model();
    List<Tensor> held = new ArrayList<>();
    List<float[]> copies = new ArrayList<>();
    for (int round = 0; round < 4; round++) {
      train(m, 2);
      List<Variable> state = new ArrayList<>(m.weights());
      state.addAll(m.trainer().optimizer().variables());
      for (Variable v : state) {
        Tensor t = round % 2 == 0 ? v.value() : v.value().reshape(1, (int) v.shape().size());
        held.add(t);
        copies.add(t.toFloatArray());
      }
      Tensor given = random(UNITS, UNITS, 3 + round);
      m.weights().get(0).assign(given);
      held.add(given);
      copies.add(given.toFloatArray());
      Tensor out = m.trainer().predictOnBatch(List.of(x)).get(0);
      held.add(out);
      copies.add(out.toFloatArray());
    }
    train(m, 4);
    for (int i = 0; i < held.size(); i++) {
      assertThat(held.get(i).toFloatArray()).isEqualTo(copies.get(i));
    }
  }

  /** In a process without vectors, which are objects until the code is compiled. */
  @Test
  void stepsAndPredictionsAllocateLittle() throws Exception {
    Process p =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Dweft.kernels=scalar",
                "-cp",
                System.getProperty("java.class.path"),
                StepMemoryTest.class.getName())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    String out = new String(p.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(p.waitFor()).as(out).isZero();
    long[] bytes = out.trim().lines().mapToLong(Long::parseLong).toArray();
    long weights = 4L * (2 * UNITS * UNITS + 3 * UNITS + 1);
    assertThat(bytes[0]).as("a step; the weights have %d", weights).isLessThan(weights / 4);
    assertThat(bytes[1]).as("a prediction").isLessThan(16 << 10);
  }

  /** Prints the bytes that a step and a prediction allocate. */
  public static void main(String[] none) {
    StepMemoryTest t = new StepMemoryTest();
    Sequential m = model();
    System.out.println(allocated(() -> t.train(m, 1)));
    System.out.println(allocated(() -> m.trainer().predictOnBatch(List.of(t.x))));
  }

  private static long allocated(Runnable call) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    for (int i = 0; i < 3; i++) {
      call.run();
    }
    long before = threads.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < 20; i++) {
      call.run();
    }
    return (threads.getCurrentThreadAllocatedBytes() - before) / 20;
  }
}
