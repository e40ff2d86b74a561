package io.weft.systems.hip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.autodiff.GradientTape;
import io.weft.config.Config;
import io.weft.error.ConfigException;
import io.weft.error.ShapeException;
import io.weft.layer.Layer;
import io.weft.optimizers.Adam;
import io.weft.random.SeedGenerator;
import io.weft.random.Seeds;
import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.RandomOps;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.testing.LayerBattery;
import io.weft.training.Fit;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Groups: how they are dealt out, what passes between them, and the whole autoencoder. */
class HipTest {
  private static final Config BLOCK =
      Config.of("width_in", 6, "groups", 2, "latents", 3, "width", 8, "heads", 2, "layers", 1);
  private static final Config MODEL =
      Config.of(
          "elements",
          new int[] {6, 3},
          "channels",
          new int[] {2, 4},
          "embed",
          4,
          "position",
          4,
          "groups",
          new int[] {3, 1, 3},
          "layers",
          new int[] {1, 1, 1},
          "latents",
          new int[] {2, 6, 2},
          "widths",
          new int[] {4, 8, 4},
          "heads",
          new int[] {1, 2, 1});

  private static Tensor random(long seed, int... shape) {
    return RandomOps.normal(Shape.of(shape), 0, 1, DType.FLOAT32, SeedGenerator.key(seed));
  }

  @Test
  void nothingPassesBetweenGroupsBeforeTheyMerge() {
    // 4 groups become 2: new group 0 may depend on old groups 0 and 1 only
    Layer block = new HiPBlock(BLOCK);
    Tensor x = random(1, 1, 4, 3, 6);
    boolean[][] seen = dependence(block, x, 2, 4);
    assertThat(seen[0]).containsExactly(true, true, false, false);
    assertThat(seen[1]).containsExactly(false, false, true, true);
    Layer mixed = new HiPBlock(BLOCK.with("regroup", "transpose_reshape"));
    boolean[][] all = dependence(mixed, random(1, 1, 4, 2, 6), 2, 4);
    assertThat(all[0]).containsOnly(true);
    assertThat(all[1]).containsOnly(true);
  }

  private static boolean[][] dependence(Layer block, Tensor x, int groupsOut, int groupsIn) {
    boolean[][] seen = new boolean[groupsOut][groupsIn];
    for (int g = 0; g < groupsOut; g++) {
      try (GradientTape tape = GradientTape.open()) {
        Tensor y = block.apply(x);
        Tensor one = Ops.slice(y, new int[] {0, g, 0, 0}, new int[] {1, 1, 3, 8});
        Tensor d = tape.gradients(List.of(one), List.of(random(9, 1, 1, 3, 8)), List.of(x)).get(0);
        for (int i = 0; i < groupsIn; i++) {
          Tensor part = Ops.slice(d, new int[] {0, i, 0, 0}, new int[] {1, 1, x.dim(2), x.dim(3)});
          seen[g][i] = Ops.max(Ops.abs(part), null, false).item() > 0;
        }
      }
    }
    return seen;
  }

  @Test
  void regroupingBackGivesTheSame() {
    Tensor x = random(2, 2, 4, 3, 5);
    assertThat(new Regroup(4).apply(new Regroup(6).apply(x)).toFloatArray())
        .isEqualTo(x.toFloatArray());
    assertThatThrownBy(() -> new Regroup(5).apply(x))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("5 groups");
  }

  @Test
  void groupsAreDealtToTheLargest() {
    Grouper g = new Grouper(5, 100, 10, 30);
    assertThat(g.groups()).containsExactly(3, 1, 1);
    assertThat(g.size()).isEqualTo(34);
    List<Tensor> in = List.of(random(1, 2, 100, 3), random(2, 2, 10, 3), random(3, 2, 30, 3));
    Tensor grouped = g.group(in);
    assertThat(grouped.shape()).isEqualTo(Shape.of(2, 5, 34, 3));
    List<Tensor> out = g.ungroup(grouped);
    for (int i = 0; i < 3; i++) {
      assertThat(out.get(i).toFloatArray()).isEqualTo(in.get(i).toFloatArray());
    }
    assertThatThrownBy(() -> new Grouper(2, 1, 1, 1)).isInstanceOf(ConfigException.class);
    assertThatThrownBy(() -> g.group(List.of(random(1, 2, 99, 3), in.get(1), in.get(2))))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("100");
  }

  @Test
  void passTheBattery() {
    LayerBattery.of(new HiPBlock(BLOCK), Shape.of(2, 4, 3, 6)).outputShape(2, 2, 3, 8).run();
    LayerBattery.of(new HiPBlock(BLOCK.with("skip", 5)), Shape.of(2, 1, 4, 6), Shape.of(2, 2, 3, 5))
        .run();
    LayerBattery.of(new HierarchicalPerceiver(MODEL), Shape.of(2, 6, 2), Shape.of(2, 3, 4))
        .outputShapes(Shape.of(2, 6, 2), Shape.of(2, 3, 4))
        .run();
  }

  @Test
  void startsWithNothingAndLearnsToRestore() {
    Seeds.set(1);
    HierarchicalPerceiver model = new HierarchicalPerceiver(MODEL);
    List<Tensor> x = List.of(random(4, 16, 6, 2), random(5, 16, 3, 4));
    assertThat(Ops.max(Ops.abs(model.predictAll(x, 16).get(0)), null, false).item()).isZero();
    model.compile(new Adam(1e-2), "mse");
    double first = model.evaluate(x, x).get("loss");
    model.fit(x, x, Fit.epochs(60).batchSize(16));
    assertThat(model.evaluate(x, x).get("loss")).isLessThan(0.8 * first);
  }

  @Test
  void paperSizesAreKnown() {
    HierarchicalPerceiver mini =
        new HierarchicalPerceiver(
            Config.of("elements", new int[] {64}, "channels", new int[] {3}, "variant", "Mini"));
    assertThat(mini.getConfig().get("groups")).isEqualTo(List.of(16L, 1L, 16L));
    assertThatThrownBy(() -> new HierarchicalPerceiver(MODEL.with("groups", new int[] {3, 1, 2})))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("rise as they fell");
    assertThatThrownBy(() -> new HierarchicalPerceiver(MODEL.with("latents", new int[] {2, 4, 2})))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("share the latents");
  }
}
