/**
 * HDF5 as h5py writes it for Keras. {@link io.weft.serialization.hdf5.Hdf5File} reads a file, or a
 * member of an archive, into a tree of groups and datasets with limits everywhere; {@link
 * io.weft.serialization.hdf5.Hdf5Writer} writes the profile that h5py writes (superblock 0, symbol
 * tables, contiguous data). Links other than hard ones, external storage and virtual datasets are
 * never followed.
 */
package io.weft.serialization.hdf5;
