package io.weft.systems;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.config.Config;
import io.weft.layer.CallArgs;
import io.weft.layer.Layer;
import io.weft.layers.core.Embedding;
import io.weft.layers.core.Input;
import io.weft.losses.Losses;
import io.weft.models.Functional;
import io.weft.models.Model;
import io.weft.models.Models;
import io.weft.optimizers.Adam;
import io.weft.random.SeedGenerator;
import io.weft.random.Seeds;
import io.weft.systems.aidotnet.CrossAttentionLayer;
import io.weft.systems.aidotnet.DiffusionAttention;
import io.weft.systems.aidotnet.DiffusionCrossAttention;
import io.weft.systems.aidotnet.FlashAttentionLayer;
import io.weft.systems.allattention.AllAttention;
import io.weft.systems.allattention.MemoryKeyValueAttention;
import io.weft.systems.crossvit.ClassTokenAttention;
import io.weft.systems.crossvit.CrossViT;
import io.weft.systems.crossvit.CrossViTFusion;
import io.weft.systems.film.FiLM;
import io.weft.systems.film.FiLMResidualBlock;
import io.weft.tensor.DType;
import io.weft.tensor.RandomOps;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.training.Fit;
import io.weft.training.Logs;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Layers of systems in functional models: training, files, unknown batch sizes, masks. */
class SystemsInModelsTest {
  /** A layer and the shapes of its inputs without the batch. */
  record Use(Layer layer, int[]... inputs) {
    @Override
    public String toString() {
      return layer.label() + " " + Arrays.deepToString(inputs);
    }
  }

  static Stream<Use> uses() {
    int[] x = {4, 8};
    int[] context = {5, 6};
    int[] image = {8, 3, 2};
    return Stream.of(
        new Use(new CrossAttentionLayer(8, 6, 2), x, context),
        new Use(new CrossAttentionLayer(8, 8, 2), x),
        new Use(DiffusionCrossAttention.builder(8, 6).numHeads(2).build(), image, context),
        new Use(DiffusionAttention.builder(8).numHeads(2).build(), image),
        new Use(FlashAttentionLayer.builder(4, 8, 2).build(), x),
        new Use(new AllAttention(8, 2, 3), x),
        new Use(
            new MemoryKeyValueAttention(
                Config.of("dim", 8, "heads", 2, "dim_head", 4, "num_mem_kv", 2)),
            x,
            context),
        new Use(new ClassTokenAttention(8), x),
        new Use(new CrossViTFusion(8, 2), x),
        new Use(new FiLM(1), image, new int[] {5}),
        new Use(new FiLMResidualBlock(8), new int[] {3, 4, 8}, new int[] {5}));
  }

  private static Tensor random(long seed, int batch, int[] shape) {
    Shape s = Shape.of(batch).plus(shape);
    return RandomOps.normal(s, 0, 1, DType.FLOAT32, SeedGenerator.key(seed));
  }

  @BeforeEach
  void drawTheSame() {
    Seeds.set(1);
  }

  @ParameterizedTest
  @MethodSource("uses")
  void trainInModelsAndComeBackFromFiles(Use use, @TempDir Path folder) {
    List<Tensor> symbolic = new ArrayList<>();
    List<Tensor> data = new ArrayList<>();
    for (int[] s : use.inputs()) {
      symbolic.add(Input.of(s));
      data.add(random(10 + data.size(), 6, s));
    }
    Tensor y = use.layer().apply(symbolic.toArray(Tensor[]::new));
    Model model = new Functional(symbolic, y);
    assertThat(y.shape().dim(0)).isEqualTo(Shape.UNKNOWN);
    int[] out = y.shape().slice(1, y.rank()).dims();
    Tensor target = random(3, 6, out);
    model.compile(new Adam(0.02), "mse");
    double before = loss(model.evaluate(data, target));
    model.fit(data, target, Fit.epochs(30).batchSize(6).verbose(false));
    assertThat(loss(model.evaluate(data, target))).isLessThan(before);
    Tensor expected = model.predictAll(data, 4).get(0);
    assertThat(expected.shape()).isEqualTo(Shape.of(6).plus(out));
    for (String name : List.of("m.keras", "m.h5")) {
      model.save(folder.resolve(name));
      Tensor again = Models.load(folder.resolve(name)).predictAll(data, 4).get(0);
      assertThat(again.toFloatArray()).as(name).isEqualTo(expected.toFloatArray());
    }
  }

  private static double loss(Logs logs) {
    return logs.get("loss");
  }

  @Test
  void masksOfEmbeddingsAreObeyedAndGoOn() {
    Config embedding = Config.of("input_dim", 9, "output_dim", 8, "mask_zero", true);
    Tensor ids = Input.of("ids", "int32", 5);
    Tensor words = Layer.fromConfig(Embedding.TYPE, embedding).apply(ids);
    Tensor x = Input.of(4, 8);
    Tensor y = new CrossAttentionLayer(8, 8, 2).apply(x, words);
    Tensor self = new AllAttention(Config.of("dim", 8, "heads", 2, "memory", 2)).apply(words);
    Model model = new Functional(List.of(ids, x), List.of(y, self));
    Tensor data = random(1, 2, new int[] {4, 8});
    Tensor some = Tensor.of(new int[] {1, 2, 3, 0, 0, 4, 5, 0, 0, 0}, 2, 5);
    List<Tensor> a = model.predictAll(List.of(some, data), 2);
    // what stands behind the mask is of no account: another vector for the word 0
    var table = model.weights().get(0);
    float[] numbers = table.concrete().toFloatArray();
    Arrays.fill(numbers, 0, 8, 7f);
    table.assign(Tensor.of(numbers, 9, 8));
    List<Tensor> b = model.predictAll(List.of(some, data), 2);
    assertThat(b.get(0).toFloatArray()).isEqualTo(a.get(0).toFloatArray());
    Tensor mask = model.applyAll(List.of(some, data), CallArgs.NONE).get(1).mask();
    assertThat(mask).isNotNull();
    assertThat(mask.shape()).isEqualTo(Shape.of(2, 5));
  }

  @Test
  void crossViTTrainsAndComesBack(@TempDir Path folder) {
    Config tiny =
        Config.of(
            "img_size",
            12,
            "img_scale",
            List.of(1.0, 2.0 / 3),
            "patch_size",
            List.of(6, 4),
            "in_chans",
            1,
            "num_classes",
            3,
            "embed_dim",
            List.of(8, 8),
            "depth",
            List.of(List.of(1, 1, 0)),
            "num_heads",
            List.of(2, 2),
            "drop_path_rate",
            0.1);
    CrossViT model = new CrossViT(tiny);
    Tensor x = random(1, 9, new int[] {1, 12, 12});
    Tensor y = Tensor.of(new int[] {0, 1, 2, 0, 1, 2, 0, 1, 2}, 9);
    model.compile(
        new Adam(0.02), Losses.of("sparse_categorical_crossentropy", "from_logits", true));
    model.fit(x, y, Fit.epochs(1).batchSize(9).verbose(false));
    double before = loss(model.evaluate(x, y));
    model.fit(x, y, Fit.epochs(30).batchSize(9).verbose(false));
    assertThat(loss(model.evaluate(x, y))).isLessThan(before);
    model.saveWeights(folder.resolve("m.weights.h5"));
    CrossViT again = new CrossViT(tiny);
    again.build(Shape.of(1, 1, 12, 12));
    again.loadWeights(folder.resolve("m.weights.h5"));
    assertThat(again.apply(x).toFloatArray()).isEqualTo(model.apply(x).toFloatArray());
  }
}
