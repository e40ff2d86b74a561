package io.weft.machinecode.loops;

/** A loop of a table: what is done to the vectors of a few runs, in the form of {@link RunCode}. */
interface LoopCode {
  /** Number of runs. */
  int operands();

  /** Number of scalars. */
  int scalars();

  /** Number in the table. */
  int ordinal();

  /** Writes the loop, and what comes before and after it. */
  void assemble(RunCode r);
}
