/** Benchmarks of kernels; whole models are timed by the command line's {@code bench}. */
package io.weft.bench;
