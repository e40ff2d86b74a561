package io.weft.engine.op;

import io.weft.tensor.Bitcast;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The kernel of {@link Bitcast}: through bytes, whatever the arrays are. */
final class BitcastKernels {
  private BitcastKernels() {}

  static void register(Kernels k) {
    k.put(
        Bitcast.class,
        (op, in, out) -> {
          int bytes = Math.multiplyExact(in.get(0).shape().intSize(), in.get(0).dtype().bytes());
          return (x, y) -> {
            ByteBuffer b = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
            put(x[0], b);
            get(b, y[0]);
          };
        });
  }

  private static void put(Object x, ByteBuffer b) {
    if (x instanceof float[] f) {
      b.asFloatBuffer().put(f);
    } else if (x instanceof double[] d) {
      b.asDoubleBuffer().put(d);
    } else if (x instanceof long[] l) {
      b.asLongBuffer().put(l);
    } else if (x instanceof int[] i) {
      b.asIntBuffer().put(i);
    } else if (x instanceof short[] s) {
      b.asShortBuffer().put(s);
    } else {
      b.duplicate().put((byte[]) x);
    }
  }

  private static void get(ByteBuffer b, Object y) {
    if (y instanceof float[] f) {
      b.asFloatBuffer().get(f);
    } else if (y instanceof double[] d) {
      b.asDoubleBuffer().get(d);
    } else if (y instanceof long[] l) {
      b.asLongBuffer().get(l);
    } else if (y instanceof int[] i) {
      b.asIntBuffer().get(i);
    } else if (y instanceof short[] s) {
      b.asShortBuffer().get(s);
    } else {
      b.duplicate().get((byte[]) y);
    }
  }
}
