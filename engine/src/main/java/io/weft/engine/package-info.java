/**
 * The backend in plain Java: storage is one Java array a tensor, ops are kernels of {@code
 * io.weft.engine.op}, and a compiled graph is a list of kernels over slots.
 */
package io.weft.engine;
