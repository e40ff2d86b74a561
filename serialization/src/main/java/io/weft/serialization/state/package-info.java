/**
 * The state of a model on its way to and from files: the walk by attribute paths, the weight layout
 * of Keras 3, and assignments that happen all or not at all.
 */
package io.weft.serialization.state;
