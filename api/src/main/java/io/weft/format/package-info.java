/**
 * What a file format needs to know of a model, and what a model needs to know of a format: {@link
 * io.weft.format.Saveable} is walked by attribute paths as Keras walks its objects; {@link
 * io.weft.format.ModelFormat} is the service of a format; {@link io.weft.format.ModelFiles} chooses
 * one by a file's content, then by its name.
 */
package io.weft.format;
