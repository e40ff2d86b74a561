/** Model files: JSON configs, {@code .keras} archives, HDF5 and NPZ, read and written in Java. */
module io.weft.serialization {
  requires transitive io.weft.api;

  exports io.weft.serialization;
  exports io.weft.serialization.archive;
  exports io.weft.serialization.hdf5;
  exports io.weft.serialization.io;
  exports io.weft.serialization.json;
  exports io.weft.serialization.npz;
  exports io.weft.serialization.safetensors;

  provides io.weft.config.ConfigFormat with
      io.weft.serialization.JsonConfigs;
  provides io.weft.format.ModelFormat with
      io.weft.serialization.KerasFormat,
      io.weft.serialization.Hdf5Format,
      io.weft.serialization.JsonFormat;
}
