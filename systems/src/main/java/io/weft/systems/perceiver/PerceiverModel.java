package io.weft.systems.perceiver;

import io.weft.config.Args;
import io.weft.config.Config;
import io.weft.layer.BuildContext;
import io.weft.layer.CallArgs;
import io.weft.layer.CallContext;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import io.weft.models.SubclassedModel;
import io.weft.systems.weights.Layout;
import io.weft.systems.weights.TorchEntry;
import io.weft.systems.weights.TorchNamed;
import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.List;

/**
 * Hugging Face's {@code PerceiverModel}, with its config, weight names and departures from the
 * paper: the exact GELU of {@code hidden_act}, and latents whose inputs are all masked read them
 * evenly. {@code decoder} holds the arguments of its {@code PerceiverBasicDecoder} with trainable
 * or Fourier queries, or null.
 *
 * <p>Input: {@code (batch, M, d_model)}. Outputs: {@code last_hidden_state (batch, num_latents,
 * d_latents)}, with a decoder then {@code logits (batch, positions, output_num_channels)}. Call
 * argument: {@code attention_mask (batch, M)}, 0 hides.
 */
public final class PerceiverModel extends SubclassedModel implements TorchNamed {
  public static final LayerType<PerceiverModel> TYPE =
      LayerType.custom("transformers", "PerceiverModel", PerceiverModel::new)
          .args("attention_mask", "training");

  private final PerceiverEncoder encoder;
  private final int channels;
  private final Layer queries;
  private final PerceiverDecoder decoder;

  /** Restores a model from {@code config}, Hugging Face's, and {@code decoder}. */
  public PerceiverModel(Config config) {
    super(TYPE, config);
    Args c = inner("config", true);
    channels = c.positiveInt("d_model", 768);
    int width = c.positiveInt("d_latents", 1280);
    String shape = c.oneOf("cross_attention_shape_for_attention", "kv", "kv", "q");
    String activation = c.string("hidden_act", "gelu");
    double dropout = c.fraction("attention_probs_dropout_prob", 0.1);
    Config e =
        Config.of(
            "channels",
            channels,
            "latents",
            c.positiveInt("num_latents", 256),
            "width",
            width,
            "crossHeads",
            c.positiveInt("num_cross_attention_heads", 8),
            "selfHeads",
            c.positiveInt("num_self_attention_heads", 8),
            "layers",
            c.positiveInt("num_self_attends_per_block", 26),
            "blocks",
            c.positiveInt("num_blocks", 1),
            "crossWidening",
            c.positiveInt("cross_attention_widening_factor", 1),
            "selfWidening",
            c.positiveInt("self_attention_widening_factor", 1),
            "shape",
            shape,
            "qkChannels",
            c.integerOrNull("qk_channels", null),
            "vChannels",
            c.integerOrNull("v_channels", null),
            "queryResidual",
            c.bool("use_query_residual", true));
    Config common =
        Config.of(
            "activation",
            activation,
            "attentionDropout",
            dropout,
            "names",
            "huggingface",
            "dtype",
            policy());
    args.note("config", c.noted());
    encoder =
        track(
            "encoder",
            Layer.fromConfig(PerceiverEncoder.TYPE, e.plus(common).with("zeroMaskedRows", false)));
    if (args.any("decoder", null) == null) {
      queries = null;
      decoder = null;
      return;
    }
    Args d = inner("decoder", false);
    int queryChannels = d.positiveInt("num_channels", 128);
    queries = track("decoder.output_position_encodings", queries(d, queryChannels));
    Config forDecoder =
        Config.of(
            "queryChannels",
            queryChannels,
            "latentWidth",
            width,
            "outputChannels",
            d.positiveInt("output_num_channels"),
            "heads",
            d.positiveInt("num_heads", 1),
            "widening",
            d.positiveInt("widening_factor", 1),
            "shape",
            shape,
            "qkChannels",
            d.integerOrNull("qk_channels", null),
            "vChannels",
            d.integerOrNull("v_channels", null),
            "queryResidual",
            d.bool("use_query_residual", false),
            "finalProject",
            d.bool("final_project", true));
    d.finish();
    args.note("decoder", d.noted());
    decoder = track("decoder", Layer.fromConfig(PerceiverDecoder.TYPE, forDecoder.plus(common)));
  }

  /** A reader of a config in the config; further keys of Hugging Face's file are kept. */
  private Args inner(String key, boolean keepOthers) {
    if (!(args.any(key, Config.EMPTY) instanceof Config c)) {
      throw args.refuse(key, "an object with Hugging Face's arguments");
    }
    Args inner = new Args("PerceiverModel: " + key, c);
    if (keepOthers) {
      c.keys().forEach(k -> inner.any(k, null));
    }
    return inner;
  }

  private Layer queries(Args d, int queryChannels) {
    String kind = d.oneOf("position_encoding_type", "trainable", "trainable", "fourier");
    Object dims = d.any("output_index_dims", null);
    Object given = d.any(kind + "_position_encoding_kwargs", Config.EMPTY);
    Config c = given instanceof Config k ? k : Config.EMPTY;
    if (kind.equals("trainable")) {
      Args t = new Args("PerceiverModel: trainable_position_encoding_kwargs", c);
      int channelsGiven = t.positiveInt("num_channels", queryChannels);
      if (channelsGiven != queryChannels) {
        throw t.refuse("num_channels", "num_channels of the decoder, " + queryChannels);
      }
      int positions = t.positiveInt("index_dims", dims instanceof Long l ? l.intValue() : 1);
      return Layer.fromConfig(
          TrainableQueries.TYPE,
          Config.of("positions", positions, "channels", channelsGiven, "dtype", policy()));
    }
    Object size = dims instanceof Long l ? List.of(l) : dims;
    return Layer.fromConfig(
        FourierPositionEncoding.TYPE, c.plus(Config.of("index_dims", size, "dtype", policy())));
  }

  @Override
  public List<TorchEntry> torchEntries() {
    return List.of(TorchEntry.of("embeddings.latents", Layout.SAME, encoder.latents()));
  }

  @Override
  public List<String> outputNames() {
    return decoder == null ? List.of("last_hidden_state") : List.of("last_hidden_state", "logits");
  }

  @Override
  protected void build(BuildContext b) {
    b.build(encoder, b.input().withDim(-1, channels));
    if (decoder != null) {
      Shape z = Shape.of(b.input().dim(0), Shape.UNKNOWN, encoder.width());
      b.build(queries, z);
      b.build(decoder, queries.computeOutputShape(z).get(0), z);
    }
  }

  @Override
  public List<Tensor> call(List<Tensor> in, CallContext ctx) {
    Tensor mask = ctx.args().tensor("attention_mask");
    Tensor z =
        encoder.apply(
            in.get(0),
            mask == null ? CallArgs.NONE : CallArgs.of("mask", Ops.cast(mask, DType.BOOL)));
    return decoder == null ? List.of(z) : List.of(z, decoder.apply(queries.apply(z), z));
  }
}
