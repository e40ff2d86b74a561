package io.weft.layer;

import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.tensor.TensorSpec;
import io.weft.tensor.Variable;
import java.util.List;

/**
 * The mean of what the calls of a layer record under one name, as Keras' {@code Mean}: a scalar
 * counts once, other values once for each row. Without any it is 0.
 */
final class RunningMean implements Measure {
  private final String name;
  private final Variable total;
  private final Variable count;

  RunningMean(String owner, String name) {
    this.name = name;
    total = state(owner, "total");
    count = state(owner, "count");
  }

  private Variable state(String owner, String what) {
    TensorSpec spec = new TensorSpec(Shape.SCALAR, DType.FLOAT32);
    Variable v = new Variable(what, spec, false, true, () -> Tensor.scalar(0f));
    v.setPath(owner + "/" + name + "/" + what);
    return v;
  }

  @Override
  public String name() {
    return name;
  }

  /** Takes the values of a call in. Eager calls of several threads wait for each other. */
  synchronized void update(Tensor values) {
    Tensor v = Ops.cast(values, DType.FLOAT32);
    int rows = v.rank() == 0 ? 1 : v.dim(0);
    while (v.rank() > 1) {
      v = Ops.mean(v, new int[] {-1}, false);
    }
    total.assign(total.raw().plus(Ops.sum(v)));
    count.assign(count.raw().plus(Tensor.scalar((float) rows)));
  }

  @Override
  public Tensor result() {
    Tensor n = count.raw();
    Tensor none = Ops.equal(n, 0);
    return Ops.where(none, Tensor.scalar(0f), total.raw().divide(Ops.where(none, 1f, n)));
  }

  @Override
  public void reset() {
    total.assign(Tensor.scalar(0f));
    count.assign(Tensor.scalar(0f));
  }

  @Override
  public List<Variable> variables() {
    return List.of(total, count);
  }

  @Override
  public String toString() {
    return "Mean '" + name + "'";
  }
}
