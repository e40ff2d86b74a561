package io.weft.engine.op;

/**
 * A computation on whole arrays, made for given specs. Stateless, so any number of threads may run
 * one. Result arrays may hold old numbers; a kernel writes all of them and keeps no array.
 */
public interface Kernel {
  void run(Object[] in, Object[] out);
}
