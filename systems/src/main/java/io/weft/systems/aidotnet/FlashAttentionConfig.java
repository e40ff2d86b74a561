package io.weft.systems.aidotnet;

import io.weft.config.Args;
import io.weft.config.Config;
import io.weft.error.ConfigException;

/**
 * The settings of AiDotNet's flash attention. Block sizes, {@code useGpuKernel} and {@code
 * recomputeInBackward} say how the original works through the scores; here the kernel chooses its
 * blocks by the sizes and always recomputes, so they are kept, and results do not depend on them.
 *
 * @param blockSizeQ queries in a block of the original
 * @param blockSizeKV keys in a block of the original
 * @param useCausalMask whether a query sees the keys up to its own position only
 * @param dropoutProbability share of the attention weights that a layer drops in training, in [0,
 *     1); weights that are dropped have to be held
 * @param scaleFactor factor of the scores; null for {@code 1/√width}
 * @param useGpuKernel kept for the original
 * @param recomputeInBackward kept for the original
 * @param precision dtype of the products; softmax and sums are float32 at least
 * @param returnAttentionWeights whether results hold the weights too, computed by a second pass
 */
public record FlashAttentionConfig(
    int blockSizeQ,
    int blockSizeKV,
    boolean useCausalMask,
    double dropoutProbability,
    Double scaleFactor,
    boolean useGpuKernel,
    boolean recomputeInBackward,
    Precision precision,
    boolean returnAttentionWeights) {
  /** Blocks of 64, no mask, float32. */
  public static final FlashAttentionConfig DEFAULT = of(Config.EMPTY);

  /** {@link #DEFAULT} with the causal mask. */
  public static final FlashAttentionConfig CAUSAL = of(Config.of("useCausalMask", true));

  /** Blocks of 32. */
  public static final FlashAttentionConfig MEMORY_EFFICIENT =
      of(Config.of("blockSizeQ", 32, "blockSizeKV", 32));

  /** Blocks of 128, without recomputation. */
  public static final FlashAttentionConfig HIGH_PERFORMANCE =
      of(Config.of("blockSizeQ", 128, "blockSizeKV", 128, "recomputeInBackward", false));

  /** In which dtype queries, keys and values are multiplied. */
  public enum Precision {
    /** Half precision. */
    FLOAT16("Float16"),
    /** That of the tensors. */
    FLOAT32("Float32"),
    /** Half precision with sums in float32, which is how half precision is computed here. */
    MIXED("Mixed");

    private final String word;

    Precision(String word) {
      this.word = word;
    }

    /** The name in the original. */
    @Override
    public String toString() {
      return word;
    }

    boolean isHalf() {
      return this != FLOAT32;
    }

    static Precision of(String word) {
      for (Precision p : values()) {
        if (p.word.equals(word)) {
          return p;
        }
      }
      throw new ConfigException(
          "precision must be Float16, Float32 or Mixed. Received: '" + word + "'");
    }
  }

  /** Checks sizes and the dropout. */
  public FlashAttentionConfig {
    if (blockSizeQ <= 0 || blockSizeKV <= 0) {
      throw new ConfigException(
          "FlashAttentionConfig: block sizes must be positive. Received: "
              + blockSizeQ
              + ", "
              + blockSizeKV);
    }
    if (!(dropoutProbability >= 0 && dropoutProbability < 1)) {
      throw new ConfigException(
          "FlashAttentionConfig: dropoutProbability must be in [0, 1). Received: "
              + dropoutProbability);
    }
    if (scaleFactor != null && !Double.isFinite(scaleFactor)) {
      throw new ConfigException(
          "FlashAttentionConfig: scaleFactor must be finite. Received: " + scaleFactor);
    }
  }

  /**
   * Settings by the names of the components, also with a capital first letter as in the original;
   * what is missing has its default.
   */
  public static FlashAttentionConfig of(Config config) {
    Config lower = Config.EMPTY;
    for (String key : config.keys()) {
      String name = key.isEmpty() ? key : Character.toLowerCase(key.charAt(0)) + key.substring(1);
      lower = lower.with(name, config.get(key));
    }
    Args a = new Args("FlashAttentionConfig", lower);
    FlashAttentionConfig read =
        new FlashAttentionConfig(
            a.positiveInt("blockSizeQ", 64),
            a.positiveInt("blockSizeKV", 64),
            a.bool("useCausalMask", false),
            a.number("dropoutProbability", 0.0),
            a.numberOrNull("scaleFactor", null),
            a.bool("useGpuKernel", true),
            a.bool("recomputeInBackward", true),
            Precision.of(a.string("precision", "Float32")),
            a.bool("returnAttentionWeights", false));
    a.finish();
    return read;
  }

  /** All settings by the names of the components. */
  public Config toConfig() {
    return Config.of(
        "blockSizeQ",
        blockSizeQ,
        "blockSizeKV",
        blockSizeKV,
        "useCausalMask",
        useCausalMask,
        "dropoutProbability",
        dropoutProbability,
        "scaleFactor",
        scaleFactor,
        "useGpuKernel",
        useGpuKernel,
        "recomputeInBackward",
        recomputeInBackward,
        "precision",
        precision.toString(),
        "returnAttentionWeights",
        returnAttentionWeights);
  }

  /** These settings with some changed, by the names of the components. */
  public FlashAttentionConfig with(String name, Object value) {
    return of(toConfig().with(name, value));
  }
}
