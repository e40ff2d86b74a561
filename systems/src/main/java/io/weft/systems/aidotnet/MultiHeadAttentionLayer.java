package io.weft.systems.aidotnet;

import io.weft.config.Config;
import io.weft.layer.CallArgs;
import io.weft.layer.CallContext;
import io.weft.layer.LayerType;
import io.weft.systems.core.FullyMaskedRows;
import io.weft.systems.core.Heads;
import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Multi-head attention by the plain formula, with a loss that keeps it from collapsing; as
 * AiDotNet's layer of this name, which {@link DiffusionAttention} falls back on.
 *
 * <p>Inputs: a query {@code (T, width)}, {@code (batch, T, width)} or with more leading axes, which
 * are part of the batch; a key and a value alike, the value being the key's source if it is
 * missing, and the query that of both. Output: the shape of the query, through the activation; the
 * query's mask goes on. Call arguments and weights as those of {@link CrossAttentionLayer} with
 * {@code queryDim = contextDim = embeddingDimension}.
 *
 * <p>With {@code useAuxiliaryLoss} training adds {@code auxiliaryLossWeight · Σ p log p}, the sum
 * being that over all probabilities of the batch (a spread attention has less of it), and {@code
 * headDiversityWeight ·} the mean cosine between the outputs of two heads.
 */
public final class MultiHeadAttentionLayer extends SequenceLayer {
  public static final LayerType<MultiHeadAttentionLayer> TYPE =
      LayerType.custom(
              AidotnetTypes.PACKAGE, "MultiHeadAttentionLayer", MultiHeadAttentionLayer::new)
          .inputs("query")
          .optional("key", "value")
          .args("attention_mask", "training");

  private static final String RETURN_LOSSES = "return_losses";

  private final boolean causal;
  private final boolean auxiliary;
  private final double entropyWeight;
  private final double diversityWeight;
  private double entropyLoss;
  private double diversityLoss;

  /** Attention without a loss of its own. */
  public MultiHeadAttentionLayer(int sequenceLength, int embeddingDimension, int headCount) {
    this(builder(sequenceLength, embeddingDimension, headCount).config());
  }

  /** Restores a layer from its config. */
  public MultiHeadAttentionLayer(Config config) {
    super(TYPE, config);
    readActivation();
    causal = args.bool("useCausalMask", false);
    auxiliary = args.bool("useAuxiliaryLoss", false);
    entropyWeight = args.number("auxiliaryLossWeight", 0.005);
    diversityWeight = args.number("headDiversityWeight", 0.01);
  }

  @Override
  public List<Tensor> call(List<Tensor> inputs, CallContext ctx) {
    boolean wanted = ctx.args().bool(RETURN_LOSSES, false);
    List<Tensor> losses = new ArrayList<>();
    Tensor y =
        cross(
            inputs,
            ctx,
            (q, k, v, mask) -> {
              FullyMaskedRows rows = FullyMaskedRows.UNIFORM;
              Tensor p = Heads.weights(q, k, null, mask, Heads.scale(q), causal, rows);
              Tensor heads = Heads.mix(p, v);
              if (auxiliary && (wanted || ctx.training())) {
                losses.add(negativeEntropy(wide(p)));
                losses.add(similarity(wide(heads)));
              }
              return heads;
            },
            false);
    List<Tensor> out = new ArrayList<>(List.of(activation().apply(y)));
    if (!losses.isEmpty()) {
      if (ctx.training()) {
        Tensor entropy = losses.get(0).times(entropyWeight);
        ctx.addLoss(entropy.plus(losses.get(1).times(diversityWeight)));
      }
      out.addAll(wanted ? losses : List.of());
    }
    return out;
  }

  /** Half precision has neither the smallest of these numbers nor the sum of all. */
  private static Tensor wide(Tensor x) {
    return x.dtype().isHalf() ? Ops.cast(x, DType.FLOAT32) : x;
  }

  /** {@code Σ p log p} over all probabilities. */
  private static Tensor negativeEntropy(Tensor p) {
    Tensor seen = Ops.maximum(p, Tensor.scalar(1e-10, p.dtype()));
    return Ops.sum(seen.times(Ops.log(seen)), null, false);
  }

  /** The mean cosine between the outputs of two heads, each as one vector of all samples. */
  private static Tensor similarity(Tensor heads) {
    int n = heads.dim(2);
    if (n == 1) {
      return Tensor.scalar(0, heads.dtype());
    }
    Tensor flat = Ops.reshape(Ops.transpose(heads, 2, 0, 1, 3), n, -1);
    Tensor squares = Ops.sum(Ops.square(flat), new int[] {1}, true);
    Tensor unit = flat.times(Ops.rsqrt(Ops.maximum(squares, Tensor.scalar(1e-24, flat.dtype()))));
    Tensor cosines = Ops.matmul(unit, Ops.swapaxes(unit, 0, 1));
    return Ops.sum(cosines, null, false).minus(n).divide((double) n * (n - 1));
  }

  /** Also keeps the two losses of a call by hand. */
  @Override
  Tensor recorded(List<Tensor> inputs, CallArgs call) {
    List<Tensor> all = applyAll(inputs, call.with(RETURN_LOSSES, auxiliary));
    entropyLoss = all.size() > 1 ? all.get(1).item() : 0;
    diversityLoss = all.size() > 1 ? all.get(2).item() : 0;
    return all.get(0);
  }

  /** The loss of the last {@link #forward}, weighted; 0 before, and without auxiliary loss. */
  public double auxiliaryLoss() {
    return lastInput().isEmpty()
        ? 0
        : entropyWeight * entropyLoss + diversityWeight * diversityLoss;
  }

  @Override
  public Map<String, String> diagnostics() {
    Map<String, String> all = super.diagnostics();
    boolean seen = lastInput().isPresent();
    all.put("TotalEntropyLoss", number(seen ? entropyLoss : 0));
    all.put("TotalDiversityLoss", number(seen ? diversityLoss : 0));
    all.put("EntropyWeight", number(entropyWeight));
    all.put("DiversityWeight", number(diversityWeight));
    all.put("UseAttentionRegularization", yes(auxiliary));
    all.put("NumberOfHeads", String.valueOf(heads()));
    all.put("AttentionScoresCached", yes(seen));
    all.put("HeadOutputsCached", yes(seen));
    return all;
  }

  /** A number as C# writes it: whole ones without a point. */
  private static String number(double x) {
    return x == Math.rint(x) && Math.abs(x) < 1e15 ? String.valueOf((long) x) : String.valueOf(x);
  }

  public static Builder builder(int sequenceLength, int embeddingDimension, int headCount) {
    return new Builder(sequenceLength, embeddingDimension, headCount);
  }

  /** Optional settings of {@link MultiHeadAttentionLayer}. */
  public static final class Builder extends SequenceOptions<MultiHeadAttentionLayer, Builder> {
    private Builder(int sequenceLength, int embeddingDimension, int headCount) {
      super(sequenceLength, embeddingDimension, headCount);
    }

    /** Whether a token sees the tokens up to itself only; default false. */
    public Builder causal(boolean on) {
      return set("useCausalMask", on);
    }

    /** Adds the two losses in training, with their weights; the original's are 0.005 and 0.01. */
    public Builder auxiliaryLoss(double entropyWeight, double diversityWeight) {
      return set("useAuxiliaryLoss", true)
          .set("auxiliaryLossWeight", entropyWeight)
          .set("headDiversityWeight", diversityWeight);
    }

    @Override
    public MultiHeadAttentionLayer build() {
      return fromConfig(TYPE, config());
    }
  }
}
