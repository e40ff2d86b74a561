package io.weft.ops;

import static io.weft.ops.PublicOp.of;

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
    return t;
  }
}
