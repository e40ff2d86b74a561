package io.weft.serialization.legacy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.config.Config;
import io.weft.error.UnsupportedFeatureException;
import io.weft.serialization.json.JsonCodec;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Texts as Keras 1 and 2 write them, shortened. */
class OldConfigsTest {
  private static Config modern(String version, String json) {
    return OldConfigs.modern("m.h5", JsonCodec.read("m.h5", json.replace('\'', '"')), version);
  }

  private static Config layer(Config model, int i) {
    return (Config) model.config("config").list("layers").get(i);
  }

  private static Object history(Config layer, int node) {
    Config call = (Config) layer.list("inbound_nodes").get(node);
    return ((Config) call.list("args").get(0)).config("config").get("keras_history");
  }

  @Test
  void aSequentialOfKerasOneGetsInputAndNewNames() {
    Config m =
        modern(
            "1.2.2",
            "{'class_name': 'Sequential', 'config': [{'class_name': 'Convolution2D', 'config':"
                + " {'name': 'c', 'batch_input_shape': [null, 8, 8, 2], 'input_dtype': 'float32',"
                + " 'nb_filter': 4, 'nb_row': 3, 'nb_col': 2, 'init': 'normal', 'bias': true,"
                + " 'border_mode': 'same', 'subsample': [1, 2], 'dim_ordering': 'th',"
                + " 'W_regularizer': {'name': 'L1L2Regularizer', 'l1': 0.0, 'l2': 0.01}}},"
                + " {'class_name': 'Dropout', 'config': {'name': 'd', 'p': 0.2}}]}");
    assertThat(layer(m, 0).config("config"))
        .isEqualTo(
            Config.of(
                "batch_shape",
                java.util.Arrays.asList(null, 8, 8, 2),
                "dtype",
                "float32",
                "sparse",
                false,
                "name",
                "c_input"));
    Config conv = layer(m, 1);
    assertThat(conv.get("class_name")).isEqualTo("Conv2D");
    Config c = conv.config("config");
    assertThat(c.get("filters")).isEqualTo(4L);
    assertThat(c.get("kernel_size")).isEqualTo(List.of(3L, 2L));
    assertThat(c.get("strides")).isEqualTo(List.of(1L, 2L));
    assertThat(c.get("data_format")).isEqualTo("channels_first");
    assertThat(c.config("kernel_regularizer").get("class_name")).isEqualTo("L1L2");
    assertThat(c.config("kernel_initializer").get("class_name")).isEqualTo("RandomNormal");
    assertThat(layer(m, 2).config("config").get("rate")).isEqualTo(0.2);
  }

  @Test
  void callsOfNestedModelsCountFromZero() {
    Config m =
        modern(
            "2.4.0",
            "{'class_name': 'Functional', 'config': {'name': 'm', 'layers': [{'class_name':"
                + " 'InputLayer', 'config': {'batch_input_shape': [null, 4], 'dtype': 'float32',"
                + " 'name': 'c'}, 'name': 'c', 'inbound_nodes': []},{'class_name': 'Functional',"
                + " 'config': {'name': 'inner', 'layers': [], 'input_layers': [], 'output_layers':"
                + " []}, 'name': 'inner', 'inbound_nodes': [[['c', 0, 0, {}]], [['inner', 1, 0,"
                + " {}]]]},{'class_name': 'Dense', 'config': {'name': 'd', 'dtype': {'class_name':"
                + " 'Policy', 'config': {'name': 'mixed_float16'}}}, 'name': 'd', 'inbound_nodes':"
                + " [[['inner', 2, 0, {}]]]}], 'input_layers': [['c', 0, 0]], 'output_layers':"
                + " [['inner', 2, 0]]}}");
    assertThat(history(layer(m, 1), 1)).isEqualTo(List.of("inner", 0L, 0L));
    assertThat(history(layer(m, 2), 0)).isEqualTo(List.of("inner", 1L, 0L));
    // outputs count calls of functional models from 1 in Keras 3 too
    assertThat(m.config("config").get("output_layers")).isEqualTo(List.of("inner", 2L, 0L));
    assertThat(layer(m, 2).config("config").get("dtype")).isEqualTo("mixed_float16");
    assertThat(layer(m, 0).config("config").has("batch_shape")).isTrue();
  }

  @Test
  void callArgumentsAreToldApart() {
    Config m =
        modern(
            "2.10.1",
            "{'class_name': 'Functional', 'config': {'name': 'm', 'layers': ["
                + "{'class_name': 'InputLayer', 'config': {'name': 'a'}, 'name': 'a',"
                + " 'inbound_nodes': []},"
                + "{'class_name': 'MultiHeadAttention', 'config': {'name': 'h'}, 'name': 'h',"
                + " 'inbound_nodes': [[['a', 0, 0, {'value': ['a', 0, 0], 'key': null}]]]},"
                + "{'class_name': 'LSTM', 'config': {'name': 'l', 'time_major': false,"
                + " 'recurrent_activation': 'hard_sigmoid'}, 'name': 'l', 'inbound_nodes':"
                + " [[['a', 0, 0, {}], ['h', 0, 0, {}], ['a', 0, 0, {}]]]},"
                + "{'class_name': 'TFOpLambda', 'config': {'name': 'tf.math.subtract', 'function':"
                + " 'math.subtract'}, 'name': 'tf.math.subtract', 'inbound_nodes':"
                + " [['_CONSTANT_VALUE', -1, 1.0, {'y': ['a', 0, 0], 'name': null}]]}],"
                + " 'input_layers': [['a', 0, 0]], 'output_layers': [['l', 0, 0]]}}");
    Config attention = (Config) layer(m, 1).list("inbound_nodes").get(0);
    assertThat(attention.config("kwargs").keys()).containsExactly("value");
    Config lstm = (Config) layer(m, 2).list("inbound_nodes").get(0);
    assertThat(lstm.config("kwargs").list("initial_state")).hasSize(2);
    assertThat(layer(m, 2).config("config").has("time_major")).isFalse();
    assertThat(layer(m, 2).config("config").config("recurrent_activation").get("config"))
        .isEqualTo("keras2>hard_sigmoid");
    Config op = layer(m, 3);
    assertThat(op.get("class_name")).isEqualTo("Subtract");
    Config call = (Config) op.list("inbound_nodes").get(0);
    assertThat(call.list("args").get(0)).isEqualTo(1.0);
    assertThat(call.list("args")).hasSize(2);
  }

  @Test
  void attentionBefore210HearsNoMasks() {
    String json =
        "{'class_name': 'Functional', 'config': {'name': 'm', 'layers': ["
            + "{'class_name': 'InputLayer', 'config': {'name': 'a'}, 'name': 'a',"
            + " 'inbound_nodes': []}, {'class_name': 'MultiHeadAttention', 'config': {'name':"
            + " 'h'}, 'name': 'h', 'inbound_nodes': [[['a', 0, 0, {'value': ['a', 0, 0]}]]]}],"
            + " 'input_layers': [['a', 0, 0]], 'output_layers': [['h', 0, 0]]}}";
    Config old = (Config) layer(modern("2.9.0", json), 1).list("inbound_nodes").get(0);
    assertThat(old.config("kwargs").keys())
        .containsExactly("value", "query_mask", "value_mask", "key_mask");
    Config later = (Config) layer(modern("2.10.0", json), 1).list("inbound_nodes").get(0);
    assertThat(later.config("kwargs").keys()).containsExactly("value");
  }

  @Test
  void whatChangesTheResultIsRefusedNotDropped() {
    assertThatThrownBy(
            () ->
                modern(
                    "2.4.0",
                    "{'class_name': 'Sequential', 'config': {'name': 's', 'layers': [{'class_name':"
                        + " 'LSTM', 'config': {'name': 'l', 'time_major': true}}]}}"))
        .isInstanceOf(UnsupportedFeatureException.class)
        .hasMessageContaining("time_major=true");
  }

  @Test
  void configsOfKerasThreeArchivesPassUnchanged() {
    Config c =
        Config.of("module", "keras", "class_name", "Sequential", "config", Config.of("x", 1));
    assertThat(OldConfigs.modern("m.keras", c, "3.15.1")).isSameAs(c);
  }

  @Test
  void theHardSigmoidThatWeftWroteIsKnownAgain() {
    Config written = Config.of("name", "keras2_hard_sigmoid", "layers", List.of());
    Config model = Config.of("module", "keras", "class_name", "Sequential", "config", written);
    Config dense =
        Config.of(
            "module",
            "keras.layers",
            "class_name",
            "Dense",
            "config",
            Config.of("activation", model));
    Config c =
        Config.of(
            "module",
            "keras",
            "class_name",
            "Sequential",
            "config",
            Config.of("layers", List.of(dense)));
    Config read = OldConfigs.modern("m.keras", c, "3.15.1");
    assertThat(layer(read, 0).config("config").config("activation").get("config"))
        .isEqualTo("keras2>hard_sigmoid");
  }

  @Test
  void unnamedOpsOfKerasThreeAreToldFromLayers() {
    Config m =
        modern(
            "3.15.1",
            "{'class_name': 'Functional', 'config': {'name': 'm', 'layers': ["
                + "{'class_name': 'Add', 'config': {'name': 'a', 'trainable': true, 'dtype': null},"
                + " 'name': 'a', 'inbound_nodes': []},"
                + "{'class_name': 'Add', 'config': {'name': 'b'}, 'name': 'b', 'inbound_nodes':"
                + " []}, {'class_name': 'Cast', 'config': {'name': 'c', 'dtype': 'int32'}, 'name':"
                + " 'c', 'inbound_nodes': []}],"
                + " 'input_layers': ['a', 0, 0], 'output_layers': ['b', 0, 0]}}");
    assertThat(layer(m, 0).get("module")).isNotEqualTo("keras.src.ops.numpy");
    assertThat(layer(m, 1).get("module")).isEqualTo("keras.src.ops.numpy");
    assertThat((String) layer(m, 2).get("module")).startsWith("keras.src.ops");
  }
}
