/** Perceiver and Perceiver IO (Jaegle et al. 2021). */
package io.weft.systems.perceiver;
