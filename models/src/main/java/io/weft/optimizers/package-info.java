/**
 * Optimizers with Keras' arithmetic, variable order and configs. Formulas: keras-formats.md 6.2,
 * 6.3.
 */
package io.weft.optimizers;
