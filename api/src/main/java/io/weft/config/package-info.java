/**
 * Configurations as Keras writes them: {@link io.weft.config.Config} is an ordered immutable tree,
 * {@link io.weft.config.Args} reads it with checks, {@link io.weft.config.Registry} turns it back
 * into objects without ever looking up a class by a name from a file.
 */
package io.weft.config;
