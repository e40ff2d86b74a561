/**
 * Control flow: conditions and loops over tensors. Outside of a capture they run as Java does, so a
 * tape sees every op; inside one they become one op that holds the captured bodies as graphs, with
 * derivatives made of the same three ops. Bodies may use tensors and variables from outside, but
 * not assign variables.
 */
package io.weft.control;
