/**
 * Captured functions: {@link io.weft.compile.CompiledFunction} traces once per input signature,
 * lets the passes simplify the graph, and has a backend compile it.
 */
package io.weft.compile;
