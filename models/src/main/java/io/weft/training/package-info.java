/**
 * Training: what {@code compile} takes, the steps that are captured, the loops over epochs and
 * batches, callbacks. Knows layers, not kinds of models.
 */
package io.weft.training;
