/** Core layers: input, dense, embedding, masking and the like. */
package io.weft.layers.core;
