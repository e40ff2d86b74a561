package io.weft.ops;

import static io.weft.ops.PublicOp.of;

import io.weft.error.ConfigException;
import io.weft.error.ShapeException;
import io.weft.tensor.Ctc;
import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.Promotion;
import io.weft.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** Losses of {@code keras.ops.nn}. */
final class LossOps {
  private LossOps() {}

  static List<PublicOp> table() {
    List<PublicOp> t = new ArrayList<>();
    t.add(
        of(
            "binary_crossentropy",
            "nn",
            "BinaryCrossentropy",
            "target, output | from_logits=False",
            a ->
                Crossentropy.binary(
                    a.tensor("target"), a.tensor("output"), a.bool("from_logits"))));
    t.add(
        of(
            "categorical_crossentropy",
            "nn",
            "CategoricalCrossentropy",
            "target, output | from_logits=False, axis=-1",
            a ->
                Crossentropy.categorical(
                    a.tensor("target"),
                    a.tensor("output"),
                    a.bool("from_logits"),
                    a.integer("axis"))));
    t.add(
        of(
            "sparse_categorical_crossentropy",
            "nn",
            "SparseCategoricalCrossentropy",
            "target, output | from_logits=False, axis=-1",
            a ->
                Crossentropy.sparseCategorical(
                    a.tensor("target"),
                    a.tensor("output"),
                    a.bool("from_logits"),
                    a.integer("axis"))));
    t.add(
        of(
            "ctc_loss",
            "nn",
            "CTCLoss",
            "target, output, target_length, output_length | mask_index=0",
            LossOps::ctcLoss));
    t.add(
        of(
            "ctc_decode",
            "nn",
            "CTCDecode",
            "inputs, sequence_lengths | strategy=\"greedy\", beam_width=100, top_paths=1,"
                + " merge_repeated=True, mask_index=0",
            LossOps::ctcDecode));
    return t;
  }

  private static Tensor ctcLoss(OpArgs a) {
    Tensor logits = a.tensor("output");
    logits = Ops.cast(logits, Promotion.of(logits.dtype(), DType.FLOAT32));
    if (logits.rank() != 3 || a.tensor("target").rank() != 2) {
      throw new ShapeException(
          "ctc_loss: expected target (batch, labels) and output (batch, frames, classes). Received:"
              + " "
              + a.tensor("target").shape()
              + ", "
              + logits.shape());
    }
    int mask = a.integer("mask_index");
    Ctc.Loss op = new Ctc.Loss(mask < 0 ? mask + logits.dim(2) : mask);
    return Ops.apply(
            op,
            List.of(
                integers(a, "target"),
                logits,
                integers(a, "target_length"),
                integers(a, "output_length")))
        .get(0);
  }

  private static Tensor integers(OpArgs a, String name) {
    return Ops.cast(a.tensor(name), DType.INT32);
  }

  private static List<Tensor> ctcDecode(OpArgs a) {
    Tensor x = a.tensor("inputs");
    x = Ops.cast(x, Promotion.of(x.dtype(), DType.FLOAT32));
    String strategy = a.string("strategy");
    boolean greedy = strategy.equals("greedy");
    if (x.rank() != 3 || (!greedy && !strategy.equals("beam_search"))) {
      throw new ConfigException(
          "ctc_decode: expected inputs (batch, frames, classes) and strategy 'greedy' or"
              + " 'beam_search'. Received: "
              + x.shape()
              + ", strategy='"
              + strategy
              + "'");
    }
    int classes = x.dim(2);
    int mask = a.isNull("mask_index") ? classes - 1 : a.integer("mask_index");
    Ctc.Decode op =
        new Ctc.Decode(
            greedy ? 0 : a.integer("beam_width"),
            greedy ? 1 : a.integer("top_paths"),
            a.bool("merge_repeated"),
            mask < 0 ? mask + classes : mask);
    return Ops.apply(op, List.of(x, integers(a, "sequence_lengths")));
  }
}
