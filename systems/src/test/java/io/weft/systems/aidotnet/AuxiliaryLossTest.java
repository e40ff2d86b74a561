package io.weft.systems.aidotnet;

import static io.weft.systems.aidotnet.ManualLayerTest.random;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.weft.autodiff.GradientTape;
import io.weft.config.Config;
import io.weft.layer.CallArgs;
import io.weft.tensor.Tensor;
import io.weft.tensor.Variable;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The loss that keeps attention from collapsing, and the attention of noise predictors. */
class AuxiliaryLossTest {
  private static MultiHeadAttentionLayer layer(double entropy, double diversity) {
    return MultiHeadAttentionLayer.builder(4, 6, 3)
        .seed(1)
        .auxiliaryLoss(entropy, diversity)
        .build();
  }

  @Test
  void evenAttentionHasTheLargestEntropyAndEqualHeadsAreAlike() {
    MultiHeadAttentionLayer layer = layer(0.5, 2);
    Tensor x = random(1, 2, 4, 6);
    layer.forward(x);
    double usual = Double.parseDouble(layer.diagnostics().get("TotalEntropyLoss"));
    // no scores: each of 2 samples · 3 heads · 4 queries sees all 4 keys alike
    layer.setParameter("query_weights", Tensor.of(new float[36], 6, 6));
    // each head gets the same two features
    float[] same = new float[36];
    for (int i = 0; i < 36; i++) {
      same[i] = (i / 6 + 1) * (i % 2 + 1);
    }
    layer.setParameter("value_weights", Tensor.of(same, 6, 6));
    layer.forward(x);
    Map<String, String> seen = layer.diagnostics();
    double even = Double.parseDouble(seen.get("TotalEntropyLoss"));
    assertThat(even).isCloseTo(-24 * Math.log(4), within(1e-4)).isLessThan(usual);
    double alike = Double.parseDouble(seen.get("TotalDiversityLoss"));
    assertThat(alike).isCloseTo(1, within(1e-5));
    assertThat(layer.auxiliaryLoss()).isCloseTo(0.5 * even + 2 * alike, within(1e-6));
    assertThat(seen)
        .containsEntry("EntropyWeight", "0.5")
        .containsEntry("DiversityWeight", "2")
        .containsEntry("UseAttentionRegularization", "True")
        .containsEntry("NumberOfHeads", "3")
        .containsEntry("AttentionScoresCached", "True");
    layer.resetState();
    assertThat(layer.auxiliaryLoss()).isZero();
    assertThat(layer.diagnostics())
        .containsEntry("TotalEntropyLoss", "0")
        .containsEntry("HeadOutputsCached", "False");
  }

  /** Keys that are hidden have a probability of 0, and half precision no number for 1e-10. */
  @Test
  void lossesAreFiniteInHalfPrecision() {
    for (String policy : new String[] {"mixed_float16", "mixed_bfloat16"}) {
      Config config =
          MultiHeadAttentionLayer.builder(4, 6, 3).causal(true).auxiliaryLoss(1, 1).config();
      MultiHeadAttentionLayer layer = new MultiHeadAttentionLayer(config.with("dtype", policy));
      layer.forward(random(1, 2, 4, 6));
      Map<String, String> seen = layer.diagnostics();
      assertThat(Double.parseDouble(seen.get("TotalEntropyLoss"))).isBetween(-24 * Math.log(4), 0.);
      assertThat(Double.parseDouble(seen.get("TotalDiversityLoss"))).isBetween(-1., 1.);
    }
  }

  @Test
  void theLossCountsInTrainingOnly() {
    MultiHeadAttentionLayer layer = layer(0.005, 0.01);
    Tensor x = random(1, 2, 4, 6);
    layer.applyAll(List.of(x), CallArgs.training(true));
    assertThat(layer.losses()).hasSize(1);
    double counted = layer.losses().get(0).item();
    layer.forward(x);
    assertThat(counted).isCloseTo(layer.auxiliaryLoss(), within(1e-6));
    layer.apply(x);
    assertThat(layer.losses()).isEmpty();
    MultiHeadAttentionLayer none = new MultiHeadAttentionLayer(4, 6, 3);
    none.applyAll(List.of(x), CallArgs.training(true));
    assertThat(none.losses()).isEmpty();
  }

  @Test
  void theLossReachesTheWeightsThatItSpeaksOf() {
    MultiHeadAttentionLayer layer = layer(1, 0);
    Tensor x = random(1, 2, 4, 6);
    layer.apply(x);
    try (GradientTape tape = GradientTape.open()) {
      layer.applyAll(List.of(x), CallArgs.training(true));
      List<Tensor> sources = layer.weights().stream().map(Variable::concrete).toList();
      List<Tensor> g = tape.gradients(List.of(layer.losses().get(0)), null, sources);
      assertThat(g.get(0).toFloatArray()).as("query").doesNotContain(0f);
      assertThat(g.get(1).toFloatArray()).as("key").doesNotContain(0f);
      assertThat(g.get(3) == null || g.get(3).toFloatArray()[0] == 0).as("output").isTrue();
    }
  }

  @Test
  void noisePredictorsStartWithinTheirFanIn() {
    DiffusionAttentionLayer layer =
        DiffusionAttentionLayer.builder(40, 90, 4).seed(2).zeroOutputProjection(true).build();
    layer.parameterCount();
    double[] bound = {1 / Math.sqrt(40), 1 / Math.sqrt(90), 1 / Math.sqrt(90)};
    for (int i = 0; i < 3; i++) {
      double largest = 0;
      for (float w : layer.getWeights().get(i).toFloatArray()) {
        largest = Math.max(largest, Math.abs(w));
      }
      assertThat(largest).isBetween(0.99 * bound[i], bound[i]);
    }
    assertThat(layer.getWeights().get(3).toFloatArray()).containsOnly(0);
  }
}
