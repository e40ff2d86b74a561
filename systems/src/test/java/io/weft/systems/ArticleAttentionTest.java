package io.weft.systems;

import io.weft.config.Config;
import io.weft.systems.bert.BartDecoderLayer;
import io.weft.systems.bert.BertLayer;
import io.weft.systems.bert.T5Block;
import io.weft.systems.core.MultiHead;
import io.weft.systems.perceiver.PerceiverBlock;
import io.weft.systems.perceiver.PerceiverDecoder;
import io.weft.systems.perceiver.PerceiverEncoder;
import io.weft.systems.retro.RetroBlock;
import io.weft.systems.selfdoc.MixedSourceAttention;
import io.weft.systems.transformer.TransformerDecoderBlock;
import io.weft.systems.transformer.TransformerEncoderBlock;
import io.weft.tensor.Shape;
import io.weft.testing.AttentionBattery;
import io.weft.testing.AttentionBattery.Rows;
import io.weft.testing.Hiding;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** The attention classes of the article's systems pass the checks that attention has to pass. */
class ArticleAttentionTest {
  private static final Shape X = Shape.of(2, 4, 8);
  private static final Shape CONTEXT = Shape.of(2, 5, 6);
  private static final Shape MEMORY = Shape.of(2, 5, 8);

  private final Map<String, AttentionBattery> all = new LinkedHashMap<>();

  @TestFactory
  Stream<DynamicTest> passTheBattery() {
    core();
    blocks();
    perceiver();
    others();
    return all.entrySet().stream()
        .map(e -> DynamicTest.dynamicTest(e.getKey(), () -> e.getValue().run()));
  }

  private void core() {
    Config c = Config.of("heads", 2, "qk_channels", 8, "v_channels", 6, "output_channels", 10);
    all.put(
        "MultiHead",
        AttentionBattery.of(new MultiHead(c), X, CONTEXT)
            .queries(0)
            .sources(1)
            .hiding(Hiding.byKeys("key_mask"))
            .hiding(Hiding.byScores("attention_mask", 4))
            .hiding(Hiding.attachedTo(1))
            .fullyMasked(Rows.UNIFORM));
    all.put(
        "MultiHead with zero rows",
        AttentionBattery.of(new MultiHead(c.with("zero_masked_rows", true)), X, CONTEXT)
            .queries(0)
            .sources(1)
            .hiding(Hiding.byKeys("key_mask"))
            .fullyMasked(Rows.ZERO));
    all.put(
        "MultiHead with a null key",
        AttentionBattery.of(new MultiHead(c.with("null_key_value", true)), X, CONTEXT)
            .queries(0)
            .sources(1)
            .hiding(Hiding.byKeys("key_mask"))
            .besideMemory()
            .fullyMasked(Rows.ZERO));
    all.put(
        "MultiHead with rotary positions",
        AttentionBattery.of(new MultiHead(c.with("rotary_dim", 4)), X)
            .queries(0)
            .sources(0)
            .ordered());
  }

  private void blocks() {
    for (boolean first : new boolean[] {false, true}) {
      Config c = Config.of("d_model", 8, "nhead", 2, "dim_feedforward", 12, "norm_first", first);
      all.put(
          "decoder block, norm_first " + first,
          AttentionBattery.of(new TransformerDecoderBlock(c), X, MEMORY)
              .queries(0)
              .sources(1)
              .hiding(Hiding.attachedTo(1)));
      all.put(
          "encoder block, norm_first " + first,
          AttentionBattery.of(new TransformerEncoderBlock(c), X)
              .queries(0)
              .sources(0)
              .hiding(Hiding.attachedTo(0)));
    }
    Config bert = Config.of("hidden_size", 8, "num_attention_heads", 2, "intermediate_size", 12);
    all.put(
        "BertLayer",
        AttentionBattery.of(new BertLayer(bert), X)
            .queries(0)
            .sources(0)
            .hiding(Hiding.byKeys("attention_mask"))
            .hiding(Hiding.byScores("attention_mask", 4))
            .hiding(Hiding.attachedTo(0)));
    all.put(
        "BertLayer with distances",
        AttentionBattery.of(
                new BertLayer(bert.with("position_embedding_type", "relative_key_query")), X)
            .queries(0)
            .sources(0)
            .ordered()
            .hiding(Hiding.byKeys("attention_mask")));
    all.put(
        "T5Block",
        AttentionBattery.of(
                new T5Block(Config.of("d_model", 8, "d_kv", 3, "d_ff", 12, "num_heads", 2)), X)
            .queries(0)
            .sources(0)
            .ordered()
            .hiding(Hiding.byKeys("attention_mask")));
    all.put(
        "BartDecoderLayer",
        AttentionBattery.of(
                new BartDecoderLayer(
                    Config.of("d_model", 8, "decoder_attention_heads", 2, "decoder_ffn_dim", 12)),
                X)
            .queries(0)
            .sources(0)
            .hiding(Hiding.attachedTo(0)));
  }

  private void perceiver() {
    Config c = Config.of("q", 8, "heads", 2);
    all.put(
        "PerceiverBlock",
        AttentionBattery.of(new PerceiverBlock(c.with("kv", 6)), X, CONTEXT)
            .queries(0)
            .sources(1)
            .hiding(Hiding.byKeys("mask"))
            .hiding(Hiding.byScores("mask", 4))
            .hiding(Hiding.attachedTo(1))
            .fullyMasked(Rows.ZERO));
    all.put(
        "PerceiverBlock of latents",
        AttentionBattery.of(new PerceiverBlock(c), X).queries(0).sources(0));
    all.put(
        "PerceiverEncoder",
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
                        2,
                        "crossAttends",
                        2)),
                CONTEXT)
            // small latents are normalized, which makes roundings large
            .sources(0)
            .hiding(Hiding.byKeys("mask"))
            .hiding(Hiding.attachedTo(0)));
    all.put(
        "PerceiverDecoder",
        AttentionBattery.of(new PerceiverDecoder(8, 6, 3), X, CONTEXT)
            .queries(0)
            .sources(1)
            .hiding(Hiding.attachedTo(1)));
  }

  private void others() {
    all.put(
        "SelfDoc's MixedSourceAttention",
        AttentionBattery.of(new MixedSourceAttention(8, 2), X, MEMORY)
            .queries(0)
            .sources(1)
            .hiding(Hiding.byKeys("attention_mask"))
            .hiding(Hiding.attachedTo(1))
            .fullyMasked(Rows.UNIFORM));
    all.put(
        "RETRO's layer",
        AttentionBattery.of(
                new RetroBlock(
                    Config.of(
                        "dim",
                        8,
                        "context_dim",
                        6,
                        "heads",
                        2,
                        "dim_head",
                        4,
                        "cross",
                        "plain",
                        "rotary",
                        2)),
                X,
                CONTEXT)
            .queries(0)
            .ordered()
            .sources(1)
            .hiding(Hiding.byKeys("context_mask")));
  }
}
