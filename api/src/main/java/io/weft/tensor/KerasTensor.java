package io.weft.tensor;

/** The output of a layer or op in a model graph: shape, dtype and where it comes from. */
public final class KerasTensor extends Tensor {
  private final Producer producer;
  private final int index;

  /** Output {@code index} (in flattening order) of a node. Sizes may be unknown. */
  public KerasTensor(TensorSpec spec, Producer producer, int index) {
    this(spec, producer, index, null, null);
  }

  private KerasTensor(TensorSpec spec, Producer producer, int index, Tensor mask, Tensor identity) {
    super(spec, mask, identity);
    this.producer = producer;
    this.index = index;
  }

  public Producer producer() {
    return producer;
  }

  public int index() {
    return index;
  }

  @Override
  public Tensor withMask(Tensor newMask) {
    return new KerasTensor(spec(), producer, index, newMask, identity());
  }

  @Override
  public HostArray toHostArray() {
    throw new IllegalStateException(
        "A Keras tensor has no numbers: it is an output of '"
            + producer.producerName()
            + "' in a model graph. Make a model of it and call predict.");
  }
}
