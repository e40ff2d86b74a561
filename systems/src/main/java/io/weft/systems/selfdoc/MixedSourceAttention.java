package io.weft.systems.selfdoc;

import io.weft.config.Config;
import io.weft.error.ShapeException;
import io.weft.layer.BuildContext;
import io.weft.layer.CallContext;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import io.weft.systems.core.MultiHead;
import io.weft.systems.weights.StateDict;
import io.weft.systems.weights.TorchEntry;
import io.weft.systems.weights.TorchNamed;
import io.weft.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Attention whose query, key and value may each come from another source (SelfDoc, Li et al. 2021,
 * 3.3): {@code softmax(q(A) k(B)ᵀ / √width) v(A)} weighs A's own values by A's likeness to B, which
 * needs A and B of one length; {@code … v(B)} is the usual cross-attention.
 *
 * <p>Inputs: two or three sources {@code (batch, tokens, dim)}. {@code sources} says which of them
 * gives query, key and value; by default inputs 0, 1, 2, of two inputs 0, 1, 1. Output: {@code
 * (batch, query tokens, dim)}. Call argument: {@code attention_mask}, true = may attend. Weights:
 * kernel and bias of q, k, v, o.
 */
public final class MixedSourceAttention extends Layer implements TorchNamed {
  public static final LayerType<MixedSourceAttention> TYPE =
      LayerType.custom("selfdoc", "MixedSourceAttention", MixedSourceAttention::new)
          .inputs("first", "second", "third")
          .args("attention_mask", "training");

  private final int dim;
  private final int[] sources;
  private final MultiHead attention;

  /** Attention with the default sources. */
  public MixedSourceAttention(int dim, int heads) {
    this(Config.of("dim", dim, "heads", heads));
  }

  /** Restores a layer from its config. */
  public MixedSourceAttention(Config config) {
    super(TYPE, config);
    dim = args.positiveInt("dim");
    int heads = args.positiveInt("heads");
    double dropout = args.fraction("dropout", 0.0);
    sources = args.intListOrNull("sources", null);
    if (sources != null) {
      boolean ok = sources.length == 3;
      for (int s : sources) {
        ok &= s >= 0 && s < 3;
      }
      if (!ok) {
        throw args.refuse("sources", "three numbers of inputs, of query, key and value");
      }
    }
    Config c = Config.of("heads", heads, "qk_channels", dim, "dropout", dropout, "dtype", policy());
    attention = track("attention", Layer.fromConfig(MultiHead.TYPE, c));
    setSupportsMasking(true);
  }

  /** The projections are the layer's own in the formulas. */
  @Override
  public List<TorchEntry> torchEntries() {
    return StateDict.of(attention).entries();
  }

  @Override
  protected void build(BuildContext b) {
    b.build(attention, b.input().withDim(-1, dim));
  }

  @Override
  public List<Tensor> call(List<Tensor> in, CallContext ctx) {
    if (in.size() < 2) {
      throw new ShapeException(
          label() + ": expected two or three sources. Received: " + in.size() + ".");
    }
    int[] of = sources != null ? sources : new int[] {0, 1, in.size() - 1};
    List<Tensor> qkv = new ArrayList<>();
    for (int s : of) {
      if (s >= in.size()) {
        throw new ShapeException(
            label()
                + ": expected at least "
                + (s + 1)
                + " inputs, for sources="
                + java.util.Arrays.toString(of)
                + ". Received: "
                + in.size()
                + ".");
      }
      qkv.add(in.get(s));
    }
    return attention.applyAll(qkv, ctx.forward("attention_mask", "training"));
  }
}
