/**
 * NumPy's array files: {@code .npy} of versions 1 to 3 and {@code .npz}, to and from {@link
 * io.weft.tensor.HostArray}. Object arrays are Python pickles and always refused.
 */
package io.weft.serialization.npz;
