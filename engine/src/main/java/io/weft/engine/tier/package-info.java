/**
 * Which implementation of the kernel interfaces this process uses: portable Java or the Vector API.
 * Chosen once, logged, forced by the system property {@code weft.kernels}.
 */
package io.weft.engine.tier;
