package io.weft.layer;

/**
 * An argument that files of a class may lack, and where their weights tell it: as a size of a
 * part's first weight.
 *
 * @param key the argument
 * @param part attributes from the layer to the part, as the weights of Keras 3 lie
 * @param variable end of the weight's name in files of Keras 2
 * @param axis which size of that weight it is
 */
public record ImpliedSize(String key, String part, String variable, int axis) {}
