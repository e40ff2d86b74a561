/**
 * The public operations of {@code keras.ops} as a table: name, module and class as files hold them,
 * argument names with defaults, and a body in terms of {@link io.weft.tensor.Ops}. Model graphs,
 * files and the replay of recorded cases all read this one table.
 */
package io.weft.ops;
