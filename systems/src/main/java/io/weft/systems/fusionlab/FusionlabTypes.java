package io.weft.systems.fusionlab;

import io.weft.config.Entry;
import java.util.ArrayList;
import java.util.List;

/** The rows of fusionlab's classes. */
public final class FusionlabTypes {
  /** The package under which fusionlab registers its components. */
  static final String COMPONENTS = "fusionlab.nn.components";

  private FusionlabTypes() {}

  /** All rows. */
  public static List<Entry<?>> all() {
    List<Entry<?>> all = new ArrayList<>();
    all.addAll(
        List.of(
            GatedResidualNetwork.TYPE,
            VariableSelectionNetwork.TYPE,
            TemporalAttentionLayer.TYPE,
            StaticEnrichmentLayer.TYPE,
            LearnedNormalization.TYPE,
            MultiModalEmbedding.TYPE,
            ExplainableAttention.TYPE,
            MultiResolutionAttentionFusion.TYPE,
            PositionalEncoding.TYPE,
            TSPositionalEncoding.TYPE,
            LinearPositionalEncoding.TYPE,
            MultiScaleLSTM.TYPE,
            DynamicTimeWindow.TYPE,
            MultiDecoder.TYPE,
            QuantileDistributionModeling.TYPE));
    return all;
  }
}
