package io.weft.systems.perceiver;

import io.weft.config.Config;
import io.weft.error.ShapeException;
import io.weft.layer.BuildContext;
import io.weft.layer.CallContext;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import io.weft.layers.core.Dense;
import io.weft.systems.core.Parts;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.List;

/**
 * The decoder of Perceiver IO (Jaegle et al. 2021, arXiv 2107.14795; DeepMind's {@code
 * BasicDecoder}): each query reads the latents in one cross block, alone, then a linear map.
 *
 * <p>Inputs: queries {@code (batch, M, queryChannels)}, latents {@code (batch, N, latentWidth)}.
 * Output: {@code (batch, M, outputChannels)}, or {@code queryChannels} without {@code
 * finalProject}. Weights: the cross block, then kernel and bias of the map.
 */
public final class PerceiverDecoder extends Layer {
  public static final LayerType<PerceiverDecoder> TYPE =
      LayerType.custom("perceiver", "PerceiverDecoder", PerceiverDecoder::new)
          .inputs("queries", "latents")
          .args("training");

  private final int queryChannels;
  private final PerceiverBlock cross;
  private final Dense project;

  /** A decoder with one head and no residual from the queries. */
  public PerceiverDecoder(int queryChannels, int latentWidth, int outputChannels) {
    this(
        Config.of(
            "queryChannels",
            queryChannels,
            "latentWidth",
            latentWidth,
            "outputChannels",
            outputChannels));
  }

  /** Restores a layer from its config. */
  public PerceiverDecoder(Config config) {
    super(TYPE, config);
    queryChannels = args.positiveInt("queryChannels");
    int latentWidth = args.positiveInt("latentWidth");
    boolean finalProject = args.bool("finalProject", true);
    int out = args.positiveInt("outputChannels", queryChannels);
    String names = args.oneOf("names", "formulas", "formulas", "huggingface");
    boolean hugging = names.equals("huggingface");
    Config c =
        Config.of(
            "q",
            queryChannels,
            "kv",
            latentWidth,
            "heads",
            args.positiveInt("heads", 1),
            "widening",
            args.positiveInt("widening", 1),
            "shape",
            args.oneOf("shape", "kv", "kv", "q"),
            "queryResidual",
            args.bool("queryResidual", false),
            "qkChannels",
            args.integerOrNull("qkChannels", null),
            "vChannels",
            args.integerOrNull("vChannels", null),
            "activation",
            args.string("activation", "gelu_tanh"),
            "attentionDropout",
            args.fraction("attentionDropout", 0.0),
            "names",
            names,
            "dtype",
            policy());
    cross =
        track(
            hugging ? "decoding_cross_attention" : "cross",
            Layer.fromConfig(PerceiverBlock.TYPE, c));
    project =
        finalProject
            ? track(hugging ? "final_layer" : "project", Parts.dense(out, true, policy()))
            : null;
  }

  @Override
  protected void build(BuildContext b) {
    Shape q = b.input(0).withDim(-1, queryChannels);
    b.build(cross, q, b.input(1));
    if (project != null) {
      b.build(project, q);
    }
  }

  @Override
  public List<Tensor> call(List<Tensor> in, CallContext ctx) {
    if (in.size() != 2) {
      throw new ShapeException(
          label() + ": expected queries and latents. Received: " + in.size() + " inputs.");
    }
    Tensor y = cross.apply(in.get(0), in.get(1));
    return List.of(project == null ? y : project.apply(y));
  }
}
