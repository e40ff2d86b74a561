package io.weft.serialization;

import io.weft.config.Config;
import io.weft.format.LoadOptions;
import io.weft.format.Saveable;
import io.weft.format.SavedModel;
import io.weft.serialization.hdf5.Hdf5File;
import io.weft.serialization.state.StateReader;
import io.weft.serialization.state.WeightStore;
import java.util.List;

/** One or several files of the weight layout of Keras 3, without a config. */
final class WeightsOnly implements SavedModel {
  private final String file;
  private final List<Hdf5File> files;

  WeightsOnly(String file, List<Hdf5File> files) {
    this.file = file;
    this.files = files;
  }

  @Override
  public String file() {
    return file;
  }

  @Override
  public Config config() {
    return null;
  }

  @Override
  public String kerasVersion() {
    return null;
  }

  @Override
  public boolean hasWeights() {
    return true;
  }

  @Override
  public List<String> load(Saveable model, LoadOptions options) {
    WeightStore store = new WeightStore();
    files.forEach(f -> store.add(f.root()));
    return StateReader.load(file, store, model, options);
  }

  @Override
  public void close() {
    files.forEach(Hdf5File::close);
  }
}
