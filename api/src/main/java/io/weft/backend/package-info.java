/**
 * What a compute device must offer: opaque storage, explicit transfers, and compiling and running
 * graphs of ops. Backends never appear in layer code.
 */
package io.weft.backend;
