/**
 * Loops over runs of floats: functions of one value, sums, and what softmax and norms consist of.
 */
package io.weft.machinecode.loops;
