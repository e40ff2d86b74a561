/** Layers that bring raw data into a form that models can learn from. */
package io.weft.layers.preprocessing;
