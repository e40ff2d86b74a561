package io.weft.systems.fusionlab;

import io.weft.config.Config;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import io.weft.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * An extreme temporal fusion transformer, as fusionlab's model of this name: embeddings, LSTMs of
 * several scales and attentions over the past and what is known of the future. With s, E and L of
 * {@link ExtremeModel}:
 *
 * <pre>
 *   c = L;  c = Cross(dynamic, E);  c = Hierarchical(c, c);  c = Memory(c)
 *   fused = [s; Fusion([L; c])]
 * </pre>
 *
 * <p>{@code architecture_config.decoder_attention_stack} says which of the three attentions there
 * are. A future shorter than the past is filled with zeros, which are no keys; {@code defects=true}
 * masks the queries of these steps instead, as the original does. In the releases 0.1 to 0.3
 * ({@code layout}) the future may not be shorter, and
 *
 * <pre>
 *   h = Hierarchical(dynamic, future);  fused = Fusion([s; L; Cross(dynamic, E); h; Memory(h)])
 * </pre>
 *
 * <p>Inputs and output: see {@link ForecastingModel}; arguments, anomalies: {@link ExtremeModel}.
 */
public final class XTFT extends ExtremeModel {
  public static final LayerType<XTFT> TYPE =
      LayerType.custom("fusionlab.nn.hybrid", "XTFT", XTFT::new).takesList().args("training");

  /** The row under which the releases 0.1 to 0.3 write files. */
  static final LayerType<XTFT> LEGACY =
      LayerType.custom("fusionlab.nn.transformers", "XTFT", XTFT::legacy)
          .takesList()
          .args("training");

  private static final List<String> LEGACY_PARTS =
      List.of(
          "multi_modal_embedding",
          "positional_encoding",
          "multi_scale_lstm",
          "hierarchical_attention",
          "cross_attention",
          "memory_augmented_attention",
          "multi_decoder",
          "multi_resolution_attention_fusion",
          "dynamic_time_window",
          "quantile_distribution_modeling",
          "anomaly_attention",
          "anomaly_projection",
          "anomaly_scorer",
          "learned_normalization",
          "static_dense",
          "static_dropout",
          "static_batch_norm",
          "grn_static",
          "residual_dense");

  /** Restores a model from its config. */
  public XTFT(Config config) {
    super(TYPE, config, false);
    make(isLegacy() ? LEGACY_PARTS : currentParts(architecture()));
  }

  private static XTFT legacy(Config config) {
    return new XTFT(config.has("layout") ? config : config.with("layout", Release.V03.text()));
  }

  /** The parts of the legacy models, with or without the network behind the static features. */
  static List<String> legacyParts(boolean staticNetwork) {
    List<String> all = new ArrayList<>(LEGACY_PARTS);
    if (!staticNetwork) {
      all.remove("grn_static");
    }
    return all;
  }

  private static List<String> currentParts(Architecture a) {
    List<String> all =
        new ArrayList<>(
            List.of("quantile_distribution_modeling", "dynamic_time_window", "multi_decoder"));
    all.addAll(encoderParts(a));
    all.addAll(List.of("anomaly_attention", "anomaly_projection", "anomaly_scorer"));
    return all;
  }

  /** From the static features to the fusion. */
  static List<String> encoderParts(Architecture a) {
    List<String> all =
        new ArrayList<>(
            List.of(
                "learned_normalization",
                "static_dense",
                "static_dropout",
                "static_batch_norm",
                "grn_static",
                "multi_modal_embedding",
                "positional_encoding",
                "residual_dense",
                "multi_scale_lstm"));
    for (String attention : List.of("hierarchical", "cross", "memory")) {
      if (a.attentions().contains(attention)) {
        all.add(
            attention.equals("memory") ? "memory_augmented_attention" : attention + "_attention");
      }
    }
    all.add("multi_resolution_attention_fusion");
    return all;
  }

  @Override
  Tensor fused(Tensor fixed, Tensor past, Tensor future) {
    Tensor s = Parts.overTime(staticFeatures(fixed), past.dim(1));
    Tensor known = aligned(past, future);
    Tensor embeddings = embeddings(past, known);
    Tensor recurrent = recurrent(past);
    Layer fusion = at("multi_resolution_attention_fusion");
    if (isLegacy()) {
      Tensor h = at("hierarchical_attention").apply(past, known);
      Tensor c = at("cross_attention").apply(past, embeddings);
      Tensor m = at("memory_augmented_attention").apply(h);
      return fusion.apply(Parts.join(s, recurrent, c, h, m));
    }
    Tensor c = recurrent;
    if (has("cross_attention")) {
      c = attend("cross_attention", List.of(past, embeddings), future.dim(1));
    }
    if (has("hierarchical_attention")) {
      c = at("hierarchical_attention").apply(c, c);
    }
    if (has("memory_augmented_attention")) {
      // steps are no keys of a memory
      int n = hasDefects() ? future.dim(1) : past.dim(1);
      c = attend("memory_augmented_attention", List.of(c), n);
    }
    return Parts.join(s, fusion.apply(Parts.join(recurrent, c)));
  }

  @Override
  Tensor refined(Tensor decoded) {
    return decoded;
  }

  public static Builder builder(int staticInputDim, int dynamicInputDim, int futureInputDim) {
    return new Builder(staticInputDim, dynamicInputDim, futureInputDim);
  }

  /** Optional settings of {@link XTFT}. */
  public static final class Builder extends ExtremeBuilder<XTFT, Builder> {
    private Builder(int staticInputDim, int dynamicInputDim, int futureInputDim) {
      super(staticInputDim, dynamicInputDim, futureInputDim);
    }

    @Override
    public XTFT build() {
      return Layer.fromConfig(TYPE, config());
    }
  }
}
