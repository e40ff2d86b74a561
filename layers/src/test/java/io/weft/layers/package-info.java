/** Tests of all layers at once; single layers are tested beside their packages. */
package io.weft.layers;
