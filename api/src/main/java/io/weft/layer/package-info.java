/**
 * The contract of layers: {@link io.weft.layer.Layer} reads its config, makes its weights,
 * computes, and is a node of model graphs. Shapes are written as in Keras: (batch, steps,
 * features).
 */
package io.weft.layer;
