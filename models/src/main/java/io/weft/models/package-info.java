/**
 * Models: {@link io.weft.models.Functional} graphs, {@link io.weft.models.Sequential} chains and
 * {@link io.weft.models.SubclassedModel}. A model is a layer, so models nest.
 */
package io.weft.models;
