package io.weft.systems.fusionlab;

import io.weft.config.Entry;
import java.util.ArrayList;
import java.util.List;

/** The rows of fusionlab's classes. */
public final class FusionlabTypes {
  /** The package under which fusionlab registers its components. */
  static final String COMPONENTS = "fusionlab.nn.components";

  /** The package of the metrics. */
  static final String METRICS = "fusionlab.nn.keras_metrics";

  /** The package of the anomaly layers. */
  static final String ANOMALY = "fusionlab.nn.anomaly_detection";

  private FusionlabTypes() {}

  /** All rows. */
  public static List<Entry<?>> all() {
    List<Entry<?>> all = new ArrayList<>();
    all.addAll(
        List.of(
            TFT.TYPE,
            TemporalFusionTransformer.TYPE,
            DummyTFT.TYPE,
            XTFT.TYPE,
            SuperXTFT.TYPE,
            XTFT.LEGACY,
            SuperXTFT.LEGACY,
            TemporalFusionNetwork.TYPE,
            InterpretableMultiHeadAttention.TYPE,
            GatedSkip.TYPE,
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
    all.addAll(blocks());
    all.addAll(heads());
    all.addAll(List.of(BaseAttentive.TYPE, HALNet.TYPE, TimeSeriesTransformer.TYPE));
    all.addAll(FusionLosses.entries());
    all.addAll(QuantileMetric.entries());
    all.addAll(List.of(CRPSLoss.TYPE, CombinedHeadLoss.TYPE, MultiObjectiveLoss.TYPE));
    return all;
  }

  private static List<Entry<?>> blocks() {
    return List.of(
        Activation.TYPE,
        CategoricalEmbeddingProcessor.TYPE,
        Gate.TYPE,
        LayerScale.TYPE,
        PositionwiseFeedForward.TYPE,
        ResidualAdd.TYPE,
        SqueezeExcite1D.TYPE,
        StochasticDepth.TYPE,
        TransformerDecoderBlock.TYPE,
        TransformerDecoderLayer.TYPE,
        TransformerEncoderBlock.TYPE,
        TransformerEncoderLayer.TYPE);
  }

  private static List<Entry<?>> heads() {
    return List.of(
        GaussianHead.TYPE,
        LSTMAutoencoderAnomaly.TYPE,
        MixtureDensityHead.TYPE,
        PointForecastHead.TYPE,
        PredictionErrorAnomalyScore.TYPE,
        QuantileHead.TYPE,
        SequenceAnomalyScoreLayer.TYPE);
  }
}
