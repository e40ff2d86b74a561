package io.weft.serialization.hdf5;

import io.weft.error.ModelFormatException;
import io.weft.tensor.DType;
import io.weft.tensor.HostArray;
import io.weft.tensor.Shape;
import io.weft.tensor.TensorSpec;
import java.util.Map;
import java.util.function.Supplier;

/** A dataset: its shape and dtype are known at once, its elements are read when asked for. */
public final class Hdf5Dataset extends Hdf5Node {
  private final Shape shape;
  private final DType dtype;
  private final String typeText;
  private final Supplier<HostArray> reader;

  Hdf5Dataset(
      String where,
      Supplier<Map<String, Supplier<HostArray>>> attributes,
      Shape shape,
      DType dtype,
      String typeText,
      Supplier<HostArray> reader) {
    super(where, attributes);
    this.shape = shape;
    this.dtype = dtype;
    this.typeText = typeText;
    this.reader = reader;
  }

  /** The size, before anything is read. */
  public Shape shape() {
    return shape;
  }

  /** The element type; one that Weft cannot hold is refused. */
  public DType dtype() {
    if (dtype == null) {
      throw new ModelFormatException(
          where + ": expected booleans, numbers or strings. Received: " + typeText);
    }
    return dtype;
  }

  public TensorSpec spec() {
    return new TensorSpec(shape, dtype());
  }

  /** Reads the elements; a fresh array on each call. */
  public HostArray read() {
    dtype();
    return reader.get();
  }
}
