package io.weft.systems;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.config.Config;
import io.weft.layer.CallArgs;
import io.weft.layer.CallContext;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import io.weft.layers.attention.MultiHeadAttention;
import io.weft.models.Model;
import io.weft.systems.SystemExamples.Example;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.tensor.TensorSpec;
import io.weft.tensor.Trace;
import io.weft.testing.AttentionBattery;
import io.weft.testing.AttentionBattery.Rows;
import io.weft.testing.Hiding;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Every attention class of the project passes the checks that attention has to pass, on the inputs
 * of its example or on others that a row names.
 */
class AttentionClassesTest {
  private static final Shape X = Shape.of(2, 4, 8);
  private static final Shape IMAGE = Shape.of(2, 8, 2, 3);
  private static final String FUSIONLAB = "fusionlab.nn.components>";

  /** What attends, or has another softmax, and is no case for the battery. */
  private static final Map<String, String> OTHERS =
      Map.of(
          "aidotnet>FlashAttention",
          "has no weights, so any width fits: FlashAttentionTest",
          FUSIONLAB + "VariableSelectionNetwork",
          "weights variables",
          FUSIONLAB + "MixtureDensityHead",
          "weights components",
          "selfdoc>ModalityFusion",
          "weights modalities",
          "weft.systems.fusionlab>TemporalFusionNetwork",
          "a network of layers that are here",
          "transformers>BertModel",
          "reads integers; its layer is here",
          "vaswani>TransformerEncoder",
          "reads integers; its layer is here",
          "vaswani>TransformerDecoder",
          "reads integers; its layer is here",
          "vaswani>GreedyDecoder",
          "gives integers; its layer is here");

  private final Map<String, AttentionBattery> all = new LinkedHashMap<>();
  private final Set<String> classes = new LinkedHashSet<>();

  AttentionClassesTest() {
    keras();
    aidotnet();
    memories();
    crossvit();
    diffusers();
    fusionlab();
    shared();
    transformers();
    decoders();
    perceivers();
    selfdoc();
    retro();
  }

  @TestFactory
  Stream<DynamicTest> passTheBattery() {
    return all.entrySet().stream()
        .map(e -> DynamicTest.dynamicTest(e.getKey(), () -> e.getValue().run()));
  }

  /** A class of the catalogue attends if attention or a softmax is among the ops of its call. */
  @TestFactory
  Stream<DynamicTest> noClassThatAttendsIsLeftOut() {
    return SystemExamples.all().stream()
        .map(e -> DynamicTest.dynamicTest(e.name(), () -> hasABatteryIfItAttends(e)));
  }

  private void hasABatteryIfItAttends(Example e) {
    Layer layer = e.layer();
    if (layer instanceof Model || classes.contains(e.name())) {
      return;
    }
    e.call(layer);
    List<TensorSpec> specs = e.inputs().stream().map(Tensor::spec).toList();
    CallArgs kwargs = CallArgs.copyOf(new LinkedHashMap<>(e.kwargs()));
    boolean attends =
        Trace.capture(specs, in -> layer.applyAll(in, kwargs)).graph().nodes().stream()
            .anyMatch(n -> Set.of("attention", "softmax").contains(n.op().name()));
    assertThat(attends)
        .as("attends, so it needs a battery")
        .isEqualTo(OTHERS.containsKey(e.name()));
  }

  @Test
  void everyRowIsOfTheCatalogue() {
    List<String> names = SystemExamples.all().stream().map(Example::name).toList();
    assertThat(names).containsAll(classes).containsAll(OTHERS.keySet());
    assertThat(classes).doesNotContainAnyElementsOf(OTHERS.keySet());
  }

  Set<String> classes() {
    return classes;
  }

  private AttentionBattery add(String name, Object... changes) {
    return on(SystemExamples.of(name).shapes(), name, changes);
  }

  private AttentionBattery on(Shape[] shapes, String name, Object... changes) {
    Layer layer = SystemExamples.of(name).layer(Config.of(changes).asMap());
    return put(name + List.of(changes.length == 0 ? "" : Config.of(changes)), name, layer, shapes);
  }

  private AttentionBattery put(String title, String name, Layer layer, Shape... shapes) {
    AttentionBattery battery = AttentionBattery.of(layer, shapes);
    assertThat(all.put(title, battery)).as(title).isNull();
    classes.add(name);
    return battery;
  }

  private static Shape[] shapes(Shape... shapes) {
    return shapes;
  }

  private void keras() {
    all.put(
        "Keras' MultiHeadAttention",
        AttentionBattery.of(new MultiHeadAttention(2, 4), X, Shape.of(2, 5, 6))
            .queries(0)
            .sources(1)
            .hiding(Hiding.byScores("attention_mask", 4))
            .hiding(Hiding.attachedTo(1))
            .fullyMasked(Rows.UNIFORM));
  }

  private void aidotnet() {
    Shape context = Shape.of(2, 5, 6);
    add("aidotnet>CrossAttentionLayer")
        .queries(0)
        .sources(1)
        .hiding(Hiding.attachedTo(1))
        .hiding(Hiding.byScores("attention_mask", 4))
        .fullyMasked(Rows.UNIFORM);
    on(shapes(IMAGE, context), "aidotnet>CrossAttentionLayer", "sequenceLength", 6)
        .queries(0)
        .tokensOf(0, 3)
        .sources(1)
        .hiding(Hiding.attachedTo(1))
        .fullyMasked(Rows.UNIFORM);
    on(shapes(IMAGE, context), "aidotnet>DiffusionCrossAttention")
        .queries(0)
        .tokensOf(0, 2)
        .sources(1)
        .hiding(Hiding.attachedTo(1))
        .fullyMasked(Rows.UNIFORM);
    for (int threshold : new int[] {1, 1000}) {
      add("aidotnet>DiffusionAttention", "flashAttentionThreshold", threshold)
          .queries(0)
          .sources(0)
          .hiding(Hiding.attachedTo(0))
          .hiding(Hiding.byScores("attention_mask", 4));
    }
    add("aidotnet>DiffusionAttentionLayer")
        .queries(0)
        .sources(1)
        .hiding(Hiding.attachedTo(1))
        .hiding(Hiding.byScores("attention_mask", 4))
        .fullyMasked(Rows.UNIFORM);
    add("aidotnet>MultiHeadAttentionLayer")
        .queries(0)
        .sources(1, 2)
        .hiding(Hiding.attachedTo(1))
        .hiding(Hiding.byScores("attention_mask", 4))
        .fullyMasked(Rows.UNIFORM);
    add("aidotnet>FlashAttentionLayer").queries(0).sources(0).hiding(Hiding.attachedTo(0));
  }

  private void memories() {
    add("allattention>AllAttention", "causal", false, "positions", 0)
        .queries(0)
        .sources(0)
        .hiding(Hiding.attachedTo(0))
        .hiding(Hiding.byScores("attention_mask", 4));
    add("allattention>AllAttention").queries(0).sources(0).ordered();
    add("allattention>Attention")
        .queries(0)
        .sources(1)
        .hiding(Hiding.byKeys("context_mask"))
        .hiding(Hiding.attachedTo(1))
        .besideMemory()
        .fullyMasked(Rows.ZERO);
    add("allattention>Attention", "num_mem_kv", 0)
        .queries(0)
        .sources(1)
        .hiding(Hiding.byKeys("context_mask"))
        .fullyMasked(Rows.UNIFORM);
  }

  private void crossvit() {
    for (String name : List.of("crossvit>CrossAttention", "crossvit>CrossAttentionBlock")) {
      add(name).sources(0).fixed(1).hiding(Hiding.attachedTo(0));
    }
    add("crossvit>Block").queries(0).sources(0).hiding(Hiding.attachedTo(0));
    // the class token of each branch reads the patches of the other
    add("crossvit>MultiScaleBlock").sources(1).fixed(1);
    add("crossvit>MultiScaleBlock", "qkv_bias", true).queries(0).sources(0).fixed(1);
  }

  private void diffusers() {
    add("diffusers>Attention")
        .queries(0)
        .sources(1)
        .hiding(Hiding.attachedTo(1))
        .hiding(Hiding.byInput(2, k -> Hiding.scores(k, 4)));
    add("diffusers>BasicTransformerBlock").queries(0).ordered().sources(1);
    add(
            "diffusers>BasicTransformerBlock",
            "positional_embeddings",
            null,
            "num_positional_embeddings",
            null)
        .queries(0)
        .sources(1);
    on(shapes(IMAGE, Shape.of(2, 5, 6)), "diffusers>Transformer2DModel")
        .queries(0)
        .tokensOf(0, 3)
        .neverEmpty()
        .sources(1);
  }

  private void fusionlab() {
    add(FUSIONLAB + "CrossAttention")
        .queries(0)
        .sources(1)
        .hiding(Hiding.byKeys("value_mask"))
        .hiding(Hiding.byScores("attention_mask", 4))
        .fullyMasked(Rows.UNIFORM);
    for (String fusion : List.of("sum", "concat", "gated")) {
      add(FUSIONLAB + "HierarchicalAttention", "fusion", fusion).queries(0).sources(0, 1);
    }
    add(FUSIONLAB + "MemoryAugmentedAttention").queries(0);
    add(FUSIONLAB + "MultiResolutionAttentionFusion").queries(0).sources(0);
    add(FUSIONLAB + "TemporalAttentionLayer")
        .queries(0)
        .sources(0)
        .hiding(Hiding.byScores("attention_mask", 4));
    add(FUSIONLAB + "ExplainableAttention").ordered();
    add("weft.systems.fusionlab>InterpretableMultiHeadAttention", "causal", false)
        .queries(0)
        .sources(0);
    for (String kind : List.of("Layer", "Block")) {
      String mask = kind.equals("Layer") ? "attention_mask" : "mask";
      add(FUSIONLAB + "TransformerEncoder" + kind)
          .queries(0)
          .sources(0)
          .hiding(Hiding.byScores(mask, 4));
      add(FUSIONLAB + "TransformerDecoder" + kind)
          .queries(0)
          .sources(1)
          .hiding(Hiding.byScores("padding_mask", 4));
    }
  }

  private void shared() {
    add("systems.core>MultiHead")
        .queries(0)
        .sources(1)
        .hiding(Hiding.byKeys("attention_mask"))
        .hiding(Hiding.byKeys("key_mask"))
        .hiding(Hiding.byScores("attention_mask", 4))
        .hiding(Hiding.attachedTo(1))
        .fullyMasked(Rows.UNIFORM);
    add("systems.core>MultiHead", "v_channels", 6, "output_channels", 10, "zero_masked_rows", true)
        .queries(0)
        .sources(1)
        .hiding(Hiding.byKeys("key_mask"))
        .fullyMasked(Rows.ZERO);
    add("systems.core>MultiHead", "null_key_value", true)
        .queries(0)
        .sources(1)
        .hiding(Hiding.byKeys("key_mask"))
        .besideMemory()
        .fullyMasked(Rows.ZERO);
    on(shapes(X), "systems.core>MultiHead", "rotary_dim", 4).queries(0).sources(0).ordered();
  }

  private void transformers() {
    for (boolean first : new boolean[] {false, true}) {
      add("vaswani>TransformerEncoderLayer", "norm_first", first)
          .queries(0)
          .sources(0)
          .hiding(Hiding.attachedTo(0))
          .hiding(Hiding.byArgument("src_key_padding_mask", Ops::logicalNot));
      add("vaswani>TransformerDecoderLayer", "norm_first", first)
          .queries(0)
          .sources(1)
          .hiding(Hiding.attachedTo(1))
          .hiding(Hiding.byArgument("memory_key_padding_mask", Ops::logicalNot))
          .fullyMasked(Rows.UNIFORM);
    }
    Object[] encoder = {"is_decoder", false, "add_cross_attention", false};
    add("transformers>BertLayer", encoder)
        .queries(0)
        .sources(0)
        .hiding(Hiding.byKeys("attention_mask"))
        .hiding(Hiding.byScores("attention_mask", 4))
        .hiding(Hiding.attachedTo(0));
    add("transformers>BertLayer", "position_embedding_type", "relative_key_query")
        .queries(0)
        .sources(0)
        .ordered()
        .hiding(Hiding.byKeys("attention_mask"));
    add("transformers>T5Block", "is_decoder", false)
        .queries(0)
        .sources(0)
        .ordered()
        .hiding(Hiding.byKeys("attention_mask"));
    add("transformers>BartDecoderLayer").queries(0).sources(0).hiding(Hiding.attachedTo(0));
  }

  private void decoders() {
    String[] names = {"BertLayer", "BartDecoderLayer", "T5Block"};
    for (String name : names) {
      Layer layer = SystemExamples.of("transformers>" + name).layer();
      Keyword decoder = new Keyword("encoder_hidden_states", layer);
      AttentionBattery b =
          put(name + " of a decoder", "transformers>" + name, decoder, X, Shape.of(2, 5, 8))
              .queries(0)
              .sources(1)
              .hiding(Hiding.byKeys("encoder_attention_mask"))
              .hiding(Hiding.byScores("encoder_attention_mask", 4))
              .hiding(Hiding.attachedTo(1))
              .fullyMasked(Rows.UNIFORM);
      if (name.equals("T5Block")) {
        b.ordered();
      }
    }
  }

  private void perceivers() {
    add("perceiver>PerceiverCross")
        .queries(0)
        .sources(1)
        .hiding(Hiding.byKeys("mask"))
        .hiding(Hiding.byScores("mask", 4))
        .hiding(Hiding.attachedTo(1))
        .fullyMasked(Rows.ZERO);
    on(shapes(X), "perceiver>PerceiverCross", "kv", null).queries(0).sources(0);
    for (int crossAttends : new int[] {1, 2}) {
      add("perceiver>PerceiverEncoder", "crossAttends", crossAttends)
          .sources(0)
          .hiding(Hiding.byKeys("mask"))
          .hiding(Hiding.attachedTo(0))
          .fullyMasked(Rows.ZERO);
    }
    add("perceiver>PerceiverDecoder").queries(0).sources(1).hiding(Hiding.attachedTo(1));
    add("transformers>PerceiverModel").sources(0).hiding(Hiding.byKeys("attention_mask"));
    Object[] grouped = {"skip", null, "regroup", "transpose_reshape"};
    on(shapes(Shape.of(2, 4, 3, 6)), "hip>HiPBlock", grouped);
    Config ungrouped = Config.of("groups", 1, "skip", null);
    Layer block = SystemExamples.of("hip>HiPBlock").layer(ungrouped.asMap());
    put("HiPBlock of one group", "hip>HiPBlock", new Axes(block, 0, 1), Shape.of(2, 5, 6))
        .sources(0);
  }

  private void selfdoc() {
    add("selfdoc>MixedSourceAttention")
        .queries(0)
        .sources(1)
        .hiding(Hiding.byKeys("attention_mask"))
        .hiding(Hiding.byScores("attention_mask", 4))
        .hiding(Hiding.attachedTo(1))
        .fullyMasked(Rows.UNIFORM);
    add("selfdoc>CrossModalityEncoderLayer").queries(0).sources(0, 1).neverEmpty();
  }

  private void retro() {
    add("retro>ChunkedCrossAttention").ordered();
    // seven tokens are one chunk of four, whose five neighbours have one token each
    Layer chunked = SystemExamples.of("retro>ChunkedCrossAttention").layer();
    put(
            "neighbours of one chunk",
            "retro>ChunkedCrossAttention",
            new Axes(chunked, 1, 1, 3),
            Shape.of(2, 7, 6),
            Shape.of(2, 5, 5))
        .sources(1)
        .hiding(Hiding.byKeys("context_mask"))
        .besideMemory()
        .fullyMasked(Rows.ZERO);
    add("retro>RetroBlock").queries(0).ordered().sources(1).hiding(Hiding.byKeys("context_mask"));
    add("retro>RetroEncoder").ordered();
  }

  /** A layer that takes its context as a keyword argument, as one that takes it as an input. */
  private static final class Keyword extends Layer {
    static final LayerType<Keyword> TYPE =
        LayerType.custom("test", "Keyword", Keyword::new).inputs("x", "context").args("training");

    private final String argument;
    private final Layer layer;

    Keyword(String argument, Layer layer) {
      this(Config.of("argument", argument, "layer", layer));
    }

    Keyword(Config config) {
      super(TYPE, config);
      argument = args.string("argument", null);
      layer = track("layer", args.object("layer", Layer.class, null));
    }

    @Override
    public List<Tensor> call(List<Tensor> inputs, CallContext ctx) {
      Tensor context = inputs.get(1);
      Tensor mask = ctx.mask(1);
      CallArgs with = ctx.args().with(argument, mask == null ? context : context.withMask(mask));
      return layer.applyAll(List.of(inputs.get(0)), with);
    }
  }

  /** A layer one of whose inputs, and masks, get more axes of size 1 on the way. */
  private static final class Axes extends Layer {
    static final LayerType<Axes> TYPE =
        LayerType.custom("test", "Axes", Axes::new)
            .inputs("x")
            .optional("context")
            .args("context_mask", "training");

    private final Layer layer;
    private final int input;
    private final int[] axes;

    Axes(Layer layer, int input, int... axes) {
      this(Config.of("layer", layer, "input", input, "axes", axes));
    }

    Axes(Config config) {
      super(TYPE, config);
      layer = track("layer", args.object("layer", Layer.class, null));
      input = args.integer("input");
      axes = args.intListOrNull("axes", null);
    }

    private Tensor wide(Tensor x) {
      Tensor y = x;
      for (int axis : axes) {
        y = Ops.expandDims(y, axis);
      }
      return y;
    }

    @Override
    public List<Tensor> call(List<Tensor> inputs, CallContext ctx) {
      List<Tensor> in = new ArrayList<>(inputs);
      in.set(input, wide(in.get(input)));
      CallArgs a = ctx.args();
      Tensor mask = a.tensor("context_mask");
      return layer.applyAll(in, mask == null ? a : a.with("context_mask", wide(mask)));
    }
  }
}
