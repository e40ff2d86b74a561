/**
 * What lies outside of the Java heap: executable memory, the one call into it, the CPU's features,
 * aligned memory for packed numbers. The only package that calls restricted methods.
 */
package io.weft.machinecode.memory;
