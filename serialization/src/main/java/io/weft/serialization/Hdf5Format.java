package io.weft.serialization;

import io.weft.format.ModelFormat;
import io.weft.format.Saveable;
import io.weft.format.SavedModel;
import io.weft.serialization.hdf5.Hdf5File;
import io.weft.serialization.hdf5.Hdf5Group;
import io.weft.serialization.hdf5.Hdf5Writer;
import io.weft.serialization.legacy.LegacyFile;
import io.weft.serialization.legacy.LegacyWriter;
import io.weft.serialization.state.StateWriter;
import java.nio.file.Path;
import java.util.List;

/**
 * HDF5 files, whatever their name: the weights of Keras 3, and whole models or weights in the
 * layout of Keras 1 and 2, told apart by their content. Written are weights to names that end with
 * {@code .weights.h5} and whole models to other names.
 */
public final class Hdf5Format implements ModelFormat {
  @Override
  public String name() {
    return "HDF5 file";
  }

  @Override
  public boolean canRead(Path file, byte[] head) {
    return head.length == 8
        && head[0] == (byte) 0x89
        && head[1] == 'H'
        && head[2] == 'D'
        && head[3] == 'F';
  }

  @Override
  public boolean canWrite(Path file) {
    return file.toString().endsWith(".h5") || file.toString().endsWith(".hdf5");
  }

  @Override
  public SavedModel open(Path file) {
    Hdf5File h5 = Hdf5File.open(file);
    try {
      return isLegacy(h5.root())
          ? new LegacyFile(file.toString(), h5)
          : new WeightsOnly(file.toString(), List.of(h5));
    } catch (RuntimeException e) {
      h5.close();
      throw e;
    }
  }

  private static boolean isLegacy(Hdf5Group root) {
    return root.hasAttribute("layer_names")
        || root.hasAttribute("layer_names0")
        || root.hasAttribute("model_config")
        || root.names().contains("model_weights");
  }

  @Override
  public void write(Path file, Saveable model) {
    if (file.toString().endsWith(".weights.h5")) {
      Hdf5Writer.write(file, StateWriter.groups(model));
    } else {
      LegacyWriter.write(
          file, ConfigText.envelope(file.toString(), model), model, ConfigText.KERAS_VERSION);
    }
  }
}
