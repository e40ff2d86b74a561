/**
 * Keras' model files as {@link io.weft.format.ModelFormat}s: the {@code .keras} archive and folder,
 * {@code .weights.h5} with its shards, whole models and weights in the older HDF5 layout, JSON
 * configs.
 */
package io.weft.serialization;
