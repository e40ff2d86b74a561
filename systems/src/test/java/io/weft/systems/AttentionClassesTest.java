package io.weft.systems;

import io.weft.config.Config;
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
import io.weft.systems.crossvit.ClassTokenAttention;
import io.weft.systems.crossvit.CrossViTFusion;
import io.weft.systems.crossvit.EncoderBlock;
import io.weft.systems.diffusers.BasicTransformerBlock;
import io.weft.systems.diffusers.DiffusersAttention;
import io.weft.systems.fusionlab.MultiResolutionAttentionFusion;
import io.weft.tensor.Shape;
import io.weft.testing.AttentionBattery;
import io.weft.testing.AttentionBattery.Rows;
import io.weft.testing.Hiding;
import java.util.LinkedHashMap;
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
  }
}
