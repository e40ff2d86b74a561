/** The Hierarchical Perceiver (Carreira et al. 2022). */
package io.weft.systems.hip;
