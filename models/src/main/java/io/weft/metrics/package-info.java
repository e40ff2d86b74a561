/** Metrics with Keras' state, values and configs (keras-formats.md 6.6, E.2). */
package io.weft.metrics;
