package io.weft.tensor;

/** A value of a graph that is being captured; lives only as long as its trace. */
public final class TracedTensor extends Tensor {
  private final Trace trace;
  private final int id;

  TracedTensor(Trace trace, int id, TensorSpec spec) {
    this(trace, id, spec, null, null);
  }

  private TracedTensor(Trace trace, int id, TensorSpec spec, Tensor mask, Tensor identity) {
    super(spec, mask, identity);
    this.trace = trace;
    this.id = id;
  }

  Trace trace() {
    return trace;
  }

  int id() {
    return id;
  }

  @Override
  public Tensor withMask(Tensor newMask) {
    return new TracedTensor(trace, id, spec(), newMask, identity());
  }

  @Override
  public HostArray toHostArray() {
    throw new IllegalStateException(
        "A value of a captured graph has no numbers yet ("
            + trace.describe(id)
            + "). Compute with Ops instead of reading arrays inside call().");
  }
}
