/**
 * Files of Keras 1 and 2, and the older HDF5 layout that Keras 3 still writes: configs are brought
 * into the form of Keras 3 before anything is made from them, weights into its layouts.
 */
package io.weft.serialization.legacy;
