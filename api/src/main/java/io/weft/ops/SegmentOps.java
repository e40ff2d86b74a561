package io.weft.ops;

import static io.weft.ops.PublicOp.of;

import io.weft.error.ConfigException;
import io.weft.error.ShapeException;
import io.weft.tensor.DType;
import io.weft.tensor.HostArray;
import io.weft.tensor.Indexing.Combine;
import io.weft.tensor.Ops;
import io.weft.tensor.Segment;
import io.weft.tensor.Tensor;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Reductions by segment of {@code keras.ops.math}. */
final class SegmentOps {
  private SegmentOps() {}

  static List<PublicOp> table() {
    return List.of(
        segment("segment_sum", "SegmentSum", Combine.ADD),
        segment("segment_max", "SegmentMax", Combine.MAX),
        segment("segment_min", "SegmentMin", Combine.MIN),
        segment("segment_prod", "SegmentProd", Combine.MUL));
  }

  private static PublicOp segment(String function, String className, Combine combine) {
    return of(
        function,
        "math",
        className,
        "data, segment_ids | num_segments=None, sorted=False",
        a -> reduce(a, combine));
  }

  private static Tensor reduce(OpArgs a, Combine combine) {
    Tensor x = a.tensor("data");
    Tensor ids = a.tensor("segment_ids");
    boolean sorted = a.bool("sorted");
    if (ids.rank() != 1 || x.rank() < 1 || x.dim(0) != ids.dim(0)) {
      throw new ShapeException(
          a.function()
              + ": expected data (n, ...) and segment_ids (n,). Received: "
              + x.shape()
              + ", "
              + ids.shape());
    }
    if (sorted && !a.isNull("num_segments")) {
      throw new ConfigException(
          a.function()
              + ": num_segments must be None where sorted is true. Received: num_segments="
              + a.raw("num_segments"));
    }
    ids = ids.dtype().isInteger() ? ids : Ops.cast(ids, DType.INT32);
    int count =
        a.isNull("num_segments")
            ? count(a.function(), ids, combine == Combine.ADD && !sorted)
            : a.integer("num_segments");
    return Ops.apply1(new Segment(combine, count, empty(combine, sorted, x.dtype())), x, ids);
  }

  private static double empty(Combine combine, boolean sorted, DType d) {
    switch (combine) {
      case MUL:
        return 1;
      case MAX:
        return sorted ? 0 : Segment.lowest(d);
      case MIN:
        return sorted ? 0 : Segment.highest(d);
      default:
        return 0;
    }
  }

  /** As TensorFlow: how many different ids there are for sums, one more than the largest else. */
  private static int count(String function, Tensor ids, boolean different) {
    HostArray h = Concrete.of(function, ids);
    Set<Long> seen = new HashSet<>();
    long top = -1;
    for (int i = 0; i < h.size(); i++) {
      seen.add(h.longAt(i));
      top = Math.max(top, h.longAt(i));
    }
    return different ? seen.size() : Math.toIntExact(top + 1);
  }
}
