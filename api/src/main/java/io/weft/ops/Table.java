package io.weft.ops;

import java.util.ArrayList;
import java.util.List;

/** Collects the ops of one Keras source file. */
final class Table {
  private final String file;
  private final List<PublicOp> ops = new ArrayList<>();

  /** Ops of {@code keras.src.ops.<file>}. */
  Table(String file) {
    this.file = file;
  }

  /** Adds an op; arguments as in {@link PublicOp#of}. */
  void op(String function, String className, String signature, PublicOp.Body body) {
    ops.add(PublicOp.of(function, file, className, signature, body));
  }

  List<PublicOp> list() {
    return List.copyOf(ops);
  }
}
