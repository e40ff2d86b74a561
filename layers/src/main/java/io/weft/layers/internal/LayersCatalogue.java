package io.weft.layers.internal;

import io.weft.activations.Activations;
import io.weft.config.Catalogue;
import io.weft.config.Entry;
import io.weft.constraints.MaxNorm;
import io.weft.constraints.MinMaxNorm;
import io.weft.constraints.NonNeg;
import io.weft.constraints.UnitNorm;
import io.weft.initializers.Constant;
import io.weft.initializers.Identity;
import io.weft.initializers.Ones;
import io.weft.initializers.Orthogonal;
import io.weft.initializers.RandomNormal;
import io.weft.initializers.RandomUniform;
import io.weft.initializers.STFT;
import io.weft.initializers.TruncatedNormal;
import io.weft.initializers.VarianceScaling;
import io.weft.initializers.Zeros;
import io.weft.layer.DTypePolicy;
import io.weft.layers.attention.AdditiveAttention;
import io.weft.layers.attention.Attention;
import io.weft.layers.attention.CrossAttention;
import io.weft.layers.attention.GroupQueryAttention;
import io.weft.layers.attention.HierarchicalAttention;
import io.weft.layers.attention.MemoryAugmentedAttention;
import io.weft.layers.attention.MultiHeadAttention;
import io.weft.layers.convolutional.Conv1D;
import io.weft.layers.convolutional.Conv1DTranspose;
import io.weft.layers.convolutional.Conv2D;
import io.weft.layers.convolutional.Conv2DTranspose;
import io.weft.layers.convolutional.Conv3D;
import io.weft.layers.convolutional.Conv3DTranspose;
import io.weft.layers.convolutional.DepthwiseConv1D;
import io.weft.layers.convolutional.DepthwiseConv2D;
import io.weft.layers.convolutional.SeparableConv1D;
import io.weft.layers.convolutional.SeparableConv2D;
import io.weft.layers.core.Activation;
import io.weft.layers.core.Dense;
import io.weft.layers.core.ELU;
import io.weft.layers.core.EinsumDense;
import io.weft.layers.core.Embedding;
import io.weft.layers.core.InputLayer;
import io.weft.layers.core.Lambda;
import io.weft.layers.core.LeakyReLU;
import io.weft.layers.core.Masking;
import io.weft.layers.core.PReLU;
import io.weft.layers.core.ReLU;
import io.weft.layers.core.ReversibleEmbedding;
import io.weft.layers.core.Softmax;
import io.weft.layers.merging.Add;
import io.weft.layers.merging.Average;
import io.weft.layers.merging.Concatenate;
import io.weft.layers.merging.Dot;
import io.weft.layers.merging.Maximum;
import io.weft.layers.merging.Minimum;
import io.weft.layers.merging.Multiply;
import io.weft.layers.merging.Subtract;
import io.weft.layers.normalization.BatchNormalization;
import io.weft.layers.normalization.GroupNormalization;
import io.weft.layers.normalization.LayerNormalization;
import io.weft.layers.normalization.RMSNormalization;
import io.weft.layers.normalization.SpectralNormalization;
import io.weft.layers.normalization.UnitNormalization;
import io.weft.layers.pooling.AdaptiveAveragePooling1D;
import io.weft.layers.pooling.AdaptiveAveragePooling2D;
import io.weft.layers.pooling.AdaptiveAveragePooling3D;
import io.weft.layers.pooling.AdaptiveMaxPooling1D;
import io.weft.layers.pooling.AdaptiveMaxPooling2D;
import io.weft.layers.pooling.AdaptiveMaxPooling3D;
import io.weft.layers.pooling.AveragePooling1D;
import io.weft.layers.pooling.AveragePooling2D;
import io.weft.layers.pooling.AveragePooling3D;
import io.weft.layers.pooling.GlobalAveragePooling1D;
import io.weft.layers.pooling.GlobalAveragePooling2D;
import io.weft.layers.pooling.GlobalAveragePooling3D;
import io.weft.layers.pooling.GlobalMaxPooling1D;
import io.weft.layers.pooling.GlobalMaxPooling2D;
import io.weft.layers.pooling.GlobalMaxPooling3D;
import io.weft.layers.pooling.MaxPooling1D;
import io.weft.layers.pooling.MaxPooling2D;
import io.weft.layers.pooling.MaxPooling3D;
import io.weft.layers.preprocessing.Normalization;
import io.weft.layers.preprocessing.Rescaling;
import io.weft.layers.regularization.ActivityRegularization;
import io.weft.layers.regularization.AlphaDropout;
import io.weft.layers.regularization.Dropout;
import io.weft.layers.regularization.GaussianDropout;
import io.weft.layers.regularization.GaussianNoise;
import io.weft.layers.regularization.SpatialDropout1D;
import io.weft.layers.regularization.SpatialDropout2D;
import io.weft.layers.regularization.SpatialDropout3D;
import io.weft.layers.reshaping.Cropping1D;
import io.weft.layers.reshaping.Cropping2D;
import io.weft.layers.reshaping.Cropping3D;
import io.weft.layers.reshaping.Flatten;
import io.weft.layers.reshaping.Permute;
import io.weft.layers.reshaping.RepeatVector;
import io.weft.layers.reshaping.Reshape;
import io.weft.layers.reshaping.UpSampling1D;
import io.weft.layers.reshaping.UpSampling2D;
import io.weft.layers.reshaping.UpSampling3D;
import io.weft.layers.reshaping.ZeroPadding1D;
import io.weft.layers.reshaping.ZeroPadding2D;
import io.weft.layers.reshaping.ZeroPadding3D;
import io.weft.layers.rnn.ConvLSTM1D;
import io.weft.layers.rnn.ConvLSTM2D;
import io.weft.layers.rnn.ConvLSTM3D;
import io.weft.layers.rnn.GRU;
import io.weft.layers.rnn.GRUCell;
import io.weft.layers.rnn.LSTM;
import io.weft.layers.rnn.LSTMCell;
import io.weft.layers.rnn.RNN;
import io.weft.layers.rnn.SimpleRNN;
import io.weft.layers.rnn.SimpleRNNCell;
import io.weft.layers.rnn.StackedRNNCells;
import io.weft.layers.wrapper.Bidirectional;
import io.weft.layers.wrapper.TimeDistributed;
import io.weft.random.SeedGenerator;
import io.weft.regularizers.L1;
import io.weft.regularizers.L1L2;
import io.weft.regularizers.L2;
import io.weft.regularizers.OrthogonalRegularizer;
import java.util.ArrayList;
import java.util.List;

/** Every class of this module that a config may name. */
public final class LayersCatalogue implements Catalogue {
  private static final List<Entry<?>> SMALL =
      List.of(
          DTypePolicy.TYPE,
          SeedGenerator.TYPE,
          Zeros.TYPE,
          Ones.TYPE,
          Constant.TYPE,
          Identity.TYPE,
          RandomNormal.TYPE,
          RandomUniform.TYPE,
          TruncatedNormal.TYPE,
          Orthogonal.TYPE,
          STFT.TYPE,
          L1.TYPE,
          L2.TYPE,
          L1L2.TYPE,
          OrthogonalRegularizer.TYPE,
          MaxNorm.TYPE,
          MinMaxNorm.TYPE,
          NonNeg.TYPE,
          UnitNorm.TYPE);

  private static final List<Entry<?>> CORE =
      List.of(
          Activation.TYPE,
          Dense.TYPE,
          EinsumDense.TYPE,
          ELU.TYPE,
          Embedding.TYPE,
          io.weft.layers.core.Identity.TYPE,
          InputLayer.TYPE,
          Lambda.TYPE,
          LeakyReLU.TYPE,
          Masking.TYPE,
          PReLU.TYPE,
          ReLU.TYPE,
          ReversibleEmbedding.TYPE,
          Softmax.TYPE);

  private static final List<Entry<?>> REGULARIZATION =
      List.of(
          ActivityRegularization.TYPE,
          AlphaDropout.TYPE,
          Dropout.TYPE,
          GaussianDropout.TYPE,
          GaussianNoise.TYPE,
          SpatialDropout1D.TYPE,
          SpatialDropout2D.TYPE,
          SpatialDropout3D.TYPE);

  private static final List<Entry<?>> NORMALIZATION =
      List.of(
          BatchNormalization.TYPE,
          GroupNormalization.TYPE,
          LayerNormalization.TYPE,
          RMSNormalization.TYPE,
          SpectralNormalization.TYPE,
          UnitNormalization.TYPE);

  private static final List<Entry<?>> ATTENTION =
      List.of(
          AdditiveAttention.TYPE,
          Attention.TYPE,
          CrossAttention.TYPE,
          GroupQueryAttention.TYPE,
          HierarchicalAttention.TYPE,
          MemoryAugmentedAttention.TYPE,
          MultiHeadAttention.TYPE);

  private static final List<Entry<?>> RECURRENT =
      List.of(
          Bidirectional.TYPE,
          ConvLSTM1D.TYPE,
          ConvLSTM2D.TYPE,
          ConvLSTM3D.TYPE,
          GRU.TYPE,
          GRUCell.TYPE,
          LSTM.TYPE,
          LSTMCell.TYPE,
          RNN.TYPE,
          SimpleRNN.TYPE,
          SimpleRNNCell.TYPE,
          StackedRNNCells.TYPE,
          TimeDistributed.TYPE);

  private static final List<Entry<?>> CONVOLUTIONAL =
      List.of(
          Conv1D.TYPE,
          Conv1DTranspose.TYPE,
          Conv2D.TYPE,
          Conv2DTranspose.TYPE,
          Conv3D.TYPE,
          Conv3DTranspose.TYPE,
          DepthwiseConv1D.TYPE,
          DepthwiseConv2D.TYPE,
          SeparableConv1D.TYPE,
          SeparableConv2D.TYPE);

  private static final List<Entry<?>> POOLING =
      List.of(
          AdaptiveAveragePooling1D.TYPE,
          AdaptiveAveragePooling2D.TYPE,
          AdaptiveAveragePooling3D.TYPE,
          AdaptiveMaxPooling1D.TYPE,
          AdaptiveMaxPooling2D.TYPE,
          AdaptiveMaxPooling3D.TYPE,
          GlobalAveragePooling1D.TYPE,
          GlobalAveragePooling2D.TYPE,
          GlobalAveragePooling3D.TYPE,
          GlobalMaxPooling1D.TYPE,
          GlobalMaxPooling2D.TYPE,
          GlobalMaxPooling3D.TYPE,
          AveragePooling1D.TYPE,
          AveragePooling2D.TYPE,
          AveragePooling3D.TYPE,
          MaxPooling1D.TYPE,
          MaxPooling2D.TYPE,
          MaxPooling3D.TYPE);

  private static final List<Entry<?>> RESHAPING =
      List.of(
          Cropping1D.TYPE,
          Cropping2D.TYPE,
          Cropping3D.TYPE,
          Flatten.TYPE,
          Permute.TYPE,
          RepeatVector.TYPE,
          Reshape.TYPE,
          UpSampling1D.TYPE,
          UpSampling2D.TYPE,
          UpSampling3D.TYPE,
          ZeroPadding1D.TYPE,
          ZeroPadding2D.TYPE,
          ZeroPadding3D.TYPE);

  private static final List<Entry<?>> MERGING =
      List.of(
          Add.TYPE,
          Average.TYPE,
          Concatenate.TYPE,
          Dot.TYPE,
          Maximum.TYPE,
          Minimum.TYPE,
          Multiply.TYPE,
          Subtract.TYPE);

  private static final List<Entry<?>> PREPROCESSING = List.of(Normalization.TYPE, Rescaling.TYPE);

  @Override
  public List<? extends Entry<?>> entries() {
    List<Entry<?>> all = new ArrayList<>(SMALL);
    all.addAll(VarianceScaling.types());
    all.addAll(Activations.types());
    all.addAll(CORE);
    all.addAll(PREPROCESSING);
    all.addAll(MERGING);
    all.addAll(RESHAPING);
    all.addAll(POOLING);
    all.addAll(CONVOLUTIONAL);
    all.addAll(NORMALIZATION);
    all.addAll(REGULARIZATION);
    all.addAll(ATTENTION);
    all.addAll(RECURRENT);
    return all;
  }
}
