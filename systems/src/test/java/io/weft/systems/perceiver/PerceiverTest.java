package io.weft.systems.perceiver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.config.Config;
import io.weft.config.Registry;
import io.weft.error.ConfigException;
import io.weft.error.ShapeException;
import io.weft.layer.CallArgs;
import io.weft.layer.Layer;
import io.weft.layers.core.Dense;
import io.weft.layers.core.Identity;
import io.weft.layers.reshaping.Flatten;
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
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a Perceiver promises, and its whole models with several modalities. */
class PerceiverTest {
  private static final Config ENCODER =
      Config.of("channels", 6, "latents", 3, "width", 8, "selfHeads", 2, "layers", 2, "blocks", 2);

  @BeforeEach
  void seed() {
    Seeds.set(3);
  }

  private static Tensor random(long seed, int... shape) {
    return RandomOps.normal(Shape.of(shape), 0, 1, DType.FLOAT32, SeedGenerator.key(seed));
  }

  private static double difference(Tensor a, Tensor b) {
    assertThat(a.shape()).isEqualTo(b.shape());
    return Ops.max(Ops.abs(a.minus(b)), null, false).item();
  }

  @Test
  void latentsDoNotGrowWithInputsNorWeightsWithBlocks() {
    PerceiverEncoder e = new PerceiverEncoder(ENCODER);
    assertThat(e.apply(random(1, 2, 5, 6)).shape()).isEqualTo(Shape.of(2, 3, 8));
    assertThat(e.apply(random(1, 2, 50, 6)).shape()).isEqualTo(Shape.of(2, 3, 8));
    PerceiverEncoder more = new PerceiverEncoder(ENCODER.with("blocks", 7));
    more.build(Shape.of(2, 5, 6));
    assertThat(more.countParams()).isEqualTo(e.countParams());
    PerceiverEncoder again = new PerceiverEncoder(ENCODER.with("crossAttends", 2));
    again.build(Shape.of(2, 5, 6));
    assertThat(again.countParams()).isGreaterThan(e.countParams());
    PerceiverEncoder shared =
        new PerceiverEncoder(ENCODER.plus(Config.of("crossAttends", 2, "shareFirstCross", true)));
    shared.build(Shape.of(2, 5, 6));
    assertThat(shared.countParams()).isEqualTo(e.countParams());
  }

  @Test
  void allMaskedInputsAreAsNone() {
    PerceiverEncoder e = new PerceiverEncoder(ENCODER);
    CallArgs none = CallArgs.of("mask", Ops.zeros(Shape.of(1, 4), DType.BOOL));
    Tensor y = e.apply(random(1, 1, 4, 6), none);
    assertThat(difference(y, e.apply(random(2, 1, 4, 6), none))).isZero();
    assertThat(y.toFloatArray()).doesNotContain(Float.NaN);
  }

  @Test
  void eachQueryIsAloneWithTheLatents() {
    PerceiverDecoder d = new PerceiverDecoder(5, 8, 3);
    Tensor q = random(1, 1, 4, 5);
    Tensor z = random(2, 1, 3, 8);
    Tensor all = d.apply(q, z);
    Tensor second = Ops.slice(q, new int[] {0, 1, 0}, new int[] {1, 1, 5});
    assertThat(
            difference(
                d.apply(second, z), Ops.slice(all, new int[] {0, 1, 0}, new int[] {1, 1, 3})))
        .isLessThan(1e-6);
  }

  @Test
  void fourierFeaturesAreThoseOfTheFormula() {
    FourierPositionEncoding f = new FourierPositionEncoding(3, 5);
    double[] row = f.at(Tensor.of(new double[] {0.25}, 1, 1)).toDoubleArray();
    assertThat(row).hasSize(7);
    assertThat(row[0]).isEqualTo(0.25);
    assertThat(row[1])
        .isCloseTo(Math.sin(Math.PI * 0.25), org.assertj.core.data.Offset.offset(1e-6));
    assertThat(row[6])
        .isCloseTo(Math.cos(Math.PI * 2.5 * 0.25), org.assertj.core.data.Offset.offset(1e-6));
    assertThat(FourierPositionEncoding.positions(new int[] {0, 7}, 2, 4).toFloatArray())
        .containsExactly(-1, -1, 0, 0.5f);
    assertThatThrownBy(() -> FourierPositionEncoding.positions(new int[] {8}, 2, 4))
        .isInstanceOf(ShapeException.class);
    LayerBattery.of(f, Shape.of(2, 3)).outputShape(2, 5, 7).weights(0).run();
  }

  @Test
  void modelsPassTheBattery() {
    LayerBattery.of(new Perceiver(ENCODER.with("classes", 4)), Shape.of(2, 5, 6))
        .outputShape(2, 4)
        .run();
    LayerBattery.of(
            new ArrayPreprocessor(
                Config.of("size", new int[] {4, 6}, "patch", new int[] {2, 3}, "bands", 2)),
            Shape.of(2, 4, 6, 3))
        .outputShape(2, 4, 18 + 2 * 5)
        .run();
    LayerBattery.of(new TextPreprocessor(9, 4, 5), Tensor.of(new int[] {1, 8, 3, 0}, 2, 2))
        .outputShape(2, 2, 5)
        .weights(2)
        .run();
    LayerBattery.of(imageAndText(), random(1, 2, 4, 4, 1), Tensor.of(new int[] {1, 2, 3, 4}, 2, 2))
        .outputShape(2, 3)
        .run();
  }

  @Test
  void patchesKeepTheirPixelsTogether() {
    Tensor x = Ops.reshape(Ops.cast(Ops.arange(16), DType.FLOAT32), 1, 4, 4, 1);
    Layer p =
        new ArrayPreprocessor(Config.of("size", new int[] {4, 4}, "patch", 2, "positions", "none"));
    assertThat(p.apply(x).toFloatArray())
        .containsExactly(0, 1, 4, 5, 2, 3, 6, 7, 8, 9, 12, 13, 10, 11, 14, 15);
  }

  /** Three classes of pairs of an image and a text. */
  private static PerceiverIO imageAndText() {
    // 4 pixels and 2 · 5 position features, and 2 of padding
    Config c = ENCODER.with("channels", 16);
    return new PerceiverIO(
        new Modalities(
            List.of("image", "text"),
            List.of(
                new ArrayPreprocessor(Config.of("size", new int[] {4, 4}, "patch", 2, "bands", 2)),
                new TextPreprocessor(5, 4, 6))),
        new PerceiverEncoder(c),
        new TrainableQueries(1, 8),
        new PerceiverDecoder(8, 8, 3),
        new Flatten());
  }

  @Test
  void modalitiesKeepTheirPlacesAndMasks() {
    Modalities m =
        new Modalities(
            List.of("b", "a"),
            List.of(
                new Identity(),
                new TextPreprocessor(
                    Config.of("vocab", 5, "max_length", 4, "channels", 3, "padding", 0))));
    Tensor x = random(1, 1, 2, 5);
    Tensor y = m.applyAll(List.of(x, Tensor.of(new int[] {3, 0, 1}, 1, 3)), CallArgs.NONE).get(0);
    // a before b; 5 channels and 2 more
    assertThat(y.shape()).isEqualTo(Shape.of(1, 5, 7));
    assertThat(y.mask().toIntArray()).containsExactly(1, 0, 1, 1, 1);
    assertThat(difference(Ops.slice(y, new int[] {0, 3, 0}, new int[] {1, 2, 5}), x)).isZero();
    SplitModalities s =
        new SplitModalities(
            List.of("b", "a"), new int[] {2, 3}, List.of(new Identity(), new Dense(2)));
    List<Tensor> out = s.applyAll(List.of(y), CallArgs.NONE);
    assertThat(s.names()).containsExactly("a", "b");
    assertThat(out.get(0).shape()).isEqualTo(Shape.of(1, 3, 2));
    assertThat(difference(out.get(1), Ops.slice(y, new int[] {0, 3, 0}, new int[] {1, 2, 7})))
        .isZero();
  }

  @Test
  void maskedModalitiesHideTheirContent() {
    Modalities m =
        new Modalities(
            Config.of(
                "names",
                List.of("a", "b"),
                "layers",
                List.of(new Identity(), new Identity()),
                "mask_probs",
                new double[] {1, 0.5}));
    Tensor b = random(1, 1, 50, 3);
    Tensor one = m.apply(List.of(random(2, 1, 4, 3), b), CallArgs.NONE);
    Tensor two = m.apply(List.of(random(3, 1, 4, 3), b), CallArgs.NONE);
    assertThat(difference(one, two)).isZero();
    Tensor trained = m.apply(List.of(random(3, 1, 4, 3), b), CallArgs.training(true));
    Tensor changed = Ops.any(Ops.notEqual(trained, two), new int[] {2}, false);
    assertThat(java.util.Arrays.stream(changed.toIntArray()).sum()).isBetween(12, 38);
  }

  @Test
  void learnsAndSurvivesItsFile() {
    PerceiverIO model = imageAndText();
    Tensor images = random(1, 24, 4, 4, 1);
    int[] words = new int[48];
    int[] classes = new int[24];
    for (int i = 0; i < 24; i++) {
      words[2 * i] = classes[i] = i % 3;
      words[2 * i + 1] = 4;
    }
    Tensor texts = Tensor.of(words, 24, 2);
    model.compile(
        new Adam(5e-3),
        Registry.standard()
            .restore(
                Config.of(
                    "module",
                    "keras.losses",
                    "class_name",
                    "SparseCategoricalCrossentropy",
                    "config",
                    Config.of("from_logits", true)),
                "loss"));
    model.fit(List.of(images, texts), Tensor.of(classes, 24), Fit.epochs(40).batchSize(24));
    Tensor y = model.predictAll(List.of(images, texts), 24).get(0);
    assertThat(Ops.argmax(y, -1, false).toIntArray()).isEqualTo(classes);
    Config config = model.getConfig().pure();
    PerceiverIO again =
        (PerceiverIO) Registry.standard().restore(PerceiverIO.TYPE.envelope(config), "x");
    again.applyAll(List.of(images, texts), CallArgs.NONE);
    again.setWeights(model.getWeights());
    assertThat(difference(again.predictAll(List.of(images, texts), 24).get(0), y)).isZero();
  }

  @Test
  void badInputIsRefused() {
    assertThatThrownBy(() -> new PerceiverBlock(Config.of("q", 8, "kv", 6, "heads", 4)))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("qk_channels=6")
        .hasMessageContaining("heads=4");
    assertThatThrownBy(() -> new PerceiverEncoder(ENCODER.with("crossAttends", 3)))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("blocks=2");
    PerceiverEncoder e = new PerceiverEncoder(ENCODER);
    assertThatThrownBy(
            () ->
                e.apply(
                    random(1, 2, 4, 6), CallArgs.of("mask", Ops.ones(Shape.of(2, 5), DType.BOOL))))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("(2, 5)");
    assertThatThrownBy(
            () -> new TextPreprocessor(5, 3, 2).apply(Ops.ones(Shape.of(1, 4), DType.INT32)))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("T up to 3");
    assertThatThrownBy(() -> new TextPreprocessor(5, 3, 2).apply(Tensor.of(new int[] {0, 5}, 1, 2)))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("from 0 to 4")
        .hasMessageContaining("Received: 5");
    assertThatThrownBy(() -> imageAndText().apply(List.of(random(1, 1, 4, 4, 1)), CallArgs.NONE))
        .isInstanceOf(ShapeException.class);
    assertThat(Registry.standard().entries()).contains(PerceiverIO.TYPE);
  }
}
