/** The Transformer of "Attention Is All You Need", its caches and its ways to generate. */
package io.weft.systems.transformer;
