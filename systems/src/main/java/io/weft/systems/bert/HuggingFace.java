package io.weft.systems.bert;

import io.weft.config.Args;
import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;

/** What the classes of Hugging Face transformers have in common. */
final class HuggingFace {
  /** Keys of every {@code config.json} that say nothing about what is computed here. */
  private static final String[] COMMON = {
    "_name_or_path",
    "architectures",
    "bos_token_id",
    "chunk_size_feed_forward",
    "classifier_dropout",
    "dtype_policy",
    "eos_token_id",
    "gradient_checkpointing",
    "id2label",
    "initializer_range",
    "is_encoder_decoder",
    "label2id",
    "model_type",
    "output_attentions",
    "output_hidden_states",
    "pad_token_id",
    "tie_word_embeddings",
    "torch_dtype",
    "transformers_version",
    "use_cache"
  };

  private HuggingFace() {}

  /** Keeps further keys of the original's config, so that its whole file is taken as it is. */
  static void keep(Args args, String... keys) {
    for (String[] all : new String[][] {keys, COMMON}) {
      for (String k : all) {
        if (args.has(k)) {
          args.any(k, null);
        }
      }
    }
  }

  /** A mask as models take it: of rank 4 and floating it is added to the scores, else 0 hides. */
  static Tensor mask(Tensor given) {
    return given == null || given.rank() == 4 && given.dtype().isFloating()
        ? given
        : Ops.cast(given, DType.BOOL);
  }
}
