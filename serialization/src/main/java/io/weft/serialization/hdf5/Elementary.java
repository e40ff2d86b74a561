package io.weft.serialization.hdf5;

import io.weft.error.ModelFormatException;
import io.weft.serialization.hdf5.Metadata.Cursor;
import io.weft.serialization.io.ByteSource;
import io.weft.serialization.io.Elements;
import io.weft.tensor.DType;
import io.weft.tensor.HostArray;
import io.weft.tensor.Shape;
import java.nio.ByteBuffer;

/** Elements of a type from the bytes of a contiguous array. */
final class Elementary {
  private final Metadata file;
  private final GlobalHeap heap;

  Elementary(Metadata file) {
    this.file = file;
    this.heap = new GlobalHeap(file);
  }

  /** The elements of an array whose bytes are at hand; more bytes than needed may follow. */
  HostArray decode(String who, Hdf5Type type, Shape shape, byte[] data) {
    int n = Elements.count(who, shape);
    if (type.dtype() == null) {
      throw new ModelFormatException(
          who + ": expected booleans, numbers or strings. Received: " + type.text());
    }
    if ((long) n * type.size() > data.length) {
      throw new ModelFormatException(
          who
              + ": expected "
              + (long) n * type.size()
              + " bytes for shape "
              + shape
              + ". Received: "
              + data.length);
    }
    if (type.kind() == Hdf5Type.Kind.NUMBER) {
      return Elements.read(ByteSource.of(who, data), 0, type.dtype(), type.order(), shape);
    }
    String[] texts = new String[n];
    Cursor c = new Cursor(file, ByteBuffer.wrap(data));
    for (int i = 0; i < n; i++) {
      if (type.kind() == Hdf5Type.Kind.VARIABLE_STRING) {
        texts[i] = heap.text(c.part(type.size()));
      } else {
        texts[i] = Hdf5Type.fixedText(data, i * type.size(), type.size());
      }
    }
    return new HostArray(DType.STRING, shape, texts);
  }
}
