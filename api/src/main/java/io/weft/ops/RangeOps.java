package io.weft.ops;

import io.weft.error.ConfigException;
import io.weft.tensor.DType;
import io.weft.tensor.HostArray;
import io.weft.tensor.Ops;
import io.weft.tensor.Promotion;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.List;

/** Evenly spaced numbers: linspace, logspace, geomspace. */
final class RangeOps {
  private static final String HEAD = "start, stop | num=50, endpoint=True";

  private RangeOps() {}

  static List<PublicOp> table() {
    Table t = new Table("numpy");
    t.op(
        "linspace",
        "Linspace",
        HEAD + ", retstep=False, dtype=None, axis=0",
        a -> {
          Tensor[] r = linspace(a, a.operand("start"), a.operand("stop"), a.dtype("dtype"));
          return a.bool("retstep") ? List.of(r) : r[0];
        });
    t.op(
        "logspace",
        "Logspace",
        HEAD + ", base=10, dtype=None, axis=0",
        a -> {
          Tensor x = linspace(a, a.operand("start"), a.operand("stop"), a.dtype("dtype"))[0];
          return Ops.power(Promotion.convert(a.operand("base"), x.dtype()), x);
        });
    t.op("geomspace", "Geomspace", HEAD + ", dtype=None, axis=0", RangeOps::geomspace);
    return t.list();
  }

  private static Tensor geomspace(OpArgs a) {
    DType d = CreationOps.orFloat32(a.dtype("dtype"));
    Tensor start = Ops.cast(a.tensor("start"), d);
    Tensor stop = Ops.cast(a.tensor("stop"), d);
    Tensor x = linspace(a, log10(start), log10(stop), a.dtype("dtype"))[0];
    return Ops.power(10, x).times(Ops.cast(Ops.sign(start), x.dtype()));
  }

  private static Tensor log10(Tensor x) {
    return Ops.log(Ops.abs(x)).divide(Math.log(10));
  }

  /** The numbers and the step between them. */
  private static Tensor[] linspace(OpArgs a, Object start, Object stop, DType dtype) {
    int num = a.integer("num");
    boolean endpoint = a.bool("endpoint");
    if (num < 0) {
      throw new ConfigException("linspace: num must not be negative. Received: num=" + num);
    }
    DType d = dtype == null ? Dtypes.floating(start, stop) : dtype;
    DType wide = d.isFloating() ? d : DType.FLOAT64;
    Tensor lo = Ops.cast(Promotion.convert(start, d), wide);
    Tensor hi = Ops.cast(Promotion.convert(stop, d), wide);
    Tensor step = Tensor.scalar(Double.NaN, DType.FLOAT32);
    if (num > 1 || (num == 1 && !endpoint)) {
      step = Ops.subtract(hi, lo).divide(endpoint ? num - 1 : num);
    }
    Tensor last = endpoint || num <= 1 ? hi : Ops.subtract(hi, step);
    Tensor y = between(lo, last, num, a.integer("axis"));
    y = Ops.cast(d.isFloating() ? y : Ops.floor(y), d);
    return new Tensor[] {y, step};
  }

  /** num numbers from lo to hi along a new axis; both ends are exact. */
  static Tensor between(Tensor lo, Tensor hi, int num, int axis) {
    Shape s = Shape.broadcast(lo.shape(), hi.shape());
    Tensor from = Ops.broadcastTo(lo, s);
    Tensor to = Ops.broadcastTo(hi, s);
    int rank = s.rank() + 1;
    int a = axis < 0 ? axis + rank : axis;
    HostArray counts = HostArray.zeros(lo.dtype(), Shape.of(num));
    for (int i = 0; i < num; i++) {
      counts.set(i, (long) i);
    }
    int[] along = new int[rank];
    java.util.Arrays.fill(along, 1);
    if (a < 0 || a >= rank) {
      throw new ConfigException("linspace: axis is out of range. Received: axis=" + axis);
    }
    along[a] = num;
    Tensor i = Tensor.ofTrusted(counts).reshape(along);
    Tensor delta = Ops.subtract(to, from).divide(Math.max(1, num - 1));
    Tensor y = Ops.expandDims(from, a).plus(Ops.expandDims(delta, a).times(i));
    return num <= 1 ? y : Ops.where(Ops.equal(i, num - 1), Ops.expandDims(to, a), y);
  }
}
