package io.weft.systems.perceiver;

import io.weft.config.Config;
import io.weft.layer.BuildContext;
import io.weft.layer.CallContext;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import io.weft.models.SubclassedModel;
import io.weft.tensor.Tensor;
import java.util.List;

/**
 * Perceiver IO (Jaegle et al. 2021, arXiv 2107.14795): a preprocessor makes one array of the
 * inputs, latents read it, queries read the latents, a postprocessor makes the outputs. So what
 * comes in and what goes out may be of any kind and size.
 *
 * <p>Inputs: those of {@code preprocessor} (a layer; null: one array {@code (batch, M, channels)}).
 * Outputs: those of {@code postprocessor}, or of the decoder {@code (batch, queries,
 * outputChannels)}. {@code queries} is a layer that is given the preprocessed array and returns
 * {@code (batch, queries, queryChannels)}: {@link TrainableQueries}, {@link
 * FourierPositionEncoding}, {@link ArrayPreprocessor}, Keras' Identity for the array itself, {@link
 * Modalities} of such. A mask of the preprocessed array is heard. Weights: those of the parts, in
 * this order.
 */
public final class PerceiverIO extends SubclassedModel {
  public static final LayerType<PerceiverIO> TYPE =
      LayerType.custom("perceiver", "PerceiverIO", PerceiverIO::new).takesList().args("training");

  private final Layer preprocessor;
  private final PerceiverEncoder encoder;
  private final Layer queries;
  private final PerceiverDecoder decoder;
  private final Layer postprocessor;

  /** A model of these parts; preprocessor and postprocessor may be null. */
  public PerceiverIO(
      Layer preprocessor,
      PerceiverEncoder encoder,
      Layer queries,
      PerceiverDecoder decoder,
      Layer postprocessor) {
    this(
        Config.of(
            "preprocessor",
            preprocessor,
            "encoder",
            encoder,
            "queries",
            queries,
            "decoder",
            decoder,
            "postprocessor",
            postprocessor));
  }

  /** Restores a model from its config. */
  public PerceiverIO(Config config) {
    super(TYPE, config);
    preprocessor = part("preprocessor", args.objectOrNull("preprocessor", Layer.class, null));
    encoder = part("encoder", args.object("encoder", PerceiverEncoder.class, null));
    queries = part("queries", args.object("queries", Layer.class, null));
    decoder = part("decoder", args.object("decoder", PerceiverDecoder.class, null));
    postprocessor = part("postprocessor", args.objectOrNull("postprocessor", Layer.class, null));
  }

  private <L extends Layer> L part(String name, L layer) {
    return layer == null ? null : track(name, layer);
  }

  @Override
  protected void build(BuildContext b) {
    // the first call builds the parts, whose shapes follow from one another
  }

  @Override
  public List<Tensor> call(List<Tensor> in, CallContext ctx) {
    Tensor x = preprocessor == null ? in.get(0) : preprocessor.apply(in, ctx.forward("training"));
    Tensor z = encoder.apply(x);
    Tensor y = decoder.apply(queries.apply(x), z);
    return postprocessor == null
        ? List.of(y)
        : postprocessor.applyAll(List.of(y), ctx.forward("training"));
  }

  @Override
  public List<String> outputNames() {
    return postprocessor instanceof SplitModalities s ? s.names() : super.outputNames();
  }
}
