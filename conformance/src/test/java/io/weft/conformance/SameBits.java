package io.weft.conformance;

import io.weft.models.Model;
import io.weft.models.Models;
import io.weft.optimizers.Adam;
import io.weft.random.Seeds;
import io.weft.serialization.npz.Npz;
import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.zip.CRC32;

/**
 * Prints a line for each recorded model: check sums of the bits of predictions, which must not
 * change once weights are packed, and of the weights after two steps of training, for so many rows
 * that threads share the work. A program of its own, because a process has one worker team and one
 * kernel tier.
 */
final class SameBits {
  private static final int REPEATS = 40;

  private SameBits() {}

  public static void main(String[] files) {
    PrintStream out = System.out;
    for (String file : files) {
      Path p = Path.of(file);
      Seeds.set(7);
      Model model = Models.load(p);
      Tensor x;
      try (Npz npz =
          Npz.open(p.resolveSibling(p.getFileName().toString().replace(".keras", ".npz")))) {
        x = Tensor.of(npz.array("in"));
      }
      int[] repeats = new int[x.rank()];
      java.util.Arrays.fill(repeats, 1);
      repeats[0] = REPEATS;
      Tensor rows = Ops.tile(x, repeats);
      List<Tensor> y = model.trainer().predictOnBatch(List.of(rows));
      String predicted = sum(y);
      for (int i = 0; i < 2; i++) { // by now weights are packed
        String again = sum(model.trainer().predictOnBatch(List.of(rows)));
        if (!again.equals(predicted)) {
          throw new IllegalStateException(p + ": a later prediction has other bits");
        }
      }
      model.compile(new Adam(0.01), "mse");
      List<Tensor> targets =
          y.stream().map(t -> Ops.cast(Ops.zerosLike(t), DType.FLOAT32)).toList();
      for (int i = 0; i < 2; i++) {
        model
            .trainer()
            .trainOnBatch(List.of(rows), targets, Collections.nCopies(targets.size(), null));
      }
      out.println(p.getFileName() + " " + predicted + " " + sum(model.getWeights()));
    }
  }

  private static String sum(List<Tensor> tensors) {
    CRC32 crc = new CRC32();
    for (Tensor t : tensors) {
      for (double v : t.toDoubleArray()) {
        crc.update(ByteBuffer.allocate(Double.BYTES).putLong(Double.doubleToRawLongBits(v)).flip());
      }
    }
    return Long.toHexString(crc.getValue());
  }
}
