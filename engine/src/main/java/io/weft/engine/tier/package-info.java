/**
 * Which implementation of the kernel interfaces this process uses: portable Java, the Vector API,
 * or machine code from another module. Chosen once, logged, forced by the system property {@code
 * weft.kernels}.
 */
package io.weft.engine.tier;
