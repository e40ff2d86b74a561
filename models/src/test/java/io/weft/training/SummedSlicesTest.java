package io.weft.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.weft.config.Config;
import io.weft.config.Registry;
import io.weft.layers.core.Dense;
import io.weft.layers.core.Embedding;
import io.weft.layers.core.InputLayer;
import io.weft.layers.reshaping.Flatten;
import io.weft.models.Sequential;
import io.weft.optimizers.Optimizer;
import io.weft.random.Seeds;
import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * An embedding is a product with one-hot rows, whose gradient is dense. With look-ups summed both
 * take the same course; without, they part where a row is looked up more than once.
 */
class SummedSlicesTest {
  private static final int[] IDS = {3, 1, 3, 0, 3, 3, 1, 2};
  private static final Tensor TARGETS = Tensor.of(new float[] {1, -1, 0.5f, 2}, 4, 1);

  private static Sequential compiled(Sequential m, Optimizer o, boolean summed) {
    Tensor table = Tensor.of(new float[] {.1f, -.4f, .3f, .2f, -.2f, .5f, .7f, -.1f}, 4, 2);
    Tensor kernel = Tensor.of(new float[] {.3f, -.2f, .6f, .4f}, 4, 1);
    m.setWeights(List.of(table, kernel));
    m.compile(Compile.with(o).loss("mse").summedSlices(summed));
    return m;
  }

  private static Optimizer optimizer(String name, String option) {
    Config config = Config.of("learning_rate", 0.05);
    Config c = option == null ? config : config.with(option, 0.1);
    return (Optimizer)
        Registry.standard()
            .restore(Config.of("class_name", name, "config", c, "module", "keras.optimizers"), "o");
  }

  private static float[] trained(Sequential m, Tensor x) {
    for (int i = 0; i < 3; i++) {
      m.trainer()
          .trainOnBatch(List.of(x), List.of(TARGETS), java.util.Collections.nCopies(1, null));
    }
    return m.getWeights().get(0).toFloatArray();
  }

  private static float[] table(Optimizer o, boolean summed) {
    Sequential m =
        new Sequential(
            InputLayer.of("in", 2),
            new Embedding(4, 2),
            new Flatten(),
            Dense.builder(1).useBias(false).build());
    return trained(compiled(m, o, summed), Ops.cast(Tensor.of(IDS, 4, 2), DType.FLOAT32));
  }

  private static float[] product(Optimizer o) {
    Sequential m =
        new Sequential(
            InputLayer.of("in", 2, 4),
            Dense.builder(2).useBias(false).build(),
            new Flatten(),
            Dense.builder(1).useBias(false).build());
    return trained(compiled(m, o, false), Ops.oneHot(Tensor.of(IDS, 4, 2), 4, -1, DType.FLOAT32));
  }

  @BeforeEach
  void drawTheSame() {
    Seeds.set(1);
  }

  @ParameterizedTest
  @CsvSource({
    "Adam,",
    "Adam,clipnorm",
    "Adam,weight_decay",
    "AdamW,",
    "RMSprop,",
    "Adagrad,",
    "Adamax,",
    "Nadam,",
    "Adadelta,",
    "SGD,clipnorm",
    "LossScaleOptimizer,"
  })
  void lookUpsOfOneRowAreTakenTogether(String name, String option) {
    boolean scaled = name.equals("LossScaleOptimizer");
    java.util.function.Supplier<Optimizer> make =
        () ->
            scaled
                ? new io.weft.optimizers.LossScaleOptimizer(optimizer("Adam", null))
                : optimizer(name, option);
    float[] want = product(make.get());
    assertThat(table(make.get(), true)).containsExactly(want, within(2e-6f));
    float[] each = table(make.get(), false);
    assertThat(Math.abs(each[6] - want[6])).isGreaterThan(1e-5f);
  }
}
