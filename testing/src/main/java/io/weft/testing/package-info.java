/** Checks for layers and differentiable functions; they throw {@code AssertionError}. */
package io.weft.testing;
