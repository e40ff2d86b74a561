/**
 * Recurrent layers: cells compute one step, layers loop a cell over the time axis. Shapes are
 * written (batch, steps, features); states are (batch, units).
 */
package io.weft.layers.rnn;
