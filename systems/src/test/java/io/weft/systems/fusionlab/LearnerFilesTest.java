package io.weft.systems.fusionlab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.config.Learner;
import io.weft.error.ConfigException;
import io.weft.error.ModelFormatException;
import io.weft.layer.Layer;
import io.weft.layers.core.Dense;
import io.weft.layers.rnn.LSTM;
import io.weft.layers.wrapper.TimeDistributed;
import io.weft.regularizers.L2;
import io.weft.tensor.Shape;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Parameters as JSON: what is written is read back, which the original cannot do. */
class LearnerFilesTest {
  @TempDir Path folder;

  @Test
  void layersTakeTheParametersOfAFile() throws IOException {
    Path file = folder.resolve("encoder.json");
    TransformerEncoderLayer layer =
        TransformerEncoderLayer.builder(4, 2, 6).ffnActivation("gelu").build();
    layer.saveParams(file, false);
    assertThat(Files.readString(file))
        .isEqualTo(
            "{\"dropout_rate\": 0.1, \"embed_dim\": 4, \"ffn_activation\": \"gelu\", \"ffn_dim\":"
                + " 6, \"layer_norm_epsilon\": 1e-06, \"num_heads\": 2}");
    Layer other = new TransformerEncoderLayer(8, 1, 3).loadParams(file);
    assertThat(other).isInstanceOf(TransformerEncoderLayer.class);
    assertThat(other.getParams(true)).isEqualTo(layer.getParams(true));
  }

  @Test
  void aClassWithoutConstructorHasTheParametersOfKerasLayers() {
    Learner layer = new LinearPositionalEncoding();
    assertThat(layer.myParams())
        .isEqualTo("Layer(trainable=True, name=None, dtype=None, dynamic=False)");
    assertThat(layer.summary())
        .isEqualTo(
            "LinearPositionalEncoding Summary:\ndtype: float32\ndynamic: False\n"
                + "name: linear_positional_encoding\ntrainable: True");
    Layer other = (Layer) layer.setParams(Map.of("name", "steps", "dtype", "mixed_float16"));
    assertThat(other.name()).isEqualTo("steps");
    assertThat(other.getParams(false)).containsEntry("dtype", "mixed_float16");
    assertThat(other.setParams(other.getParams(true)).getConfig()).isEqualTo(other.getConfig());
    assertThatThrownBy(() -> layer.setParams(Map.of("dynamic", true)))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("dynamic");
    assertThat(new ResidualAdd().parameters().names())
        .containsExactly("activity_regularizer", "autocast", "dtype", "name", "trainable");
  }

  @Test
  void innerObjectsComeBackWithTheirParameters() {
    Path file = folder.resolve("params.json");
    TimeDistributed outer =
        new TimeDistributed(
            Dense.builder(3).kernelInitializer("he_normal").kernelRegularizer(new L2(0.5)).build());
    outer.saveParams(file, false);
    Layer again = new TimeDistributed(new LSTM(2)).loadParams(file);
    assertThat(((TimeDistributed) again).layer()).isInstanceOf(Dense.class);
    assertThat(again.getParams(true))
        .containsEntry("layer__units", 3L)
        .containsEntry("layer__kernel_regularizer__l2", 0.5);
    Learner loss =
        new MultiObjectiveLoss(
            FusionLosses.of("AdaptiveQuantileLoss", "quantiles", List.of(0.2, 0.8)),
            FusionLosses.of("AnomalyLoss", "weight", 3.0),
            null);
    Path losses = folder.resolve("loss.json");
    loss.saveParams(losses, false);
    Learner read =
        new MultiObjectiveLoss(
                FusionLosses.of("AdaptiveQuantileLoss", "quantiles", "auto"),
                FusionLosses.of("AnomalyLoss"),
                null)
            .loadParams(losses);
    assertThat(read.parameters().repr()).isEqualTo(loss.parameters().repr());
  }

  @Test
  void filesAreReplacedOnlyOnDemand() throws IOException {
    Path file = folder.resolve("gate.json");
    new Gate().saveParams(file, false);
    assertThatThrownBy(() -> new Gate().saveParams(file, false))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("gate.json");
    new LayerScale(0.5).saveParams(file, true);
    assertThat(Files.readString(file)).isEqualTo("{\"init_value\": 0.5}");
    assertThatThrownBy(() -> new Gate().saveParams(null, true)).isInstanceOf(ConfigException.class);
  }

  @Test
  void filesOfOtherContentAreRefused() throws IOException {
    Path file = folder.resolve("params.json");
    assertThatThrownBy(() -> new Gate().loadParams(file)).isInstanceOf(UncheckedIOException.class);
    Files.writeString(file, "[1, 2]");
    assertThatThrownBy(() -> new Gate().loadParams(file)).isInstanceOf(ModelFormatException.class);
    Files.writeString(file, "{\"units\": ");
    assertThatThrownBy(() -> new Gate().loadParams(file)).isInstanceOf(ModelFormatException.class);
    Files.writeString(file, "{\"ratio\": 4}");
    assertThatThrownBy(() -> new Gate().loadParams(file))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("ratio");
    Files.writeString(file, "{\"units\": \"four\"}");
    assertThatThrownBy(() -> new Gate().loadParams(file))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("units");
    Files.writeString(file, "{\"units\": 6}");
    Gate built = new Gate();
    built.build(Shape.of(2, 6));
    assertThatThrownBy(() -> built.loadParams(file)).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void textsShowTheParameters() {
    Gate gate = new Gate();
    assertThat(gate.myParams()).isEqualTo("Gate(units=None, use_bias=True)");
    assertThat(gate.summary()).isEqualTo("Gate Summary:\nunits: None\nuse_bias: True");
    assertThat(gate.help()).contains("Gate.call(inputs, training=False)");
    assertThat(gate.setParams(Map.of("use_bias", false)).getParams(false))
        .containsEntry("use_bias", false);
    assertThat(FusionLosses.of("AnomalyLoss", "weight", 2.0).parameters().repr())
        .isEqualTo("AnomalyLoss(name='AnomalyLoss', weight=2.0)");
    assertThat(new CRPSLoss("auto").myParams())
        .isEqualTo(
            "CRPSLoss(mode='auto', quantiles=None, mc_samples=256, reduction='auto',"
                + " name='CRPSLoss')");
  }
}
