/** The catalogue of this module, found through {@code ServiceLoader}. Not exported. */
package io.weft.layers.internal;
