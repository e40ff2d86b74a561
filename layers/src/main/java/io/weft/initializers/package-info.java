/**
 * Initial values of weights, as {@code keras.initializers}. A random initializer without a seed
 * draws one when it is made, so that one instance gives the same numbers for the same shape each
 * time.
 */
package io.weft.initializers;
