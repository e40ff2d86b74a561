/**
 * Sets that weights are brought back into after each step, as {@code keras.constraints}. Norms are
 * taken over {@code axis} (an integer or a list).
 */
package io.weft.constraints;
