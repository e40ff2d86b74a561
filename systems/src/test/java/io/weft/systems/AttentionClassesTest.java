package io.weft.systems;

import io.weft.config.Config;
import io.weft.layer.CallArgs;
import io.weft.layer.CallContext;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import io.weft.layers.attention.CrossAttention;
import io.weft.layers.attention.HierarchicalAttention;
import io.weft.layers.attention.MemoryAugmentedAttention;
import io.weft.layers.attention.MultiHeadAttention;
import io.weft.systems.aidotnet.CrossAttentionLayer;
import io.weft.systems.aidotnet.DiffusionAttention;
import io.weft.systems.aidotnet.DiffusionCrossAttention;
import io.weft.systems.aidotnet.FlashAttentionLayer;
import io.weft.systems.allattention.AllAttention;
import io.weft.systems.allattention.MemoryKeyValueAttention;
import io.weft.systems.bert.BartDecoderLayer;
import io.weft.systems.bert.BertLayer;
import io.weft.systems.bert.T5Block;
import io.weft.systems.core.MultiHead;
import io.weft.systems.crossvit.ClassTokenAttention;
import io.weft.systems.crossvit.CrossViTFusion;
import io.weft.systems.crossvit.EncoderBlock;
import io.weft.systems.diffusers.BasicTransformerBlock;
import io.weft.systems.diffusers.DiffusersAttention;
import io.weft.systems.fusionlab.ExplainableAttention;
import io.weft.systems.fusionlab.InterpretableMultiHeadAttention;
import io.weft.systems.fusionlab.MultiResolutionAttentionFusion;
import io.weft.systems.fusionlab.TemporalAttentionLayer;
import io.weft.systems.fusionlab.TransformerDecoderLayer;
import io.weft.systems.fusionlab.TransformerEncoderLayer;
import io.weft.systems.hip.HiPBlock;
import io.weft.systems.perceiver.PerceiverBlock;
import io.weft.systems.perceiver.PerceiverDecoder;
import io.weft.systems.perceiver.PerceiverEncoder;
import io.weft.systems.retro.ChunkedCrossAttention;
import io.weft.systems.selfdoc.CrossModalityEncoderLayer;
import io.weft.systems.selfdoc.MixedSourceAttention;
import io.weft.systems.transformer.TransformerDecoderBlock;
import io.weft.systems.transformer.TransformerEncoderBlock;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.testing.AttentionBattery;
import io.weft.testing.AttentionBattery.Rows;
import io.weft.testing.Hiding;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Every attention class of the project passes the checks that attention has to pass. */
class AttentionClassesTest {
  private static final Shape X = Shape.of(2, 4, 8);
  private static final Shape CONTEXT = Shape.of(2, 5, 6);
  private static final Shape IMAGE = Shape.of(2, 8, 2, 3);

  private final Map<String, AttentionBattery> all = new LinkedHashMap<>();

  private void add(String name, AttentionBattery battery) {
    all.put(name, battery);
  }

  @TestFactory
  Stream<DynamicTest> passTheBattery() {
    layers();
    aidotnet();
    memories();
    crossvit();
    diffusers();
    fusionlab();
    transformers();
    perceivers();
    return all.entrySet().stream()
        .map(e -> DynamicTest.dynamicTest(e.getKey(), () -> e.getValue().run()));
  }

  private void layers() {
    add(
        "Keras' MultiHeadAttention",
        AttentionBattery.of(new MultiHeadAttention(2, 4), X, CONTEXT)
            .queries(0)
            .sources(1)
            .hiding(Hiding.byScores("attention_mask", 4))
            .hiding(Hiding.attachedTo(1))
            .fullyMasked(Rows.UNIFORM));
    add(
        "fusionlab's CrossAttention",
        AttentionBattery.of(new CrossAttention(8, 2), X, CONTEXT)
            .queries(0)
            .sources(1)
            .hiding(Hiding.byKeys("value_mask"))
            .hiding(Hiding.byScores("attention_mask", 4))
            .fullyMasked(Rows.UNIFORM));
    add(
        "fusionlab's HierarchicalAttention",
        AttentionBattery.of(new HierarchicalAttention(8, 2), X, Shape.of(2, 4, 6))
            .queries(0)
            .sources(0, 1));
    add(
        "fusionlab's MemoryAugmentedAttention",
        AttentionBattery.of(new MemoryAugmentedAttention(8, 3, 2), X).queries(0));
  }

  private void aidotnet() {
    add(
        "AiDotNet's CrossAttentionLayer",
        AttentionBattery.of(new CrossAttentionLayer(8, 6, 2), X, CONTEXT)
            .queries(0)
            .sources(1)
            .hiding(Hiding.attachedTo(1))
            .hiding(Hiding.byScores("attention_mask", 4))
            .fullyMasked(Rows.UNIFORM));
    add(
        "AiDotNet's CrossAttentionLayer on images",
        AttentionBattery.of(new CrossAttentionLayer(8, 6, 2), IMAGE, CONTEXT)
            .queries(0)
            .tokensOf(0, 3)
            .sources(1)
            .hiding(Hiding.attachedTo(1))
            .fullyMasked(Rows.UNIFORM));
    add(
        "AiDotNet's DiffusionCrossAttention",
        AttentionBattery.of(
                DiffusionCrossAttention.builder(8, 6).numHeads(2).build(), IMAGE, CONTEXT)
            .queries(0)
            .tokensOf(0, 2)
            .sources(1)
            .hiding(Hiding.attachedTo(1))
            .fullyMasked(Rows.UNIFORM));
    for (int threshold : new int[] {1, 1000}) {
      add(
          "AiDotNet's DiffusionAttention, threshold " + threshold,
          AttentionBattery.of(
                  DiffusionAttention.builder(8)
                      .numHeads(2)
                      .flashAttentionThreshold(threshold)
                      .build(),
                  X)
              .queries(0)
              .sources(0)
              .hiding(Hiding.attachedTo(0))
              .hiding(Hiding.byScores("attention_mask", 4)));
    }
    add(
        "AiDotNet's FlashAttentionLayer",
        AttentionBattery.of(FlashAttentionLayer.builder(4, 8, 2).build(), X)
            .queries(0)
            .sources(0)
            .hiding(Hiding.attachedTo(0)));
  }

  private void memories() {
    Config small = Config.of("dim", 8, "heads", 2, "memory", 3);
    add(
        "AllAttention",
        AttentionBattery.of(new AllAttention(small.with("causal", false)), X)
            .queries(0)
            .sources(0)
            .hiding(Hiding.attachedTo(0))
            .hiding(Hiding.byScores("attention_mask", 4)));
    add(
        "AllAttention, causal with positions",
        AttentionBattery.of(new AllAttention(small.with("positions", 6)), X)
            .queries(0)
            .sources(0)
            .ordered());
    Config memory = Config.of("dim", 8, "heads", 2, "dim_head", 4, "num_mem_kv", 2);
    add(
        "MemoryKeyValueAttention",
        AttentionBattery.of(new MemoryKeyValueAttention(memory), X, CONTEXT)
            .queries(0)
            .sources(1)
            .hiding(Hiding.byKeys("context_mask"))
            .hiding(Hiding.attachedTo(1))
            .besideMemory()
            .fullyMasked(Rows.ZERO));
    add(
        "MemoryKeyValueAttention without memory",
        AttentionBattery.of(new MemoryKeyValueAttention(memory.with("num_mem_kv", 0)), X, CONTEXT)
            .queries(0)
            .sources(1)
            .hiding(Hiding.byKeys("context_mask"))
            .fullyMasked(Rows.UNIFORM));
  }

  private void crossvit() {
    add(
        "CrossViT's CrossAttention",
        AttentionBattery.of(new ClassTokenAttention(Config.of("dim", 8, "num_heads", 2)), X)
            .sources(0)
            .fixed(1)
            .hiding(Hiding.attachedTo(0)));
    add(
        "CrossViT's fusion",
        AttentionBattery.of(new CrossViTFusion(8, 2), X)
            .sources(0)
            .fixed(1)
            .hiding(Hiding.attachedTo(0)));
    add(
        "CrossViT's encoder block",
        AttentionBattery.of(new EncoderBlock(8, 2), X)
            .queries(0)
            .sources(0)
            .hiding(Hiding.attachedTo(0)));
  }

  private void diffusers() {
    Config cross = Config.of("query_dim", 8, "cross_attention_dim", 6, "heads", 2, "dim_head", 4);
    add(
        "diffusers' Attention",
        AttentionBattery.of(new DiffusersAttention(cross), X, CONTEXT)
            .queries(0)
            .sources(1)
            .hiding(Hiding.attachedTo(1))
            .hiding(Hiding.byInput(2, k -> Hiding.scores(k, 4))));
    add(
        "diffusers' BasicTransformerBlock",
        AttentionBattery.of(
                new BasicTransformerBlock(
                    Config.of(
                        "dim",
                        8,
                        "num_attention_heads",
                        2,
                        "attention_head_dim",
                        4,
                        "cross_attention_dim",
                        6)),
                X,
                CONTEXT)
            .queries(0)
            .sources(1));
  }

  private void fusionlab() {
    add(
        "fusionlab's MultiResolutionAttentionFusion",
        AttentionBattery.of(
                new MultiResolutionAttentionFusion(Config.of("units", 8, "num_heads", 2)), X)
            .queries(0)
            .sources(0));
    add(
        "fusionlab's TemporalAttentionLayer",
        AttentionBattery.of(new TemporalAttentionLayer(8, 2), X, Shape.of(2, 6))
            .queries(0)
            .sources(0)
            .hiding(Hiding.byScores("attention_mask", 4)));
    add(
        "fusionlab's ExplainableAttention",
        AttentionBattery.of(new ExplainableAttention(2, 4), X).ordered());
    add(
        "interpretable attention",
        AttentionBattery.of(
                new InterpretableMultiHeadAttention(
                    Config.of("units", 8, "num_heads", 2, "causal", false)),
                X)
            .queries(0)
            .sources(0));
    add(
        "fusionlab's TransformerEncoderLayer",
        AttentionBattery.of(new TransformerEncoderLayer(8, 2, 12), X)
            .queries(0)
            .sources(0)
            .hiding(Hiding.byScores("attention_mask", 4)));
    add(
        "fusionlab's TransformerDecoderLayer",
        AttentionBattery.of(new TransformerDecoderLayer(8, 2, 12), X, Shape.of(2, 5, 8))
            .queries(0)
            .sources(1)
            .hiding(Hiding.byScores("padding_mask", 4)));
  }

  private void transformers() {
    Config plain = Config.of("heads", 2, "qk_channels", 8);
    add(
        "the attention that systems share",
        AttentionBattery.of(new MultiHead(plain), X, CONTEXT)
            .queries(0)
            .sources(1)
            .hiding(Hiding.byScores("attention_mask", 4))
            .hiding(Hiding.byKeys("attention_mask"))
            .hiding(Hiding.byKeys("key_mask"))
            .fullyMasked(Rows.UNIFORM));
    add(
        "the attention that systems share, zero rows and a null key",
        AttentionBattery.of(new MultiHead(plain.with("null_key_value", true)), X, CONTEXT)
            .queries(0)
            .sources(1)
            .besideMemory()
            .hiding(Hiding.byKeys("key_mask"))
            .fullyMasked(Rows.ZERO));
    add(
        "Vaswani's encoder",
        AttentionBattery.of(new TransformerEncoderBlock(8, 2, 12), X)
            .queries(0)
            .sources(0)
            .hiding(Hiding.attachedTo(0))
            .hiding(Hiding.byArgument("src_key_padding_mask", Ops::logicalNot)));
    add(
        "Vaswani's decoder",
        AttentionBattery.of(new TransformerDecoderBlock(8, 2, 12), X, Shape.of(2, 5, 8))
            .queries(0)
            .sources(1)
            .hiding(Hiding.attachedTo(1))
            .hiding(Hiding.byArgument("memory_key_padding_mask", Ops::logicalNot))
            .fullyMasked(Rows.UNIFORM));
    Config bert = Config.of("hidden_size", 8, "num_attention_heads", 2, "intermediate_size", 12);
    add(
        "BERT's layer",
        AttentionBattery.of(new BertLayer(bert), X)
            .queries(0)
            .sources(0)
            .hiding(Hiding.byKeys("attention_mask"))
            .hiding(Hiding.attachedTo(0)));
    Config decoder =
        bert.with("is_decoder", true)
            .with("add_cross_attention", true)
            .with("encoder_hidden_size", 6);
    add("BERT's decoder", encoderDecoder(new BertLayer(decoder), CONTEXT).queries(0).sources(1));
    Config bart = Config.of("d_model", 8, "decoder_attention_heads", 2, "decoder_ffn_dim", 12);
    add(
        "BART's decoder",
        encoderDecoder(new BartDecoderLayer(bart), Shape.of(2, 5, 8)).queries(0).sources(1));
    Config t5 = Config.of("d_model", 8, "d_kv", 4, "d_ff", 12, "num_heads", 2);
    add(
        "T5's decoder",
        encoderDecoder(new T5Block(t5.with("is_decoder", true)), Shape.of(2, 5, 8))
            .queries(0)
            .sources(1)
            .ordered());
    add(
        "RETRO's chunked cross-attention",
        AttentionBattery.of(
                new ChunkedCrossAttention(
                    Config.of(
                        "chunk_size", 2, "dim", 8, "context_dim", 6, "dim_head", 4, "heads", 2)),
                X,
                Shape.of(2, 2, 3, 5, 6))
            .ordered());
  }

  private static AttentionBattery encoderDecoder(Layer layer, Shape context) {
    return AttentionBattery.of(new Keyword("encoder_hidden_states", layer), X, context)
        .hiding(Hiding.byKeys("encoder_attention_mask"))
        .hiding(Hiding.byScores("encoder_attention_mask", 4))
        .hiding(Hiding.attachedTo(1))
        .fullyMasked(Rows.UNIFORM);
  }

  private void perceivers() {
    Config cross = Config.of("q", 8, "kv", 6, "heads", 2);
    add(
        "Perceiver's cross block",
        AttentionBattery.of(new PerceiverBlock(cross), X, CONTEXT)
            .queries(0)
            .sources(1)
            .hiding(Hiding.byKeys("mask"))
            .hiding(Hiding.byScores("mask", 4))
            .fullyMasked(Rows.ZERO));
    add(
        "Perceiver IO's encoder",
        AttentionBattery.of(
                new PerceiverEncoder(
                    Config.of(
                        "channels",
                        6,
                        "latents",
                        3,
                        "width",
                        8,
                        "selfHeads",
                        2,
                        "layers",
                        1,
                        "blocks",
                        2)),
                CONTEXT)
            .sources(0)
            .hiding(Hiding.byKeys("mask"))
            .hiding(Hiding.attachedTo(0))
            .fullyMasked(Rows.ZERO));
    add(
        "Perceiver IO's decoder",
        AttentionBattery.of(new PerceiverDecoder(8, 6, 5), X, CONTEXT).queries(0).sources(1));
    add(
        "the Hierarchical Perceiver's block",
        AttentionBattery.of(
                new HiPBlock(
                    Config.of("width_in", 6, "groups", 2, "latents", 3, "width", 8, "heads", 2)),
                Shape.of(2, 4, 3, 6))
            .ordered());
    add(
        "SelfDoc's attention with a foreign key and value",
        AttentionBattery.of(new MixedSourceAttention(8, 2), X, Shape.of(2, 5, 8))
            .queries(0)
            .sources(1)
            .hiding(Hiding.byScores("attention_mask", 4))
            .fullyMasked(Rows.UNIFORM));
    add(
        "SelfDoc's layer",
        AttentionBattery.of(new CrossModalityEncoderLayer(8, 2, 12), X, X)
            .queries(0)
            .sources(0, 1)
            .neverEmpty());
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
}
