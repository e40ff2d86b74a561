package io.weft.layers.internal;

import io.weft.activations.Activations;
import io.weft.config.Catalogue;
import io.weft.config.Entry;
import io.weft.config.Section;
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
import io.weft.layer.Activation;
import io.weft.layer.Constraint;
import io.weft.layer.DTypePolicy;
import io.weft.layer.Initializer;
import io.weft.layer.Layer;
import io.weft.layer.Regularizer;
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
import io.weft.layers.normalization.LayerScale;
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
import java.util.List;

/** Every class of this module that a config may name. */
public final class LayersCatalogue implements Catalogue {
  private static final List<String> INITIALIZERS =
      List.of(
          "VarianceScaling",
          "GlorotUniform",
          "GlorotNormal",
          "LecunUniform",
          "LecunNormal",
          "HeUniform",
          "HeNormal",
          "Zeros",
          "Ones",
          "Constant",
          "Identity",
          "RandomNormal",
          "RandomUniform",
          "TruncatedNormal",
          "Orthogonal",
          "STFT");

  private static Entry<?> initializer(String name) {
    return switch (name) {
      case "Zeros", "zeros", "zero" -> Zeros.TYPE;
      case "Ones", "ones", "one" -> Ones.TYPE;
      case "Constant", "constant" -> Constant.TYPE;
      case "Identity", "identity", "IdentityInitializer" -> Identity.TYPE;
      case "RandomNormal", "random_normal", "normal" -> RandomNormal.TYPE;
      case "RandomUniform", "random_uniform", "uniform" -> RandomUniform.TYPE;
      case "TruncatedNormal", "truncated_normal" -> TruncatedNormal.TYPE;
      case "Orthogonal", "orthogonal", "OrthogonalInitializer" -> Orthogonal.TYPE;
      case "STFT", "stft", "STFTInitializer" -> STFT.TYPE;
      default -> VarianceScaling.type(name);
    };
  }

  private static final List<String> LAYERS =
      List.of(
          "Activation",
          "Dense",
          "EinsumDense",
          "ELU",
          "Embedding",
          "Identity",
          "InputLayer",
          "Lambda",
          "LeakyReLU",
          "Masking",
          "PReLU",
          "ReLU",
          "ReversibleEmbedding",
          "Softmax",
          "Normalization",
          "Rescaling",
          "Add",
          "Average",
          "Concatenate",
          "Dot",
          "Maximum",
          "Minimum",
          "Multiply",
          "Subtract",
          "Cropping1D",
          "Cropping2D",
          "Cropping3D",
          "Flatten",
          "Permute",
          "RepeatVector",
          "Reshape",
          "UpSampling1D",
          "UpSampling2D",
          "UpSampling3D",
          "ZeroPadding1D",
          "ZeroPadding2D",
          "ZeroPadding3D",
          "AdaptiveAveragePooling1D",
          "AdaptiveAveragePooling2D",
          "AdaptiveAveragePooling3D",
          "AdaptiveMaxPooling1D",
          "AdaptiveMaxPooling2D",
          "AdaptiveMaxPooling3D",
          "GlobalAveragePooling1D",
          "GlobalAveragePooling2D",
          "GlobalAveragePooling3D",
          "GlobalMaxPooling1D",
          "GlobalMaxPooling2D",
          "GlobalMaxPooling3D",
          "AveragePooling1D",
          "AveragePooling2D",
          "AveragePooling3D",
          "MaxPooling1D",
          "MaxPooling2D",
          "MaxPooling3D",
          "Conv1D",
          "Conv1DTranspose",
          "Conv2D",
          "Conv2DTranspose",
          "Conv3D",
          "Conv3DTranspose",
          "DepthwiseConv1D",
          "DepthwiseConv2D",
          "SeparableConv1D",
          "SeparableConv2D",
          "BatchNormalization",
          "GroupNormalization",
          "LayerNormalization",
          "RMSNormalization",
          "SpectralNormalization",
          "UnitNormalization",
          "ActivityRegularization",
          "AlphaDropout",
          "Dropout",
          "GaussianDropout",
          "GaussianNoise",
          "SpatialDropout1D",
          "SpatialDropout2D",
          "SpatialDropout3D",
          "AdditiveAttention",
          "Attention",
          "CrossAttention",
          "GroupQueryAttention",
          "HierarchicalAttention",
          "MemoryAugmentedAttention",
          "MultiHeadAttention",
          "Bidirectional",
          "ConvLSTM1D",
          "ConvLSTM2D",
          "ConvLSTM3D",
          "GRU",
          "GRUCell",
          "LSTM",
          "LSTMCell",
          "RNN",
          "SimpleRNN",
          "SimpleRNNCell",
          "StackedRNNCells",
          "TimeDistributed");

  private static Entry<?> layer(String className) {
    return switch (className) {
      case "Activation" -> io.weft.layers.core.Activation.TYPE;
      case "Dense" -> Dense.TYPE;
      case "EinsumDense" -> EinsumDense.TYPE;
      case "ELU" -> ELU.TYPE;
      case "Embedding" -> Embedding.TYPE;
      case "Identity" -> io.weft.layers.core.Identity.TYPE;
      case "InputLayer" -> InputLayer.TYPE;
      case "Lambda" -> Lambda.TYPE;
      case "LeakyReLU" -> LeakyReLU.TYPE;
      case "Masking" -> Masking.TYPE;
      case "PReLU" -> PReLU.TYPE;
      case "ReLU" -> ReLU.TYPE;
      case "ReversibleEmbedding" -> ReversibleEmbedding.TYPE;
      case "Softmax" -> Softmax.TYPE;
      case "Normalization" -> Normalization.TYPE;
      case "Rescaling" -> Rescaling.TYPE;
      case "Add" -> Add.TYPE;
      case "Average" -> Average.TYPE;
      case "Concatenate" -> Concatenate.TYPE;
      case "Dot" -> Dot.TYPE;
      case "Maximum" -> Maximum.TYPE;
      case "Minimum" -> Minimum.TYPE;
      case "Multiply" -> Multiply.TYPE;
      case "Subtract" -> Subtract.TYPE;
      case "Cropping1D" -> Cropping1D.TYPE;
      case "Cropping2D" -> Cropping2D.TYPE;
      case "Cropping3D" -> Cropping3D.TYPE;
      case "Flatten" -> Flatten.TYPE;
      case "Permute" -> Permute.TYPE;
      case "RepeatVector" -> RepeatVector.TYPE;
      case "Reshape" -> Reshape.TYPE;
      case "UpSampling1D" -> UpSampling1D.TYPE;
      case "UpSampling2D" -> UpSampling2D.TYPE;
      case "UpSampling3D" -> UpSampling3D.TYPE;
      case "ZeroPadding1D" -> ZeroPadding1D.TYPE;
      case "ZeroPadding2D" -> ZeroPadding2D.TYPE;
      case "ZeroPadding3D" -> ZeroPadding3D.TYPE;
      case "AdaptiveAveragePooling1D" -> AdaptiveAveragePooling1D.TYPE;
      case "AdaptiveAveragePooling2D" -> AdaptiveAveragePooling2D.TYPE;
      case "AdaptiveAveragePooling3D" -> AdaptiveAveragePooling3D.TYPE;
      case "AdaptiveMaxPooling1D" -> AdaptiveMaxPooling1D.TYPE;
      case "AdaptiveMaxPooling2D" -> AdaptiveMaxPooling2D.TYPE;
      case "AdaptiveMaxPooling3D" -> AdaptiveMaxPooling3D.TYPE;
      case "GlobalAveragePooling1D", "GlobalAvgPool1D" -> GlobalAveragePooling1D.TYPE;
      case "GlobalAveragePooling2D", "GlobalAvgPool2D" -> GlobalAveragePooling2D.TYPE;
      case "GlobalAveragePooling3D", "GlobalAvgPool3D" -> GlobalAveragePooling3D.TYPE;
      case "GlobalMaxPooling1D", "GlobalMaxPool1D" -> GlobalMaxPooling1D.TYPE;
      case "GlobalMaxPooling2D", "GlobalMaxPool2D" -> GlobalMaxPooling2D.TYPE;
      case "GlobalMaxPooling3D", "GlobalMaxPool3D" -> GlobalMaxPooling3D.TYPE;
      case "AveragePooling1D", "AvgPool1D" -> AveragePooling1D.TYPE;
      case "AveragePooling2D", "AvgPool2D" -> AveragePooling2D.TYPE;
      case "AveragePooling3D", "AvgPool3D" -> AveragePooling3D.TYPE;
      case "MaxPooling1D", "MaxPool1D" -> MaxPooling1D.TYPE;
      case "MaxPooling2D", "MaxPool2D" -> MaxPooling2D.TYPE;
      case "MaxPooling3D", "MaxPool3D" -> MaxPooling3D.TYPE;
      case "Conv1D", "Convolution1D" -> Conv1D.TYPE;
      case "Conv1DTranspose", "Convolution1DTranspose" -> Conv1DTranspose.TYPE;
      case "Conv2D", "Convolution2D" -> Conv2D.TYPE;
      case "Conv2DTranspose", "Convolution2DTranspose" -> Conv2DTranspose.TYPE;
      case "Conv3D", "Convolution3D" -> Conv3D.TYPE;
      case "Conv3DTranspose", "Convolution3DTranspose" -> Conv3DTranspose.TYPE;
      case "DepthwiseConv1D" -> DepthwiseConv1D.TYPE;
      case "DepthwiseConv2D" -> DepthwiseConv2D.TYPE;
      case "SeparableConv1D", "SeparableConvolution1D" -> SeparableConv1D.TYPE;
      case "SeparableConv2D", "SeparableConvolution2D" -> SeparableConv2D.TYPE;
      case "BatchNormalization" -> BatchNormalization.TYPE;
      case "GroupNormalization" -> GroupNormalization.TYPE;
      case "LayerNormalization" -> LayerNormalization.TYPE;
      case "RMSNormalization" -> RMSNormalization.TYPE;
      case "SpectralNormalization" -> SpectralNormalization.TYPE;
      case "UnitNormalization" -> UnitNormalization.TYPE;
      case "ActivityRegularization" -> ActivityRegularization.TYPE;
      case "AlphaDropout" -> AlphaDropout.TYPE;
      case "Dropout" -> Dropout.TYPE;
      case "GaussianDropout" -> GaussianDropout.TYPE;
      case "GaussianNoise" -> GaussianNoise.TYPE;
      case "SpatialDropout1D" -> SpatialDropout1D.TYPE;
      case "SpatialDropout2D" -> SpatialDropout2D.TYPE;
      case "SpatialDropout3D" -> SpatialDropout3D.TYPE;
      case "AdditiveAttention" -> AdditiveAttention.TYPE;
      case "Attention" -> Attention.TYPE;
      case "CrossAttention" -> CrossAttention.TYPE;
      case "GroupQueryAttention" -> GroupQueryAttention.TYPE;
      case "HierarchicalAttention" -> HierarchicalAttention.TYPE;
      case "MemoryAugmentedAttention" -> MemoryAugmentedAttention.TYPE;
      case "MultiHeadAttention" -> MultiHeadAttention.TYPE;
      case "Bidirectional" -> Bidirectional.TYPE;
      case "ConvLSTM1D" -> ConvLSTM1D.TYPE;
      case "ConvLSTM2D" -> ConvLSTM2D.TYPE;
      case "ConvLSTM3D" -> ConvLSTM3D.TYPE;
      case "GRU" -> GRU.TYPE;
      case "GRUCell" -> GRUCell.TYPE;
      case "LSTM" -> LSTM.TYPE;
      case "LSTMCell" -> LSTMCell.TYPE;
      case "RNN" -> RNN.TYPE;
      case "SimpleRNN" -> SimpleRNN.TYPE;
      case "SimpleRNNCell" -> SimpleRNNCell.TYPE;
      case "StackedRNNCells" -> StackedRNNCells.TYPE;
      case "TimeDistributed" -> TimeDistributed.TYPE;
      default -> null;
    };
  }

  @Override
  public List<Section> sections() {
    return List.of(
        Section.ofClasses(Layer.class, "keras.layers", LAYERS, this),
        Section.of(Layer.class, "keras.src.applications.convnext", this),
        Section.of(DTypePolicy.class, "keras", this),
        Section.of(SeedGenerator.class, "keras.random", this),
        Section.ofClasses(Initializer.class, "keras.initializers", INITIALIZERS, this),
        Section.of(Regularizer.class, "keras.regularizers", this),
        Section.of(Constraint.class, "keras.constraints", this),
        Section.of(Activation.class, "keras.activations", this));
  }

  @Override
  public Entry<?> row(String module, String className) {
    return module.equals("keras.layers") ? layer(className) : initializer(className);
  }

  @Override
  public List<? extends Entry<?>> rows(String module) {
    return switch (module) {
      case "keras.src.applications.convnext" -> List.of(LayerScale.TYPE);
      case "keras" -> List.of(DTypePolicy.TYPE);
      case "keras.random" -> List.of(SeedGenerator.TYPE);
      case "keras.regularizers" -> List.of(L1.TYPE, L2.TYPE, L1L2.TYPE, OrthogonalRegularizer.TYPE);
      case "keras.constraints" ->
          List.of(MaxNorm.TYPE, MinMaxNorm.TYPE, NonNeg.TYPE, UnitNorm.TYPE);
      case "keras.activations" -> Activations.types();
      default -> Catalogue.super.rows(module);
    };
  }
}
