/**
 * Values, ops and graphs of ops. A {@link io.weft.tensor.Tensor} is a value; an {@link
 * io.weft.tensor.Op} computes values from values and knows its shape rule and derivative; {@link
 * io.weft.tensor.Ops} is the facade; a {@link io.weft.tensor.Trace} captures a {@link
 * io.weft.tensor.Graph}. They know each other by nature and so form one package. Shapes are written
 * as in Keras: (batch, steps, features).
 */
package io.weft.tensor;
